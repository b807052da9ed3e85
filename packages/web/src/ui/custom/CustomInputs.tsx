import { Group, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import type { CustomField } from '@muster/api/custom-fields';
import type { Ref } from '@muster/api/fields';
import { personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import type { ListRoutes } from '@muster/api/resource';
import { t } from '../../app/messages.ts';
import { RefSelect } from '../RefSelect.tsx';
import type { CustomDraft } from './custom-fields.ts';

interface Props {
  fields: readonly CustomField[];
  draft: CustomDraft;
  onChange: (draft: CustomDraft) => void;
  errors: Record<string, string>;
}

/** An input for each custom field, by its type. Encrypted ones are set on the record itself. */
export function CustomInputs({ fields, draft, onChange, errors }: Props) {
  return fields
    .filter((field) => field.type !== 'encrypted')
    .map((field) => (
      <CustomInput
        key={field.key}
        field={field}
        value={draft[field.key]}
        onChange={(value) => onChange({ ...draft, [field.key]: value })}
        error={errors[field.key]}
      />
    ));
}

interface InputProps {
  field: CustomField;
  value: unknown;
  onChange: (value: unknown) => void;
  error: string | undefined;
}

const references: Partial<Record<CustomField['type'], unknown>> = {
  person: personListRoutes,
  place: placeListRoutes,
  asset: assetListRoutes,
};

function CustomInput({ field, value, onChange, error }: InputProps) {
  const shared = { label: field.label, description: field.help ?? undefined, required: field.required, error };
  const text = typeof value === 'string' ? value : '';
  const choices = field.options.filter((o) => !o.retired || o.value === value || (Array.isArray(value) && value.includes(o.value)));
  const data = choices.map((o) => ({ value: o.value, label: o.label }));
  const routes = references[field.type];
  if (routes)
    return <RefSelect {...shared} routes={routes as ListRoutes} value={(value as Ref | null | undefined) ?? null} onChange={onChange} />;
  switch (field.type) {
    case 'number':
      return (
        <NumberInput
          {...shared}
          suffix={field.unit === null ? '' : ` ${field.unit}`}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : null)}
        />
      );
    case 'boolean':
      return (
        <Select
          {...shared}
          clearable={!field.required}
          data={[
            { value: 'true', label: t('value.yes') },
            { value: 'false', label: t('value.no') },
          ]}
          value={typeof value === 'boolean' ? String(value) : null}
          onChange={(next) => onChange(next === null ? null : next === 'true')}
        />
      );
    case 'choice':
      return <Select {...shared} clearable={!field.required} searchable data={data} value={text || null} onChange={onChange} />;
    case 'multi_choice':
      return (
        <MultiSelect
          {...shared}
          clearable
          searchable
          data={data}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={onChange}
        />
      );
    case 'money':
      return <MoneyInput field={field} value={value} onChange={onChange} error={error} />;
    default:
      return (
        <TextInput
          {...shared}
          type={field.type === 'date' ? 'date' : field.type === 'url' ? 'url' : 'text'}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

function MoneyInput({ field, value, onChange, error }: InputProps) {
  const money = (value as { amount: string; currency: string } | null | undefined) ?? { amount: '', currency: 'EUR' };
  return (
    <Group gap="xs" align="end" wrap="nowrap">
      <TextInput
        label={field.label}
        description={field.help ?? undefined}
        required={field.required}
        error={error}
        inputMode="decimal"
        value={money.amount}
        onChange={(event) => onChange({ ...money, amount: event.currentTarget.value.trim() })}
        flex={1}
      />
      <TextInput
        aria-label={t('custom.currency', { name: field.label })}
        w={72}
        maxLength={3}
        value={money.currency}
        onChange={(event) => onChange({ ...money, currency: event.currentTarget.value.toUpperCase() })}
      />
    </Group>
  );
}
