import './labels.css';
import { Button, Group, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ApiProblem } from '@muster/api/client';
import { listAssetClasses } from '@muster/api/asset-classes';
import {
  createLabelTemplate,
  deleteLabelTemplate,
  getLabelTemplate,
  type LabelDefinition,
  type LabelElement,
  type LabelTemplate,
  previewLabel,
  updateLabelTemplate,
} from '@muster/api/labels';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { beginning } from './design.ts';
import { DesignerCanvas } from './DesignerCanvas.tsx';
import { ElementForm, MediaForm } from './DesignerForms.tsx';

export function NewLabelPage() {
  return <Designer template={null} />;
}

export function LabelPage() {
  const id = useRecordId();
  // Read anew each time: a version of before would be refused.
  const query = useQuery({ ...apiQuery(getLabelTemplate, { params: { id } }), gcTime: 0 });
  return <Loaded query={query}>{(template) => <Designer key={template.version} template={template} />}</Loaded>;
}

const fresh: Record<string, (label: LabelDefinition) => LabelElement> = {
  text: (label) => ({
    type: 'text',
    x: 0,
    y: 0,
    width: Math.min(30, label.width),
    height: Math.min(6, label.height),
    content: '{name}',
    size: 10,
    align: 'left',
    bold: false,
  }),
  code: (label) => {
    const side = Math.min(18, label.width, label.height);
    return { type: 'code', x: 0, y: 0, width: side, height: side, symbology: 'qr', content: '{url}' };
  },
  line: (label) => ({ type: 'line', x: 0, y: 0, width: Math.min(30, label.width), height: 0.3 }),
};

/** Where a label is laid out: what is seen is drawn by the server as it is printed. */
function Designer({ template }: { template: LabelTemplate | null }) {
  const { can } = useSession();
  const follow = useFollow();
  const [name, setName] = useState(template?.name ?? '');
  const [defaultFor, setDefaultFor] = useState(template?.defaultFor ?? []);
  const [label, setLabel] = useState<LabelDefinition>(template?.definition ?? beginning(62, 29, { kind: 'roll' }));
  const [selected, setSelected] = useState<number | null>(null);
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const [drawn] = useDebouncedValue(label, 250);
  const preview = useQuery({ ...apiQuery(previewLabel, { body: { definition: drawn } }), placeholderData: keepPreviousData });
  const save = useChange(
    async () => {
      const body = { name: name.trim(), definition: label, defaultFor };
      if (template) return (await call(updateLabelTemplate, { params: { id: template.id }, ifMatch: `"${template.version}"`, body })).data;
      return (await call(createLabelTemplate, { body })).data;
    },
    { message: t('labels.saved'), onDone: (saved) => !template && follow(`/labels/${saved.id}`) },
  );
  const remove = useChange(() => call(deleteLabelTemplate, { params: { id: template?.id ?? '' } }), {
    message: t('labels.removed'),
    onDone: () => follow('/labels'),
  });
  const setElement = (index: number, next: LabelElement | null): void => {
    const elements = label.elements.flatMap((one, at) => (at === index ? (next ? [next] : []) : [one]));
    setLabel({ ...label, elements });
    if (!next) setSelected(null);
  };
  const add = (element: LabelElement): void => {
    setLabel({ ...label, elements: [...label.elements, element] });
    setSelected(label.elements.length);
  };
  const current = selected === null ? undefined : label.elements[selected];
  const mayEdit = can('assets:write');
  return (
    <PlainPage
      name={template?.name ?? t('labels.new')}
      back={{ to: '/labels', label: t('nav.labels') }}
      actions={
        mayEdit && (
          <>
            {template && (
              <ConfirmButton
                variant="default"
                label={t('labels.remove')}
                question={t('labels.removeQuestion', { name: template.name })}
                onConfirm={() => remove.mutate(undefined)}
              />
            )}
            <Button loading={save.isPending} disabled={name.trim() === ''} onClick={() => save.mutate(undefined)}>
              {t('action.save')}
            </Button>
          </>
        )
      }
    >
      <ProblemNotice error={save.error ?? remove.error} />
      <FieldFaults error={save.error ?? preview.error} />
      <div className="designer">
        <Stack gap="sm">
          <Group gap="xs">
            {Object.entries(fresh).map(([kind, make]) => (
              <Button key={kind} variant="default" size="xs" onClick={() => add(make(label))}>
                {t(`labels.add.${kind}` as 'labels.add.text')}
              </Button>
            ))}
            <PictureButton label={label} onAdd={add} />
          </Group>
          <DesignerCanvas label={label} svg={preview.data?.svg ?? null} selected={selected} onSelect={setSelected} onElement={setElement} />
          <p className="dimmed">{t('labels.moveHint')}</p>
        </Stack>
        <Stack gap="sm">
          <TextInput label={t('labels.name')} required value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <MultiSelect
            label={t('labels.defaultFor')}
            description={t('labels.defaultForHint')}
            searchable
            data={(classes.data?.items ?? []).map((one) => ({ value: one.key, label: one.label }))}
            value={defaultFor}
            onChange={setDefaultFor}
          />
          {current && selected !== null && (
            <ElementForm
              key={selected}
              element={current}
              onChange={(next) => setElement(selected, next)}
              onRemove={() => setElement(selected, null)}
            />
          )}
          <MediaForm label={label} onChange={setLabel} isNew={template === null} />
        </Stack>
      </div>
    </PlainPage>
  );
}

/** The faults of the description, one line each: they belong to boxes, not to inputs. */
function FieldFaults({ error }: { error: unknown }) {
  if (!(error instanceof ApiProblem) || !error.errors) return null;
  return (
    <ul role="alert">
      {error.errors.map((one) => (
        <li key={`${one.field} ${one.code}`}>{one.message}</li>
      ))}
    </ul>
  );
}

function PictureButton({ label, onAdd }: { label: LabelDefinition; onAdd: (element: LabelElement) => void }) {
  const choose = async (file: File): Promise<void> => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    const side = Math.min(12, label.width, label.height);
    onAdd({ type: 'image', x: 0, y: 0, width: side, height: side, png: btoa(text) });
  };
  return (
    <Button variant="default" size="xs" component="label">
      {t('labels.add.image')}
      <input
        type="file"
        accept="image/png"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void choose(file);
          event.currentTarget.value = '';
        }}
      />
    </Button>
  );
}
