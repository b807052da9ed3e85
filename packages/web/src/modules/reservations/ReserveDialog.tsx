import { Alert, Button, Group, List, Modal, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import type { Ref } from '@muster/api/fields';
import { personListRoutes } from '@muster/api/people';
import {
  createReservation,
  getReservationCalendar,
  loanPoolListRoutes,
  type Reservation,
  type ReservationTarget,
} from '@muster/api/reservations';
import { teamListRoutes } from '@muster/api/teams';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { say } from '../../ui/forms.ts';
import { plainDate } from '../../ui/formatting.ts';
import { WarningIcon } from '../../ui/Icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { addDays, daysBetween, freeTimes, longDay, today } from './days.ts';

interface Props {
  /** What is reserved, when that is settled. */
  target?: (ReservationTarget & { label: string }) | undefined;
  /** For whom, when that is settled. */
  person?: Ref | undefined;
  from?: string | undefined;
  onClose: () => void;
  onDone?: ((made: Reservation) => void) | undefined;
}

/** Reserves an asset or some of a pool, shows when enough is free, and when it is taken who has it; then one can wait for it. */
export function ReserveDialog({ target: settled, person, from: first = today(), onClose, onDone }: Props) {
  const [kind, setKind] = useState<ReservationTarget['kind']>(settled?.kind ?? 'pool');
  const [chosen, setChosen] = useState<Ref | null>(settled ?? null);
  const [holderKind, setHolderKind] = useState<'person' | 'team'>('person');
  const [holder, setHolder] = useState<Ref | null>(person ?? null);
  const [from, setFrom] = useState(first);
  const [to, setTo] = useState(first);
  const [quantity, setQuantity] = useState(1);
  const [note, setNote] = useState('');
  const ready = chosen !== null && holder !== null && from !== '' && to !== '';
  const reserve = useChange(
    async (waitlist: boolean) =>
      (
        await call(createReservation, {
          body: {
            target: { kind, id: chosen?.id ?? '' },
            quantity: kind === 'pool' ? quantity : 1,
            holder: { kind: holderKind, id: holder?.id ?? '' },
            from,
            to,
            waitlist,
            ...(note.trim() ? { note: note.trim() } : {}),
          },
        })
      ).data,
    {
      onDone: (made) => {
        say(made.state === 'waiting' ? t('reserve.waits') : t('reserve.done'));
        onDone?.(made);
        onClose();
      },
    },
  );
  const { error } = reserve;
  const taken = error instanceof ApiProblem && error.code === 'conflict' ? error : null;
  return (
    <Modal opened onClose={onClose} title={t('reserve.reserve')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) reserve.mutate(false);
        }}
      >
        <Stack gap="sm">
          {settled ? (
            <Text size="sm">{settled.label}</Text>
          ) : (
            <>
              <Select
                label={t('reserve.what')}
                data={(['pool', 'asset'] as const).map((value) => ({ value, label: t(`reserve.target.${value}`) }))}
                value={kind}
                onChange={(value) => {
                  setKind(value as ReservationTarget['kind']);
                  setChosen(null);
                }}
                allowDeselect={false}
              />
              <RefSelect
                key={kind}
                routes={kind === 'pool' ? loanPoolListRoutes : assetListRoutes}
                label={t(`reserve.target.${kind}`)}
                value={chosen}
                onChange={setChosen}
                required
              />
            </>
          )}
          {person ? (
            <Text size="sm">{t('reserve.forName', { name: person.label })}</Text>
          ) : (
            <>
              <Select
                label={t('reserve.for')}
                data={(['person', 'team'] as const).map((value) => ({ value, label: t(`custody.holder.${value}`) }))}
                value={holderKind}
                onChange={(value) => {
                  setHolderKind(value as 'person' | 'team');
                  setHolder(null);
                }}
                allowDeselect={false}
              />
              <RefSelect
                key={holderKind}
                routes={holderKind === 'person' ? personListRoutes : teamListRoutes}
                label={t(`custody.holder.${holderKind}`)}
                value={holder}
                onChange={setHolder}
                required
              />
            </>
          )}
          <Group grow align="start">
            <TextInput
              type="date"
              label={t('reserve.from')}
              min={today()}
              value={from}
              onChange={(event) => {
                const next = event.currentTarget.value;
                if (to === '' || to < next) setTo(next);
                setFrom(next);
              }}
              required
            />
            <TextInput
              type="date"
              label={t('reserve.to')}
              min={from}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
              required
            />
          </Group>
          {kind === 'pool' && (
            <NumberInput
              label={t('reserve.quantity')}
              min={1}
              max={500}
              allowDecimal={false}
              value={quantity}
              onChange={(value) => setQuantity(Number(value) || 1)}
            />
          )}
          {chosen && (
            <FreeTimes
              target={{ kind, id: chosen.id }}
              from={from}
              to={to}
              quantity={kind === 'pool' ? quantity : 1}
              onTake={(days) => {
                setFrom(days.from);
                setTo(days.to);
              }}
            />
          )}
          <Textarea
            label={t('custody.note')}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            autosize
            minRows={2}
            maxLength={1000}
          />
          {taken ? <TakenNotice problem={taken} /> : <ProblemNotice error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            {taken?.errors?.some((one) => one.code === 'taken') && (
              <Button variant="default" loading={reserve.isPending} onClick={() => reserve.mutate(true)}>
                {t('reserve.wait')}
              </Button>
            )}
            <Button type="submit" loading={reserve.isPending} disabled={!ready}>
              {t('reserve.reserve')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Who has what of it on the days that were asked for. */
function TakenNotice({ problem }: { problem: ApiProblem }) {
  const errors = problem.errors ?? [];
  return (
    <Alert color="var(--warning)" variant="outline" icon={<WarningIcon />} title={t('reserve.taken')} role="alert">
      {errors.length === 0 && <Text size="sm">{problem.message}</Text>}
      <List size="sm">
        {errors.map((one) => (
          <List.Item key={one.message}>{one.message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** How far ahead free times are looked for, in days. */
const horizon = 60;

function FreeTimes({
  target,
  from,
  to,
  quantity,
  onTake,
}: {
  target: ReservationTarget;
  from: string;
  to: string;
  quantity: number;
  onTake: (days: { from: string; to: string }) => void;
}) {
  const start = from === '' || from < today() ? today() : from;
  const query = { ...target, from: start, to: addDays(start, horizon) };
  const calendar = useQuery(apiQuery(getReservationCalendar, { query })).data;
  if (!calendar) return null;
  const length = to < start ? 1 : daysBetween(start, to) + 1;
  const least = Math.min(...calendar.days.slice(0, length).map((one) => one.free));
  const others = least >= quantity ? [] : freeTimes(calendar.days, { from: start, length, quantity }, 3);
  return (
    <div aria-live="polite">
      <Text size="sm">{t('reserve.freeThen', { free: least, all: calendar.assets.length })}</Text>
      {least < quantity && (
        <Text size="sm" mt={4}>
          {others.length > 0 ? t('reserve.freeLater') : t('reserve.freeNever', { day: plainDate(calendar.to) })}
        </Text>
      )}
      <Group gap={6} mt={4}>
        {others.map((days) => (
          <Button key={days.from} variant="default" size="xs" onClick={() => onTake(days)}>
            {days.from === days.to ? longDay(days.from) : `${longDay(days.from)} – ${longDay(days.to)}`}
          </Button>
        ))}
      </Group>
    </div>
  );
}

/** How many of what: for a line. */
export const pieces = (quantity: number): string => tn('reserve.pieces', quantity);
