import { Button, Loader } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { assetListRoutes, type AssetRecord, type AssetValueField, getAsset, updateAsset } from '@muster/api/assets';
import type { Row } from '@muster/api/fields';
import { useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import { call, recordQuery, refreshAll } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { say } from '../../ui/forms.ts';
import { problemText } from '../../ui/problem-text.ts';
import { FieldInput, type FieldInputValue } from './FieldEditor.tsx';

/** The fields that are edited in the list; the state moves by a transition and is not among them. */
export const editableCells: readonly AssetValueField[] = [
  'tag',
  'name',
  'class',
  'manufacturer',
  'model',
  'serial',
  'person',
  'place',
  'orgUnit',
  'domain',
];

type AssetRow = Partial<Row<typeof assetListRoutes.resource>>;

/** One cell as an input. It is saved by Enter or by leaving it, given up by Escape; what the server refuses stays here with its reason. */
export function EditableCell({ row, field, onClose }: { row: AssetRow; field: AssetValueField; onClose: () => void }) {
  const id = row.id ?? '';
  const record = useQuery({ ...recordQuery(getAsset, { params: { id } }), staleTime: 0, gcTime: 0 });
  if (record.isFetching) return <Loader size="xs" />;
  if (!record.data)
    return (
      <span role="alert" className="cell-error">
        {problemText(record.error)}
      </span>
    );
  return <Editor asset={record.data.data} field={field} onClose={onClose} />;
}

function Editor({ asset, field, onClose }: { asset: AssetRecord; field: AssetValueField; onClose: () => void }) {
  const label = fieldLabel(assetLabel(field));
  const began: FieldInputValue = field === 'class' ? asset.class.key : asset[field];
  const [value, setValue] = useState<FieldInputValue>(began);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (next: FieldInputValue): Promise<void> => {
    if (saving) return;
    if (plain(next) === plain(began)) return onClose();
    setSaving(true);
    setProblem(null);
    try {
      await put(asset, field, plain(next), label);
      onClose();
    } catch (error) {
      setSaving(false);
      setProblem(problemText(error));
    }
  };
  const isChoice = field === 'class' || field === 'person' || field === 'place' || field === 'orgUnit';
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Enter' && !isChoice) {
      event.preventDefault();
      void save(value);
    }
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the input inside has the focus; its keys are heard here
    <div
      className="cell-editor"
      data-saving={saving || undefined}
      onKeyDown={onKeyDown}
      onBlur={() => !isChoice && problem === null && void save(value)}
    >
      <FieldInput
        field={field}
        label={label}
        value={value}
        compact
        onChange={(next) => {
          setValue(next);
          if (isChoice) void save(next);
        }}
      />
      {problem && (
        <span role="alert" className="cell-error">
          {problem}
        </span>
      )}
    </div>
  );
}

const plain = (value: FieldInputValue): string | number | null =>
  typeof value === 'object' && value !== null ? value.id : value === '' ? null : value;

const assetLabel = (field: AssetValueField): string =>
  (assetListRoutes.resource.fields as Record<string, { label: string } | undefined>)[field]?.label ?? field;

/** Sets the value, says so, and offers the way back: the earlier value set by hand, or what sources report. */
async function put(asset: AssetRecord, field: AssetValueField, value: string | number | null, label: string): Promise<void> {
  const params = { id: asset.id };
  const { data } = await call(updateAsset, { params, body: { [field]: value }, ifMatch: `"${asset.version}"` });
  const before = asset.fields[field]?.manual ? asset.fields[field].value : null;
  const toast = `cell-${asset.id}-${field}`;
  const undo = async (): Promise<void> => {
    notifications.hide(toast);
    try {
      await call(updateAsset, { params, body: { [field]: before }, ifMatch: `"${data.version}"` });
    } catch (error) {
      say(problemText(error));
    }
    await refreshAll();
  };
  notifications.show({
    id: toast,
    autoClose: 8000,
    withBorder: true,
    closeButtonProps: { 'aria-label': t('action.close') },
    message: (
      <>
        {t('cell.saved', { field: label, name: asset.name ?? asset.tag ?? asset.serial ?? t('none.unnamed') })}{' '}
        <Button variant="subtle" size="compact-xs" onClick={() => void undo()}>
          {t('cell.undo')}
        </Button>
      </>
    ),
  });
  await refreshAll();
}
