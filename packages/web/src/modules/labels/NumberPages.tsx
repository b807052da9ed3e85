import { Button, Group, Modal, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { listAssetClasses } from '@muster/api/asset-classes';
import {
  createStickerBatch,
  createTagSequence,
  deleteTagSequence,
  getTagSequence,
  stickerBatchListRoutes,
  tagSequenceListRoutes,
  type TagSequence,
  updateTagSequence,
} from '@muster/api/codes';
import { orgUnitListRoutes } from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { PrintDialog } from './PrintDialog.tsx';

/** Stickers printed before anyone knows what they will be stuck on. */
export function StickersPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const [printing, setPrinting] = useState<{ id: string; stickers: number } | null>(null);
  const add = can('assets:write') && <Button onClick={() => setMaking(true)}>{t('stickers.new')}</Button>;
  return (
    <ListPage name={t('nav.stickers')} line={t('stickers.line')} actions={add}>
      <ResourceTable
        resource={stickerBatchListRoutes.resource}
        source={stickerBatchListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        alsoFields={['stickers']}
        rowActions={
          can('assets:write')
            ? (row) => (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={t('stickers.printOf', { name: row.name ?? '' })}
                  onClick={() => setPrinting({ id: row.id ?? '', stickers: row.stickers ?? 0 })}
                >
                  {t('labels.printOne')}
                </Button>
              )
            : undefined
        }
        empty={
          <EmptyState title={t('stickers.empty')} action={add}>
            {t('stickers.emptyHint')}
          </EmptyState>
        }
      />
      {making && <NewBatch onClose={() => setMaking(false)} />}
      {printing && <PrintDialog batch={printing} onClose={() => setPrinting(null)} />}
    </ListPage>
  );
}

function NewBatch({ onClose }: { onClose: () => void }) {
  const form = useForm({ initialValues: { name: '', stickers: 100 } });
  const [problem, setProblem] = useState<unknown>(null);
  const make = useChange((body: typeof form.values) => call(createStickerBatch, { body }), {
    message: t('stickers.made'),
    onDone: onClose,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  return (
    <Modal opened onClose={onClose} title={t('stickers.new')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form noValidate onSubmit={form.onSubmit((values) => make.mutate(values))}>
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <TextInput label={t('labels.name')} required data-autofocus {...form.getInputProps('name')} />
          <NumberInput label={t('stickers.number')} required min={1} max={5000} {...form.getInputProps('stickers')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={make.isPending}>
              {t('action.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Where register numbers come from. */
export function TagSequencesPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [editing, setEditing] = useState<string | null>(null);
  const remove = useChange((id: string) => call(deleteTagSequence, { params: { id } }), { message: t('tags.removed') });
  const mayEdit = can('assets:write');
  const add = mayEdit && <Button onClick={() => setEditing('')}>{t('tags.new')}</Button>;
  return (
    <ListPage name={t('nav.tagSequences')} line={t('tags.line')} actions={add}>
      <ProblemNotice error={remove.error} />
      <ResourceTable
        resource={tagSequenceListRoutes.resource}
        source={tagSequenceListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        rowActions={
          mayEdit
            ? (row) => (
                <Group gap={4} wrap="nowrap">
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={t('tags.editOf', { name: row.name ?? '' })}
                    onClick={() => setEditing(row.id ?? null)}
                  >
                    {t('action.edit')}
                  </Button>
                  <ConfirmButton
                    label={t('labels.remove')}
                    question={t('tags.removeQuestion', { name: row.name ?? '' })}
                    onConfirm={() => row.id && remove.mutate(row.id)}
                  />
                </Group>
              )
            : undefined
        }
        empty={
          <EmptyState title={t('tags.empty')} action={add}>
            {t('tags.emptyHint')}
          </EmptyState>
        }
      />
      {editing === '' && <SequenceDialog onClose={() => setEditing(null)} />}
      {editing && <EditSequence key={editing} id={editing} onClose={() => setEditing(null)} />}
    </ListPage>
  );
}

function EditSequence({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery({ ...apiQuery(getTagSequence, { params: { id } }), gcTime: 0 });
  if (query.error) return <ProblemNotice error={query.error} />;
  return query.data ? <SequenceDialog sequence={query.data} onClose={onClose} /> : null;
}

function SequenceDialog({ sequence, onClose }: { sequence?: TagSequence; onClose: () => void }) {
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const form = useForm({
    initialValues: {
      name: sequence?.name ?? '',
      classKey: sequence?.classKey ?? null,
      orgUnit: sequence?.orgUnit ?? null,
      prefix: sequence?.prefix ?? '',
      nextNumber: sequence?.nextNumber ?? 1,
      width: sequence?.width ?? 6,
      suffix: sequence?.suffix ?? '',
      luhn: sequence?.checkDigit === 'luhn',
      automatic: sequence?.automatic ?? true,
    },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async ({ orgUnit, luhn, ...rest }: typeof form.values) => {
      const body = { ...rest, orgUnitId: orgUnit?.id ?? null, checkDigit: luhn ? ('luhn' as const) : ('none' as const) };
      return sequence
        ? await call(updateTagSequence, { params: { id: sequence.id }, ifMatch: `"${sequence.version}"`, body })
        : await call(createTagSequence, { body });
    },
    { message: t('tags.saved'), onDone: onClose, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={sequence ? t('tags.editOf', { name: sequence.name }) : t('tags.new')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <TextInput label={t('labels.name')} required data-autofocus {...form.getInputProps('name')} />
          <Select
            label={t('tags.class')}
            placeholder={t('tags.anyClass')}
            clearable
            searchable
            data={(classes.data?.items ?? []).map((one) => ({ value: one.key, label: one.label }))}
            {...form.getInputProps('classKey')}
          />
          <RefSelect
            routes={orgUnitListRoutes}
            label={t('asset.orgUnit')}
            value={form.values.orgUnit}
            onChange={(value) => form.setFieldValue('orgUnit', value)}
            error={form.errors['orgUnit']}
          />
          <Group grow align="start">
            <TextInput label={t('tags.prefix')} {...form.getInputProps('prefix')} />
            <NumberInput label={t('tags.next')} min={0} allowDecimal={false} {...form.getInputProps('nextNumber')} />
          </Group>
          <Group grow align="start">
            <NumberInput label={t('tags.width')} min={1} max={15} allowDecimal={false} {...form.getInputProps('width')} />
            <TextInput label={t('tags.suffix')} {...form.getInputProps('suffix')} />
          </Group>
          <Switch label={t('tags.checkDigit')} {...form.getInputProps('luhn', { type: 'checkbox' })} />
          <Switch label={t('tags.automatic')} {...form.getInputProps('automatic', { type: 'checkbox' })} />
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
