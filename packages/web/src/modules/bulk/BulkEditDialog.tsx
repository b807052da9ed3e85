import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack } from '@mantine/core';
import { assetResource } from '@muster/api/assets';
import { type BulkField, bulkFields, type BulkSelection } from '@muster/api/bulk-changes';
import type { Field } from '@muster/api/fields';
import { type ReactNode, useState } from 'react';
import { fieldLabel, t } from '../../app/messages.ts';
import { CloseIcon } from '../../ui/Icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { type CustomDraft, customErrors, sentValues, useCustomFields } from '../../ui/custom/custom-fields.ts';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { FieldInput, type FieldInputValue } from '../assets/FieldEditor.tsx';
import { usePreview } from './use-preview.ts';

const labelOf = (field: BulkField): string =>
  fieldLabel((assetResource.fields as Record<string, Field | undefined>)[field]?.label ?? (field === 'notes' ? 'Notes' : field));

interface Chosen {
  field: BulkField;
  value: FieldInputValue;
  release: boolean;
}

/** Custom fields that were chosen: their values, and those whose value is taken away. */
interface ChosenCustom {
  keys: readonly string[];
  draft: CustomDraft;
  cleared: readonly string[];
}

/** Chooses which fields of the assets get which values. Nothing changes before the preview is applied. */
export function BulkEditDialog({ selection, count, onClose }: { selection: BulkSelection; count: string; onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen[]>([]);
  const [own, setOwn] = useState<ChosenCustom>({ keys: [], draft: {}, cleared: [] });
  const customFields = useCustomFields('assets').filter((f) => f.type !== 'encrypted');
  const chosenFields = customFields.filter((f) => own.keys.includes(f.key));
  const preview = usePreview(selection, 'set_fields');
  const left = [
    ...bulkFields.filter((f) => !chosen.some((c) => c.field === f)).map((value) => ({ value: value as string, label: labelOf(value) })),
    ...customFields.filter((f) => !own.keys.includes(f.key)).map((f) => ({ value: `custom.${f.key}`, label: f.label })),
  ];
  const given = sentValues(
    chosenFields,
    Object.fromEntries(own.keys.map((key) => [key, own.cleared.includes(key) ? null : own.draft[key]])),
  );
  const put = (field: BulkField, patch: Partial<Chosen>): void =>
    setChosen(chosen.map((c) => (c.field === field ? { ...c, ...patch } : c)));
  const without = (keys: readonly string[], key: string): string[] => keys.filter((one) => one !== key);
  const add = (name: string): void => {
    const key = /^custom\.(.+)$/.exec(name)?.[1];
    if (key !== undefined) setOwn({ ...own, keys: [...own.keys, key] });
    else setChosen([...chosen, { field: name as BulkField, value: null, release: false }]);
  };
  const isEmpty = (c: Chosen): boolean => !c.release && (c.value === null || c.value === '');
  const incomplete = chosen.some(isEmpty) || own.keys.some((key) => !own.cleared.includes(key) && (given[key] ?? null) === null);
  const plain = (value: FieldInputValue): string | number | null => (typeof value === 'object' && value !== null ? value.id : value);
  return (
    <Modal opened onClose={onClose} title={t('bulk.editTitle', { count })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const values = Object.fromEntries(chosen.map((c) => [c.field, c.release ? null : plain(c.value)]));
          preview.mutate({ values: own.keys.length === 0 ? values : { ...values, custom: given } });
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={preview.error} />
          {chosen.map((c) => (
            <ChosenField
              key={c.field}
              label={labelOf(c.field)}
              onRemove={() => setChosen(chosen.filter((one) => one.field !== c.field))}
              without={
                c.field === 'class' ? null : { word: t('bulk.release'), checked: c.release, set: (release) => put(c.field, { release }) }
              }
            >
              <FieldInput field={c.field} label={labelOf(c.field)} value={c.value} onChange={(value) => put(c.field, { value })} />
            </ChosenField>
          ))}
          {chosenFields.map((field) => (
            <ChosenField
              key={field.key}
              label={field.label}
              onRemove={() => setOwn({ ...own, keys: without(own.keys, field.key), cleared: without(own.cleared, field.key) })}
              without={
                field.required
                  ? null
                  : {
                      word: t('bulk.takeAway'),
                      checked: own.cleared.includes(field.key),
                      set: (on) => setOwn({ ...own, cleared: on ? [...own.cleared, field.key] : without(own.cleared, field.key) }),
                    }
              }
            >
              <CustomInputs
                fields={[field]}
                draft={own.draft}
                onChange={(draft) => setOwn({ ...own, draft })}
                errors={customErrors(preview.error)}
              />
            </ChosenField>
          ))}
          <Select label={t('bulk.addField')} data={left} value={null} onChange={(value) => value && add(value)} searchable />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={preview.isPending} disabled={chosen.length + own.keys.length === 0 || incomplete}>
              {t('bulk.preview')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface ChosenFieldProps {
  label: string;
  onRemove: () => void;
  /** The choice to have no value instead; null where there must be one. */
  without: { word: string; checked: boolean; set: (on: boolean) => void } | null;
  children: ReactNode;
}

function ChosenField({ label, onRemove, without, children }: ChosenFieldProps) {
  return (
    <div>
      <Group wrap="nowrap" align="end">
        <div style={{ flex: 1 }}>{without?.checked ? label : children}</div>
        <ActionIcon variant="default" aria-label={t('bulk.removeField', { field: label })} onClick={onRemove}>
          <CloseIcon />
        </ActionIcon>
      </Group>
      {without && (
        <Checkbox
          mt={6}
          size="xs"
          label={without.word}
          checked={without.checked}
          onChange={(event) => without.set(event.currentTarget.checked)}
        />
      )}
    </div>
  );
}
