import './handover.css';
import { Button, Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { listAssetClasses } from '@muster/api/asset-classes';
import { createKit, updateKit, type Kit } from '@muster/api/kits';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { RecordForm } from '../../ui/RecordForm.tsx';

interface Draft {
  key: number;
  class: string | null;
  model: string;
  count: number | string;
  optional: boolean;
}
let keys = 0;
const emptyLine = (): Draft => ({ key: ++keys, class: null, model: '', count: 1, optional: false });

/** A kit, to add or to change, with all its lines. What was typed stays when the server refuses it. */
export function KitForm({ kit, onSaved, onCancel }: { kit?: Kit; onSaved: (kit: Kit) => void; onCancel: () => void }) {
  const form = useForm({ initialValues: { name: kit?.name ?? '', note: kit?.note ?? '' } });
  const [lines, setLines] = useState<Draft[]>(
    () => kit?.lines.map((line) => ({ ...line, model: line.model ?? '', key: ++keys })) ?? [emptyLine()],
  );
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (values: { name: string; note: string }) => {
      const body = {
        name: values.name,
        note: orNull(values.note),
        lines: lines.map(({ key: _key, ...line }) => ({ ...line, model: orNull(line.model), count: Number(line.count) })),
      };
      return kit
        ? (await call(updateKit, { params: { id: kit.id }, body, ifMatch: `"${kit.version}"` })).data
        : (await call(createKit, { body })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const change = (key: number, part: Partial<Draft>): void =>
    setLines(lines.map((line) => (line.key === key ? { ...line, ...part } : line)));
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
      <TextInput label={t('kit.name')} required maxLength={200} {...form.getInputProps('name')} />
      <Textarea label={t('kit.note')} autosize minRows={2} maxLength={1000} {...form.getInputProps('note')} />
      <Section title={t('kit.lines')}>
        <Stack gap="sm">
          {lines.map((line, index) => (
            <LineInputs
              key={line.key}
              line={line}
              number={index + 1}
              onChange={(part) => change(line.key, part)}
              onRemove={lines.length > 1 ? () => setLines(lines.filter((one) => one.key !== line.key)) : null}
            />
          ))}
          <Group>
            <Button variant="default" disabled={lines.length >= 20} onClick={() => setLines([...lines, emptyLine()])}>
              {t('kit.addLine')}
            </Button>
          </Group>
        </Stack>
      </Section>
    </RecordForm>
  );
}

interface LineProps {
  line: Draft;
  number: number;
  onChange: (part: Partial<Draft>) => void;
  onRemove: (() => void) | null;
}

function LineInputs({ line, number, onChange, onRemove }: LineProps) {
  const classes = useQuery(apiQuery(listAssetClasses, {})).data?.items ?? [];
  return (
    <fieldset className="kit-line">
      <legend>{t('kit.lineOf', { number })}</legend>
      <div className="form-grid">
        <Select
          label={t('kit.class')}
          data={classes.filter((one) => !one.retired || one.key === line.class).map((one) => ({ value: one.key, label: one.label }))}
          searchable
          clearable
          value={line.class}
          onChange={(value) => onChange({ class: value })}
        />
        <TextInput
          label={t('kit.model')}
          description={t('kit.modelHint')}
          maxLength={200}
          value={line.model}
          onChange={(event) => onChange({ model: event.currentTarget.value })}
        />
        <NumberInput
          label={t('kit.count')}
          min={1}
          max={50}
          allowDecimal={false}
          value={line.count}
          onChange={(value) => onChange({ count: value })}
        />
      </div>
      <Group justify="space-between" mt="xs">
        <Checkbox
          label={t('kit.optionalHint')}
          checked={line.optional}
          onChange={(event) => onChange({ optional: event.currentTarget.checked })}
        />
        {onRemove && (
          <Button variant="subtle" size="compact-xs" onClick={onRemove}>
            {t('kit.removeLine', { number })}
          </Button>
        )}
      </Group>
    </fieldset>
  );
}
