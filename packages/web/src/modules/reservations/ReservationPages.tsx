import { Button, CloseButton, Group, List, Modal, Stack, Text } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import {
  cancelMyReservation,
  cancelReservation,
  collectReservation,
  getMyReservations,
  getReservation,
  type Reservation,
} from '@muster/api/reservations';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime, plainDate } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import type { ChosenAsset } from '../custody/CustodyDialog.tsx';
import { CheckInForm } from '../custody/CustodyForms.tsx';
import { resourceOf } from '../custody/holder-resource.ts';
import { today } from './days.ts';
import { ReserveDialog } from './ReserveDialog.tsx';
import { ReservationTable } from './ReservationTable.tsx';

/** Everything that is or was reserved. */
export function ReservationsPage() {
  const list = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const [open, setOpen] = useState(false);
  const add = can('assets:write') && <Button onClick={() => setOpen(true)}>{t('reserve.reserve')}</Button>;
  return (
    <ListPage
      name={t('nav.reservations')}
      line={
        <span>
          {t('reserve.line')} <AppLink to="/loan-pools">{t('nav.loanPools')}</AppLink> ·{' '}
          <AppLink to="/my-reservations">{t('nav.myReservations')}</AppLink>
        </span>
      }
      actions={add}
    >
      <ReservationTable
        list={list}
        empty={
          <EmptyState title={t('reserve.empty')} action={add}>
            {t('reserve.emptyHint')}
          </EmptyState>
        }
      />
      {open && <ReserveDialog onClose={() => setOpen(false)} onDone={(made) => follow(`/reservations/${made.id}`)} />}
    </ListPage>
  );
}

