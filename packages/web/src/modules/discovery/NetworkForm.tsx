import {
  Checkbox,
  Fieldset,
  Group,
  Input,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { enrolmentKeyListRoutes } from '@muster/api/access';
import { agentListRoutes } from '@muster/api/agents';
import { ApiProblem } from '@muster/api/client';
import type { Ref } from '@muster/api/fields';
import { readRanges } from '@muster/api/ip-ranges';
import { createScanRange, credentialSetListRoutes, type ScanRange, updateScanRange } from '@muster/api/scans';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useChange } from '../../ui/record-change.ts';

interface Values extends Record<string, unknown> {
  name: string;
  by: 'collector' | 'agent';
  collectorId: string | null;
  agentId: Ref | null;
  ranges: string;
  excluded: string;
  credentialIds: string[];
  everyHours: number | string;
  enabled: boolean;
  allowPublic: boolean;
  hostBudget: number | string;
  ratePerSecond: number | string;
  concurrency: number | string;
  timeoutMs: number | string;
  hostSeconds: number | string;
  maxRows: number | string;
  tcpPorts: string;
  snmpPort: number | string;
  ping: boolean;
  resolveNames: boolean;
  from: string;
  until: string;
}

function valuesOf(range: ScanRange | undefined): Values {
  return {
    name: range?.name ?? '',
    by: range?.agent ? 'agent' : 'collector',
    collectorId: range?.collector?.id ?? null,
    agentId: range?.agent ?? null,
    ranges: range?.ranges.join('\n') ?? '',
    excluded: range?.excluded.join('\n') ?? '',
    credentialIds: range?.credentials.map((one) => one.id) ?? [],
    everyHours: range?.everyHours ?? '',
    enabled: range?.enabled ?? true,
    allowPublic: range?.allowPublic ?? false,
    hostBudget: range?.hostBudget ?? 4096,
    ratePerSecond: range?.ratePerSecond ?? 50,
    concurrency: range?.concurrency ?? 8,
    timeoutMs: range?.timeoutMs ?? 1000,
    hostSeconds: range?.hostSeconds ?? 120,
    maxRows: range?.maxRows ?? 60_000,
    tcpPorts: (range?.tcpPorts ?? [22, 80, 443, 445, 3389, 9100]).join(', '),
    snmpPort: range?.snmpPort ?? 161,
    ping: range?.ping ?? true,
    resolveNames: range?.resolveNames ?? true,
    from: range?.window?.from ?? '',
    until: range?.window?.until ?? '',
  };
}

const listed = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
/** "10.0.0.1 - 10.0.0.9" is one range, although it has spaces. */
const rangesOf = (text: string): string[] => listed(text.replace(/\s*-\s*/g, '-'));

function bodyOf(v: Values) {
  return {
    name: v.name,
    collectorId: v.by === 'collector' ? v.collectorId : null,
    agentId: v.by === 'agent' ? (v.agentId?.id ?? null) : null,
    ranges: rangesOf(v.ranges),
    excluded: rangesOf(v.excluded),
    credentialIds: v.credentialIds,
    everyHours: v.everyHours === '' ? null : Number(v.everyHours),
    enabled: v.enabled,
    allowPublic: v.allowPublic,
    hostBudget: Number(v.hostBudget),
    ratePerSecond: Number(v.ratePerSecond),
    concurrency: Number(v.concurrency),
    timeoutMs: Number(v.timeoutMs),
    hostSeconds: Number(v.hostSeconds),
    maxRows: Number(v.maxRows),
    tcpPorts: listed(v.tcpPorts).map(Number),
    snmpPort: Number(v.snmpPort),
    ping: v.ping,
    resolveNames: v.resolveNames,
    window: v.from === '' && v.until === '' ? null : { from: v.from, until: v.until },
  };
}

/** Faults of the ranges while they are typed, by the rules of the server; it has the last word. */
function rangeFaults(v: Values): Partial<Record<keyof Values, string>> {
  const ranges = rangesOf(v.ranges);
  if (ranges.length === 0) return {};
  const request = { ranges, excluded: rangesOf(v.excluded), allowPublic: v.allowPublic, hostBudget: Number(v.hostBudget) };
  const faults: Record<string, string> = {};
  for (const { field, message } of readRanges(request).faults) {
    const name = field.replace(/\[.*/, '');
    faults[name] = faults[name] ? `${faults[name]} ${message}` : message;
  }
  return faults;
}

function countOf(v: Values): number {
  return Number(
    readRanges({ ranges: rangesOf(v.ranges), excluded: rangesOf(v.excluded), allowPublic: true, hostBudget: 1_048_576 }).addresses.count,
  );
}

/** The form has two inputs where the API has one field. */
function windowProblem(error: unknown): string | null {
  if (!(error instanceof ApiProblem)) return null;
  return error.errors?.find((one) => one.field.startsWith('body.window'))?.message ?? null;
}

/** What is scanned, by which collector, and within which limits. */
export function NetworkForm({
  range,
  onSaved,
  onCancel,
}: {
  range?: ScanRange;
  onSaved: (saved: ScanRange) => void;
  onCancel: () => void;
}) {
  const form = useForm<Values>({ initialValues: valuesOf(range), validateInputOnBlur: true, validate: (values) => rangeFaults(values) });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: Values) =>
      range
        ? (await call(updateScanRange, { params: { id: range.id }, body: bodyOf(v), ifMatch: `"${range.version}"` })).data
        : (await call(createScanRange, { body: bodyOf(v) })).data,
    {
      message: t('record.saved'),
      onDone: onSaved,
      onError: (error) => {
        setProblem(showProblemOn(form, error));
        const window = windowProblem(error);
        if (window) form.setFieldError('from', window);
      },
    },
  );
  return (
    <RecordForm
      form={form}
      problem={problem}
      pending={save.isPending}
      onSubmit={(values) => {
        setProblem(null);
        save.mutate(values);
      }}
      onCancel={onCancel}
    >
      <TargetFields form={form} />
      <Limits form={form} />
    </RecordForm>
  );
}

