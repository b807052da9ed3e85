import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack } from '@mantine/core';
import { assetResource } from '@muster/api/assets';
import { type BulkField, bulkFields, type BulkSelection } from '@muster/api/bulk-changes';
import type { Field } from '@muster/api/fields';
import { useState } from 'react';
import { fieldLabel, t } from '../../app/messages.ts';
import { CloseIcon } from '../../ui/Icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FieldInput, type FieldInputValue } from '../assets/FieldEditor.tsx';
import { usePreview } from './use-preview.ts';

const labelOf = (field: BulkField): string =>
  fieldLabel((assetResource.fields as Record<string, Field | undefined>)[field]?.label ?? (field === 'notes' ? 'Notes' : field));

interface Chosen {
  field: BulkField;
  value: FieldInputValue;
  release: boolean;
}

/** Chooses which fields of the assets get which values. Nothing changes before the preview is applied. */
export function BulkEditDialog({ selection, count, onClose }: { selection: BulkSelection; count: string; onClose: () => void }) {
  const [chosen, setChosen] = useState<Chosen[]>([]);
  const preview = usePreview(selection, 'set_fields');
  const left = bulkFields.filter((f) => !chosen.some((c) => c.field === f));
  const put = (field: BulkField, patch: Partial<Chosen>): void =>
    setChosen(chosen.map((c) => (c.field === field ? { ...c, ...patch } : c)));
  const isEmpty = (c: Chosen): boolean => !c.release && (c.value === null || c.value === '');
  const plain = (value: FieldInputValue): string | number | null => (typeof value === 'object' && value !== null ? value.id : value);
  return (
    <Modal opened onClose={onClose} title={t('bulk.editTitle', { count })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate({ values: Object.fromEntries(chosen.map((c) => [c.field, c.release ? null : plain(c.value)])) });
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={preview.error} />
          {chosen.map((c) => (
            <div key={c.field}>
              <Group wrap="nowrap" align="end">
                <div style={{ flex: 1 }}>
                  {c.release ? (
                    labelOf(c.field)
                  ) : (
                    <FieldInput field={c.field} label={labelOf(c.field)} value={c.value} onChange={(value) => put(c.field, { value })} />
                  )}
                </div>
                <ActionIcon
                  variant="default"
                  aria-label={t('bulk.removeField', { field: labelOf(c.field) })}
                  onClick={() => setChosen(chosen.filter((one) => one.field !== c.field))}
                >
                  <CloseIcon />
                </ActionIcon>
              </Group>
              {c.field !== 'class' && (
                <Checkbox
                  mt={6}
                  size="xs"
                  label={t('bulk.release')}
                  checked={c.release}
                  onChange={(event) => put(c.field, { release: event.currentTarget.checked })}
                />
              )}
            </div>
          ))}
          <Select
            label={t('bulk.addField')}
            data={left.map((value) => ({ value, label: labelOf(value) }))}
            value={null}
            onChange={(value) => value && setChosen([...chosen, { field: value, value: null, release: false }])}
            searchable
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={preview.isPending} disabled={chosen.length === 0 || chosen.some(isEmpty)}>
              {t('bulk.preview')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