export function ReservationPage() {
  const query = useQuery(apiQuery(getReservation, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(reservation) => <ReservationRecord reservation={reservation} />}</Loaded>;
}

const days = ({ from, to }: Reservation): string => (from === to ? plainDate(from) : `${plainDate(from)} – ${plainDate(to)}`);

function ReservationRecord({ reservation }: { reservation: Reservation }) {
  const { can } = useSession();
  const { target, holder, assets, quantity } = reservation;
  const cancel = useChange(async () => call(cancelReservation, { params: { id: reservation.id }, body: {} }), {
    message: t('reserve.cancelled'),
  });
  const blocked = assets.filter((one) => one.blockedBy !== null);
  const none = <Unknown word={t('none.none')} />;
  const name = quantity === 1 ? target.label : t('reserve.name', { count: quantity, what: target.label });
  return (
    <PlainPage
      name={name}
      back={{ to: '/reservations', label: t('nav.reservations') }}
      line={
        <>
          <StateBadge value={reservation.state} />
          <span>
            {t('reserve.for')} <RefLink to={resourceOf[holder.kind]} value={holder} /> · {days(reservation)}
          </span>
        </>
      }
      actions={
        can('assets:write') && <Actions reservation={reservation} cancel={() => cancel.mutate(undefined)} pending={cancel.isPending} />
      }
    >
      <ProblemNotice error={cancel.error} />
      {blocked.length > 0 && (
        <Stack mb="md">
          <WarningNotice title={t('reserve.blocked')}>
            <List size="sm">
              {blocked.map((one) => (
                <List.Item key={one.asset.id}>
                  <RefLink to="assets" value={one.asset} />:{' '}
                  {one.blockedBy?.dueOn
                    ? t('reserve.blockedBy', { holder: one.blockedBy.holder, day: plainDate(one.blockedBy.dueOn) })
                    : t('reserve.blockedStays', { holder: one.blockedBy?.holder ?? '' })}
                </List.Item>
              ))}
            </List>
          </WarningNotice>
        </Stack>
      )}
      <Facts
        items={[
          [t('reserve.what'), <RefLink key="w" to={target.kind === 'pool' ? 'loan-pools' : 'assets'} value={target} />],
          [t('reserve.quantity'), quantity],
          ...(reservation.waitingPosition === null ? [] : [[t('reserve.position'), reservation.waitingPosition] as [string, number]]),
          [t('custody.note'), reservation.note ?? none],
          ...(reservation.reason === null ? [] : [[t('reserve.reason'), reservation.reason] as [string, string]]),
          [t('reserve.madeBy'), reservation.madeBy],
          [t('reserve.made'), <TimeAgo key="m" at={reservation.createdAt} />],
        ]}
      />
      <SimpleTable
        title={t('reserve.assets')}
        rows={assets}
        columns={[
          [t('reserve.asset'), (one) => <RefLink to="assets" value={one.asset} />],
          [t('reserve.collected'), (one) => (one.collectedAt ? absoluteTime(one.collectedAt) : '–')],
          [t('reserve.returned'), (one) => (one.returnedAt ? absoluteTime(one.returnedAt) : '–')],
        ]}
      />
    </PlainPage>
  );
}

function Actions({ reservation, cancel, pending }: { reservation: Reservation; cancel: () => void; pending: boolean }) {
  const [open, setOpen] = useState<'collect' | null>(null);
  // The dialog keeps what it was opened with: what it has done leaves the list behind it.
  const [returning, setReturning] = useState<ChosenAsset[] | null>(null);
  const out = reservation.assets.filter((one) => one.collectedAt !== null && one.returnedAt === null).map((one) => one.asset);
  const isOpen = ['waiting', 'reserved'].includes(reservation.state);
  return (
    <>
      {reservation.state === 'reserved' && reservation.from <= today() && (
        <Button onClick={() => setOpen('collect')}>{t('reserve.collect')}</Button>
      )}
      {out.length > 0 && <Button onClick={() => setReturning(out)}>{t('custody.checkIn')}</Button>}
      {isOpen && (
        <ConfirmButton
          variant="default"
          label={t('reserve.cancel')}
          question={t('reserve.cancelQuestion')}
          onConfirm={cancel}
          pending={pending}
        />
      )}
      {open && <CollectDialog reservation={reservation} onClose={() => setOpen(null)} />}
      {returning && <CheckInForm assets={returning} onClose={() => setReturning(null)} />}
    </>
  );
}

/** Checks out what was set aside; another asset of the pool can be taken along instead. */
function CollectDialog({ reservation, onClose }: { reservation: Reservation; onClose: () => void }) {
  const [chosen, setChosen] = useState<ChosenAsset[]>(reservation.assets.filter((one) => one.collectedAt === null).map((one) => one.asset));
  const collect = useChange(
    async () => call(collectReservation, { params: { id: reservation.id }, body: { assets: chosen.map((one) => one.id) } }),
    { message: t('reserve.isCollected'), onDone: onClose },
  );
  return (
    <Modal opened onClose={onClose} title={t('reserve.collect')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          collect.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('reserve.collectLine', { holder: reservation.holder.label, day: plainDate(reservation.to) })}</Text>
          <List size="sm" listStyleType="none">
            {chosen.map((asset) => (
              <List.Item key={asset.id}>
                <Group gap="xs" wrap="nowrap">
                  {asset.label}
                  <CloseButton
                    size="sm"
                    aria-label={t('custody.remove', { name: asset.label })}
                    onClick={() => setChosen(chosen.filter((one) => one.id !== asset.id))}
                  />
                </Group>
              </List.Item>
            ))}
          </List>
          {reservation.target.kind === 'pool' && (
            <RefSelect
              // Empty again after each choice.
              key={chosen.length}
              routes={assetListRoutes}
              label={t('reserve.another')}
              description={t('reserve.anotherHint')}
              value={null}
              onChange={(found) => found && !chosen.some((one) => one.id === found.id) && setChosen([...chosen, found])}
            />
          )}
          <ProblemNotice error={collect.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={collect.isPending} disabled={chosen.length === 0}>
              {t('reserve.collect')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What is reserved for whoever looks, and their teams. */
export function MyReservationsPage() {
  const { can } = useSession();
  const query = useQuery(apiQuery(getMyReservations, {}));
  const cancel = useChange(async (id: string) => call(cancelMyReservation, { params: { id }, body: {} }), {
    message: t('reserve.cancelled'),
  });
  return (
    <PlainPage name={t('nav.myReservations')} line={t('reserve.mineLine')}>
      <ProblemNotice error={cancel.error} />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('reserve.mineEmpty')}>{t('reserve.mineEmptyHint')}</EmptyState>
          ) : (
            <SimpleTable
              title={t('reserve.open')}
              rows={items}
              columns={[
                [
                  t('reserve.what'),
                  (one) => (can('assets:read') ? <AppLink to={`/reservations/${one.id}`}>{one.target.label}</AppLink> : one.target.label),
                ],
                [t('reserve.quantity'), (one) => one.quantity, true],
                [t('reserve.days'), (one) => days(one)],
                [
                  t('reserve.state'),
                  (one) => (
                    <>
                      <StateBadge value={one.state} />
                      {one.waitingPosition !== null && <> {tn('reserve.place', one.waitingPosition)}</>}
                    </>
                  ),
                ],
                [t('reserve.for'), (one) => one.holder.label],
                [
                  t('reserve.cancel'),
                  (one) =>
                    one.holder.kind === 'person' && ['waiting', 'reserved'].includes(one.state) ? (
                      <ConfirmButton
                        label={t('reserve.cancel')}
                        question={t('reserve.cancelQuestion')}
                        onConfirm={() => cancel.mutate(one.id)}
                      />
                    ) : (
                      '–'
                    ),
                ],
              ]}
            />
          )
        }
      </Loaded>
    </PlainPage>
  );
}