type Form = Pick<ReturnType<typeof useForm<Values>>, 'values' | 'getInputProps'>;

/** Who scans: a collector by its key, or an agent that is deployed there already. */
function ScannerField({ form }: { form: Form }) {
  const keys = useQuery(apiQuery(enrolmentKeyListRoutes.list, { query: { filter: 'kind:collector state:active', limit: 200 } }));
  const collectors = (keys.data?.items ?? []).map((row) => ({ value: row.id ?? '', label: row.name ?? '' }));
  const agent = form.getInputProps('agentId') as { value: Ref | null; onChange: (value: Ref | null) => void; error?: string };
  const by = form.getInputProps('by') as { value: string; onChange: (value: string) => void };
  return (
    <Stack gap={4}>
      <Input.Label>{t('network.by')}</Input.Label>
      <SegmentedControl
        aria-label={t('network.by')}
        data={[
          { value: 'collector', label: t('network.collector') },
          { value: 'agent', label: t('network.agent') },
        ]}
        {...by}
      />
      {form.values.by === 'agent' ? (
        <RefSelect
          routes={agentListRoutes}
          aria-label={t('network.agent')}
          description={t('network.agentHint')}
          value={agent.value}
          onChange={agent.onChange}
          error={agent.error}
        />
      ) : (
        <Select
          aria-label={t('network.collector')}
          description={keys.data && collectors.length === 0 ? t('network.noCollector') : t('network.collectorHint')}
          data={collectors}
          {...form.getInputProps('collectorId')}
        />
      )}
    </Stack>
  );
}

function TargetFields({ form }: { form: Form }) {
  const sets = useQuery(apiQuery(credentialSetListRoutes.list, { query: { limit: 200 } }));
  const optionsOf = (rows: { id?: string; name?: string }[] | undefined) =>
    (rows ?? []).map((row) => ({ value: row.id ?? '', label: row.name ?? '' }));
  return (
    <>
      <div className="form-grid">
        <TextInput label={t('network.name')} required {...form.getInputProps('name')} />
        <ScannerField form={form} />
      </div>
      <Textarea
        label={t('network.ranges')}
        description={`${t('network.rangesHint')} ${tn('network.addresses', countOf(form.values))}`}
        required
        autosize
        minRows={2}
        {...form.getInputProps('ranges')}
      />
      <Textarea label={t('network.excluded')} autosize minRows={1} {...form.getInputProps('excluded')} />
      <Checkbox label={t('network.allowPublic')} {...form.getInputProps('allowPublic', { type: 'checkbox' })} />
      <MultiSelect
        label={t('network.credentials')}
        description={t('network.credentialsHint')}
        data={optionsOf(sets.data?.items)}
        {...form.getInputProps('credentialIds')}
      />
      <div className="form-grid">
        <NumberInput
          label={t('network.every')}
          description={t('network.everyHint')}
          min={1}
          max={8760}
          {...form.getInputProps('everyHours')}
        />
      </div>
      <Checkbox label={t('network.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      <div className="form-grid">
        <TextInput
          label={t('network.from')}
          description={t('network.windowHint')}
          placeholder={t('network.clock')}
          {...form.getInputProps('from')}
        />
        <TextInput
          label={t('network.until')}
          description={t('network.untilHint')}
          placeholder={t('network.clock')}
          {...form.getInputProps('until')}
        />
      </div>
    </>
  );
}

function Limits({ form }: { form: Form }) {
  return (
    <Fieldset legend={t('network.limits')}>
      <div className="form-grid">
        <NumberInput label={t('network.budget')} min={1} max={1_048_576} {...form.getInputProps('hostBudget')} />
        <NumberInput label={t('network.rate')} min={1} max={1000} {...form.getInputProps('ratePerSecond')} />
        <NumberInput label={t('network.concurrency')} min={1} max={64} {...form.getInputProps('concurrency')} />
        <NumberInput label={t('network.timeout')} min={100} max={10_000} suffix=" ms" {...form.getInputProps('timeoutMs')} />
        <NumberInput label={t('network.hostTime')} min={5} max={3600} suffix=" s" {...form.getInputProps('hostSeconds')} />
        <NumberInput label={t('network.maxRows')} min={100} max={200_000} {...form.getInputProps('maxRows')} />
        <TextInput label={t('network.tcpPorts')} {...form.getInputProps('tcpPorts')} />
        <NumberInput label={t('network.snmpPort')} min={1} max={65_535} {...form.getInputProps('snmpPort')} />
      </div>
      <Group mt="sm">
        <Checkbox label={t('network.ping')} {...form.getInputProps('ping', { type: 'checkbox' })} />
        <Checkbox label={t('network.names')} {...form.getInputProps('resolveNames', { type: 'checkbox' })} />
      </Group>
    </Fieldset>
  );
}
