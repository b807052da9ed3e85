import { Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { updateAsset, type AssetRecord, type AssetValueField } from '@muster/api/assets';
import { listAssetClasses } from '@muster/api/asset-classes';
import type { Ref } from '@muster/api/fields';
import { orgUnitListRoutes, personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';

type Value = string | number | null;
export type FieldInputValue = Value | Ref;
const refRoutes = { person: personListRoutes, place: placeListRoutes, orgUnit: orgUnitListRoutes } as const;

/** Sets one value by hand. It stands before what sources report until it is released. */
export function FieldEditor({
  asset,
  field,
  label,
  onClose,
}: {
  asset: AssetRecord;
  field: AssetValueField;
  label: string;
  onClose: () => void;
}) {
  const current = field === 'class' ? asset.class.key : asset[field];
  const [value, setValue] = useState<Value | Ref>(current);
  const plain: Value = typeof value === 'object' && value !== null ? value.id : value === '' ? null : value;
  const save = useChange(
    () =>
      call(updateAsset, {
        params: { id: asset.id },
        body: { [field]: plain },
        ifMatch: `"${asset.version}"`,
      }),
    { message: t('record.saved'), onDone: onClose },
  );
  return (
    <Modal opened onClose={onClose} title={t('asset.editField', { field: label })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={save.error} />
          <FieldInput field={field} label={label} value={value} onChange={setValue} />
          <Text size="xs" c="dimmed">
            {t('asset.manualHint')}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The input that fits a field of the record. */
export function FieldInput({
  field,
  label,
  value,
  onChange,
  compact = false,
}: {
  field: AssetValueField;
  label: string;
  value: Value | Ref;
  onChange: (value: Value | Ref) => void;
  /** In a cell: small, its label only for those who hear it. */
  compact?: boolean;
}) {
  const named = compact ? { 'aria-label': label, size: 'xs' as const } : { label };
  const classes = useQuery({ ...apiQuery(listAssetClasses, {}), enabled: field === 'class' });
  if (field === 'person' || field === 'place' || field === 'orgUnit') {
    return <RefSelect routes={refRoutes[field]} {...named} value={value as Ref | null} onChange={onChange} data-autofocus />;
  }
  if (field === 'class') {
    return (
      <Select
        {...named}
        searchable
        allowDeselect={false}
        data={(classes.data?.items ?? []).map((c) => ({ value: c.key, label: c.label }))}
        value={value as string}
        onChange={onChange}
        data-autofocus
      />
    );
  }
  if (field === 'cores' || field === 'memoryMb') {
    return (
      <NumberInput
        {...named}
        min={1}
        allowDecimal={false}
        value={(value as number | null) ?? ''}
        onChange={(n) => onChange(n === '' ? null : Number(n))}
        {...(field === 'memoryMb' ? { suffix: ' MB' } : {})}
        data-autofocus
      />
    );
  }
  if (field === 'warrantyStartsOn' || field === 'warrantyEndsOn')
    return (
      <TextInput
        {...named}
        type="date"
        value={String(value ?? '')}
        onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        data-autofocus
      />
    );
  if (field === 'notes')
    return (
      <Textarea
        {...named}
        autosize
        minRows={4}
        value={String(value ?? '')}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-autofocus
      />
    );
  return <TextInput {...named} value={String(value ?? '')} onChange={(event) => onChange(event.currentTarget.value)} data-autofocus />;
}
