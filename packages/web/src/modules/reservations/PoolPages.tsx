import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { assetListRoutes } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import { placeListRoutes } from '@muster/api/places';
import {
  createLoanPool,
  deleteLoanPool,
  getLoanPool,
  loanPoolListRoutes,
  poolKinds,
  updateLoanPool,
  type LoanPool,
} from '@muster/api/reservations';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { RefList } from '../../ui/RefList.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { RefLink, Unknown } from '../../ui/ValueCell.tsx';
import { BookingCalendar } from './BookingCalendar.tsx';
import { EmbeddedReservations } from './ReservationTable.tsx';
import { ReserveDialog } from './ReserveDialog.tsx';
import { today } from './days.ts';

/** The loaner pools. */
export function PoolsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const add = can('assets:write') && <Button onClick={() => follow('/loan-pools/new')}>{t('pool.new')}</Button>;
  return (
    <ListPage name={t('nav.loanPools')} line={t('pool.line')} actions={add}>
      <ResourceTable
        resource={loanPoolListRoutes.resource}
        source={loanPoolListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={
          <EmptyState title={t('pool.empty')} action={add}>
            {t('pool.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

export function NewPoolPage() {
  const follow = useFollow();
  return (
    <PlainPage name={t('pool.new')} back={{ to: '/loan-pools', label: t('nav.loanPools') }}>
      <PoolForm onSaved={(pool) => follow(`/loan-pools/${pool.id}`)} onCancel={() => follow('/loan-pools')} />
    </PlainPage>
  );
}

export function PoolPage() {
  const query = useQuery(apiQuery(getLoanPool, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(pool) => <PoolRecord key={pool.version} pool={pool} />}</Loaded>;
}

function PoolRecord({ pool }: { pool: LoanPool }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const [day, setDay] = useState<string | null>(null);
  const mayWrite = can('assets:write');
  const remove = useChange(async () => call(deleteLoanPool, { params: { id: pool.id } }), { onDone: () => follow('/loan-pools') });
  const none = <Unknown word={t('none.none')} />;
  return (
    <PlainPage
      name={pool.name}
      back={{ to: '/loan-pools', label: t('nav.loanPools') }}
      line={<span>{[tn('pool.members', pool.members.length), pool.place?.label].filter(Boolean).join(' · ')}</span>}
      actions={
        mayWrite &&
        !editing && (
          <>
            <Button onClick={() => setDay(today())}>{t('reserve.reserve')}</Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <ConfirmButton
              variant="default"
              label={t('pool.delete')}
              question={t('pool.deleteQuestion')}
              onConfirm={() => remove.mutate(undefined)}
              pending={remove.isPending}
            />
          </>
        )
      }
    >
      <ProblemNotice error={remove.error} />
      {editing ? (
        <PoolForm pool={pool} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <>
          <Facts
            items={[
              [t('pool.kind'), t(`pool.kind.${pool.kind}`)],
              ...(pool.kind === 'matching'
                ? ([
                    [t('pool.class'), pool.class ?? none],
                    [t('pool.model'), pool.model ?? none],
                  ] as [string, string | typeof none][])
                : []),
              [t('asset.place'), pool.place ? <RefLink key="p" to="places" value={pool.place} /> : none],
              [t('pool.noShow'), tn('pool.days', pool.noShowDays)],
              [t('custody.note'), pool.note ?? none],
            ]}
          />
          <BookingCalendar target={{ kind: 'pool', id: pool.id }} onReserve={mayWrite ? setDay : undefined} />
          <Section title={t('nav.reservations')}>
            <EmbeddedReservations fixed={`pool:${pool.id}`} empty={t('reserve.noneOfPool')} />
          </Section>
        </>
      )}
      {day !== null && <ReserveDialog target={{ kind: 'pool', id: pool.id, label: pool.name }} from={day} onClose={() => setDay(null)} />}
    </PlainPage>
  );
}

function PoolForm({ pool, onSaved, onCancel }: { pool?: LoanPool; onSaved: (pool: LoanPool) => void; onCancel: () => void }) {
  const form = useForm({
    initialValues: {
      name: pool?.name ?? '',
      kind: pool?.kind ?? 'named',
      class: pool?.class ?? '',
      model: pool?.model ?? '',
      placeId: pool?.place ?? (null as Ref | null),
      assets: pool?.kind === 'named' ? pool.members.map((one): Ref => ({ id: one.id, label: one.label })) : [],
      noShowDays: pool?.noShowDays ?? 1,
      note: pool?.note ?? '',
    },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: typeof form.values) => {
      const named = v.kind === 'named';
      const body = {
        name: v.name,
        class: named ? null : orNull(v.class),
        model: named ? null : orNull(v.model),
        placeId: v.placeId?.id ?? null,
        assets: named ? v.assets.map((one) => one.id) : [],
        noShowDays: v.noShowDays,
        note: orNull(v.note),
      };
      if (!pool) return (await call(createLoanPool, { body: { ...body, kind: v.kind } })).data;
      return (await call(updateLoanPool, { params: { id: pool.id }, ifMatch: `"${pool.version}"`, body })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const { kind, assets } = form.values;
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
      <div className="form-grid">
        <TextInput label={t('pool.name')} required {...form.getInputProps('name')} />
        <Select
          label={t('pool.kind')}
          data={poolKinds.map((value) => ({ value, label: t(`pool.kind.${value}`) }))}
          allowDeselect={false}
          disabled={pool !== undefined}
          {...form.getInputProps('kind')}
        />
        {kind === 'matching' && (
          <>
            <TextInput label={t('pool.class')} description={t('pool.classHint')} {...form.getInputProps('class')} />
            <TextInput label={t('pool.model')} description={t('pool.modelHint')} {...form.getInputProps('model')} />
          </>
        )}
        <RefSelect
          routes={placeListRoutes}
          label={t('asset.place')}
          description={t(`pool.placeHint.${kind}`)}
          value={form.values.placeId}
          onChange={(place) => form.setFieldValue('placeId', place)}
          error={form.errors['placeId']}
        />
        <NumberInput
          label={t('pool.noShow')}
          description={t('pool.noShowHint')}
          min={0}
          max={365}
          allowDecimal={false}
          {...form.getInputProps('noShowDays')}
        />
      </div>
      {kind === 'named' && (
        <RefList
          routes={assetListRoutes}
          label={t('pool.addAsset')}
          description={t('custody.giveHint')}
          value={assets}
          onChange={(chosen) => form.setFieldValue('assets', chosen)}
          error={form.errors['assets']}
        />
      )}
      <Textarea label={t('custody.note')} autosize minRows={2} maxLength={1000} {...form.getInputProps('note')} />
    </RecordForm>
  );
}
