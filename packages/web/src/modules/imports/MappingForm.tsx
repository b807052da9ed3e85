import { Button, Checkbox, Group, MultiSelect, Select, Stack } from '@mantine/core';
import { type Import, type ImportMapping, type ImportTarget, listImportTargets, planImport } from '@muster/api/imports';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';

const nothing = (resource: ImportMapping['resource']): ImportMapping => ({
  resource,
  columns: [],
  keys: [],
  unmatched: 'create',
  matched: 'update',
  makeMissing: [],
  defaults: {},
  dateOrder: null,
  decimal: '.',
});

const makeable = ['people', 'places', 'org-units'] as const;

/** Says what each column of the file becomes, beside what stands in it. */
export function MappingForm({ found, onPlanned }: { found: Import; onPlanned: () => void }) {
  const targets = useQuery(apiQuery(listImportTargets, {}));
  const first = found.suggestions[0];
  const [readAs, setReadAs] = useState(found.mapping ? 'own' : (first?.key ?? 'own'));
  const [mapping, setMapping] = useState<ImportMapping>(found.mapping ?? first?.mapping ?? nothing('assets'));
  const plan = useChange(() => call(planImport, { params: { id: found.id }, body: mapping }), { onDone: onPlanned });
  const change = (part: Partial<ImportMapping>): void => {
    setReadAs('own');
    setMapping({ ...mapping, ...part });
  };
  const target = targets.data?.items.find((one) => one.resource === mapping.resource);
  if (!target) return <ProblemNotice error={targets.error} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        plan.mutate(undefined);
      }}
    >
      <Stack gap="sm" maw={560}>
        <Select
          label={t('imports.readAs')}
          allowDeselect={false}
          value={readAs}
          onChange={(key) => {
            setReadAs(key ?? 'own');
            const chosen = found.suggestions.find((s) => s.key === key);
            if (chosen) setMapping(chosen.mapping);
          }}
          data={[
            ...found.suggestions.map((s) => ({
              value: s.key,
              label: s.kind === 'preset' ? s.label : t(`imports.${s.kind}`, { name: s.label }),
            })),
            { value: 'own', label: t('imports.byHand') },
          ]}
        />
        <Select
          label={t('imports.resource')}
          allowDeselect={false}
          value={mapping.resource}
          onChange={(resource) => resource && change(nothing(resource))}
          data={(targets.data?.items ?? []).map((one) => ({ value: one.resource, label: fieldLabel(one.label) }))}
        />
      </Stack>
      <Columns found={found} target={target} mapping={mapping} change={change} />
      <Choices target={target} mapping={mapping} change={change} />
      <ProblemNotice error={plan.error} />
      <Group mt="sm">
        <Button type="submit" loading={plan.isPending}>
          {t('imports.compare')}
        </Button>
      </Group>
    </form>
  );
}

interface Part {
  target: ImportTarget;
  mapping: ImportMapping;
  change: (part: Partial<ImportMapping>) => void;
}

function Columns({ found, target, mapping, change }: Part & { found: Import }) {
  const at = (column: number) => mapping.columns.find((c) => c.column === column);
  const others = (column: number) => mapping.columns.filter((c) => c.column !== column);
  const taken = new Map(mapping.columns.map((c) => [c.field, c.column]));
  const set = (column: number, field: string | null): void => {
    const columns = field === null ? others(column) : [...others(column), { column, field, blank: 'keep' as const }];
    const left = new Set(columns.map((c) => c.field));
    change({ columns: columns.toSorted((a, b) => a.column - b.column), keys: mapping.keys.filter((k) => left.has(k)) });
  };
  const headers = found.headers.map((header, column) => ({ header: header || String(column + 1), column }));
  return (
    <SimpleTable
      title={t('imports.columns')}
      rows={headers}
      columns={[
        [t('imports.column'), ({ header }) => header],
        [
          t('imports.samples'),
          ({ column }) =>
            found.samples
              .map((row) => row[column] ?? '')
              .filter((text) => text !== '')
              .slice(0, 3)
              .map((text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text))
              .join(' · '),
        ],
        [
          t('imports.field'),
          ({ header, column }) => (
            <Select
              size="xs"
              searchable
              clearable
              aria-label={t('imports.fieldOf', { column: header })}
              placeholder={t('imports.ignored')}
              value={at(column)?.field ?? null}
              onChange={(field) => set(column, field)}
              data={target.fields
                .filter((f) => (taken.get(f.name) ?? column) === column)
                .map((f) => ({ value: f.name, label: fieldLabel(f.label) }))}
            />
          ),
        ],
        [
          t('imports.blank'),
          ({ header, column }) => (
            <Checkbox
              aria-label={t('imports.blankOf', { column: header })}
              disabled={!at(column)}
              checked={at(column)?.blank === 'clear'}
              onChange={(event) => {
                const blank = event.currentTarget.checked ? ('clear' as const) : ('keep' as const);
                change({ columns: mapping.columns.map((c) => (c.column === column ? { ...c, blank } : c)) });
              }}
            />
          ),
        ],
      ]}
    />
  );
}

function Choices({ target, mapping, change }: Part) {
  const mapped = new Set(mapping.columns.map((c) => c.field));
  const classes = target.fields.find((f) => f.name === 'class')?.values;
  const dates = target.fields.some((f) => f.type === 'date' && mapped.has(f.name));
  return (
    <Section title={t('imports.rows')}>
      <Stack gap="sm" maw={560}>
        <MultiSelect
          label={t('imports.keys')}
          description={t('imports.keysHint')}
          required
          value={mapping.keys}
          onChange={(keys) => change({ keys })}
          data={target.fields.filter((f) => f.key && mapped.has(f.name)).map((f) => ({ value: f.name, label: fieldLabel(f.label) }))}
        />
        <Select
          label={t('imports.unmatched')}
          allowDeselect={false}
          value={mapping.unmatched}
          onChange={(value) => change({ unmatched: value === 'error' ? 'error' : 'create' })}
          data={[
            { value: 'create', label: t('imports.unmatchedCreate') },
            { value: 'error', label: t('imports.unmatchedError') },
          ]}
        />
        <MultiSelect
          label={t('imports.makeMissing')}
          value={mapping.makeMissing}
          onChange={(values) => change({ makeMissing: makeable.filter((one) => values.includes(one)) })}
          data={makeable.map((value) => ({ value, label: t(`imports.${value}`) }))}
        />
        {classes && (
          <Select
            label={t('imports.defaultClass')}
            searchable
            clearable
            value={mapping.defaults['class'] ?? null}
            onChange={(value) => change({ defaults: value === null ? {} : { class: value } })}
            data={classes}
          />
        )}
        {dates && (
          <Select
            label={t('imports.dateOrder')}
            allowDeselect={false}
            value={mapping.dateOrder ?? 'auto'}
            onChange={(value) => change({ dateOrder: value === 'dmy' || value === 'mdy' ? value : null })}
            data={[
              { value: 'auto', label: t('imports.dateOrderAuto') },
              { value: 'dmy', label: t('imports.dateOrderDmy') },
              { value: 'mdy', label: t('imports.dateOrderMdy') },
            ]}
          />
        )}
        <Select
          label={t('imports.decimal')}
          allowDeselect={false}
          value={mapping.decimal}
          onChange={(value) => change({ decimal: value === ',' ? ',' : '.' })}
          data={['.', ',']}
        />
      </Stack>
    </Section>
  );
}
