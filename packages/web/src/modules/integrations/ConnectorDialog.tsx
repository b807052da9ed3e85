import { Button, Checkbox, Group, Modal, NumberInput, PasswordInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { ApiProblem } from '@muster/api/client';
import {
  type Connector,
  connectorKind,
  type ConnectorKindKey,
  connectorKindKeys,
  createConnector,
  type SettingField,
  updateConnector,
} from '@muster/api/connectors';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';

type Value = string | number | boolean;

const schedules = ['60', '240', '1440', '10080'] as const;

/** Adds a connector, or changes one: its inputs follow from the description of its kind. */
export function ConnectorDialog({ connector, onClose }: { connector?: Connector; onClose: (id?: string) => void }) {
  const [kind, setKind] = useState<ConnectorKindKey>(connector?.kind ?? connectorKindKeys[0]);
  const [name, setName] = useState(connector?.name ?? '');
  const [every, setEvery] = useState(connector ? String(connector.everyMinutes ?? '') : '1440');
  const [enabled, setEnabled] = useState(connector?.enabled ?? true);
  const [values, setValues] = useState<Record<string, Value>>(connector?.settings ?? {});
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<unknown>(null);
  const fields = Object.entries(connectorKind(kind).settings);
  const save = useChange(
    async () => {
      const everyMinutes = every === '' ? null : Number(every);
      const given = Object.fromEntries(Object.entries(secrets).filter(([, secret]) => secret !== ''));
      const settings = Object.fromEntries(
        fields.flatMap(([key, field]) => {
          const value = values[key] ?? (connector ? undefined : field.default);
          return field.type === 'secret' || value === undefined || value === '' ? [] : [[key, value]];
        }),
      );
      if (!connector) return (await call(createConnector, { body: { kind, name, enabled, everyMinutes, settings, secrets: given } })).data;
      const body = { name, enabled, everyMinutes, settings, secrets: given };
      return (await call(updateConnector, { params: { id: connector.id }, body, ifMatch: `"${connector.version}"` })).data;
    },
    { onDone: (saved) => onClose(saved.id), onError: (error) => showProblem(error) },
  );
  const showProblem = (error: unknown): void => {
    const found = error instanceof ApiProblem ? (error.errors ?? []) : [];
    setErrors(Object.fromEntries(found.map((e) => [e.field.replace(/^body\./, ''), e.message])));
    setProblem(found.length > 0 ? null : error);
  };
  const title = connector ? t('connector.editTitle', { name: connector.name }) : t('connector.new');
  return (
    <Modal opened onClose={() => onClose()} size="lg" title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setErrors({});
          setProblem(null);
          save.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <Select
            label={t('connector.kind')}
            description={connectorKind(kind).about}
            data={connectorKindKeys.map((key) => ({ value: key, label: connectorKind(key).label }))}
            value={kind}
            onChange={(next) => next && setKind(next)}
            allowDeselect={false}
            disabled={connector !== undefined}
          />
          <TextInput
            label={t('connector.name')}
            required
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            error={errors['name']}
            data-autofocus
          />
          {fields.map(([key, field]) =>
            field.type === 'secret' ? (
              <PasswordInput
                key={key}
                label={field.label}
                description={connector ? t('connector.secretKept') : field.about}
                required={!field.optional && !connector}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': t('connector.showSecret') }}
                value={secrets[key] ?? ''}
                onChange={(e) => setSecrets({ ...secrets, [key]: e.currentTarget.value })}
                error={errors[`secrets.${key}`]}
              />
            ) : (
              <SettingInput
                key={key}
                field={field}
                value={values[key] ?? field.default}
                error={errors[`settings.${key}`]}
                onChange={(value) => setValues({ ...values, [key]: value })}
              />
            ),
          )}
          <Select
            label={t('connector.every')}
            data={[
              { value: '', label: t('connector.byHand') },
              ...[...new Set<string>([...schedules, every])]
                .filter((minutes) => minutes !== '')
                .map((minutes) => ({ value: minutes, label: scheduleWord(Number(minutes)) })),
            ]}
            value={every}
            onChange={(next) => setEvery(next ?? '')}
            allowDeselect={false}
            error={errors['everyMinutes']}
          />
          <Checkbox label={t('connector.enabled')} checked={enabled} onChange={(e) => setEnabled(e.currentTarget.checked)} />
          <p className="dimmed">{t('connector.permissions', { permissions: permissionsOf(kind) })}</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose()}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {connector ? t('action.save') : t('connector.new')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const permissionsOf = (kind: ConnectorKindKey): string => [...new Set(connectorKind(kind).scopes.map((s) => s.permission))].join(', ');

/** How often, in the largest unit that is whole. */
export function scheduleWord(minutes: number): string {
  if (minutes % 1440 === 0) return tn('connector.everyDays', minutes / 1440);
  return minutes % 60 === 0 ? tn('connector.everyHours', minutes / 60) : t('connector.everyMinutes', { n: minutes });
}

function SettingInput({
  field,
  value,
  error,
  onChange,
}: {
  field: SettingField;
  value: Value | undefined;
  error: string | undefined;
  onChange: (value: Value) => void;
}) {
  const shared = { label: field.label, description: field.about, error, required: !field.optional && field.type !== 'boolean' };
  const text = value === undefined ? '' : String(value);
  if (field.type === 'boolean')
    return (
      <Checkbox
        label={field.label}
        description={field.about}
        error={error}
        checked={value === true}
        onChange={(e) => onChange(e.currentTarget.checked)}
      />
    );
  if (field.type === 'integer') return <NumberInput {...shared} value={text} onChange={(next) => onChange(Number(next))} />;
  if (field.type === 'choice')
    return (
      <Select
        {...shared}
        data={(field.values ?? []).map((one) => ({ value: one, label: wordOf(one) }))}
        value={text}
        onChange={(next) => next && onChange(next)}
        allowDeselect={false}
      />
    );
  if (field.type === 'mapping')
    return <Textarea {...shared} autosize minRows={4} value={text} onChange={(e) => onChange(e.currentTarget.value)} />;
  return <TextInput {...shared} value={text} onChange={(e) => onChange(e.currentTarget.value)} />;
}
