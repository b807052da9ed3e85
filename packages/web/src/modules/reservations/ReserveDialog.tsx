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
import { t } from '../../app/messages.ts';
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

/** What the dialog asks for. */
interface Draft {
  kind: ReservationTarget['kind'];
  chosen: Ref | null;
  holderKind: 'person' | 'team';
  holder: Ref | null;
  from: string;
  to: string;
  quantity: number;
  note: string;
}
interface Inputs {
  draft: Draft;
  change: (next: Partial<Draft>) => void;
}

const bodyOf = (draft: Draft, waitlist: boolean) => ({
  target: { kind: draft.kind, id: draft.chosen?.id ?? '' },
  quantity: draft.kind === 'pool' ? draft.quantity : 1,
  holder: { kind: draft.holderKind, id: draft.holder?.id ?? '' },
  from: draft.from,
  to: draft.to,
  waitlist,
  ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
});

/** Reserves an asset or some of a pool, shows when enough is free, and when it is taken who has it; then one can wait for it. */
export function ReserveDialog({ target: settled, person, from: first = today(), onClose, onDone }: Props) {
  const [draft, setDraft] = useState<Draft>({
    kind: settled?.kind ?? 'pool',
    chosen: settled ?? null,
    holderKind: 'person',
    holder: person ?? null,
    from: first,
    to: first,
    quantity: 1,
    note: '',
  });
  const change = (next: Partial<Draft>): void => setDraft({ ...draft, ...next });
  const ready = draft.chosen !== null && draft.holder !== null && draft.from !== '' && draft.to !== '';
  const reserve = useChange(async (waitlist: boolean) => (await call(createReservation, { body: bodyOf(draft, waitlist) })).data, {
    onDone: (made) => {
      say(made.state === 'waiting' ? t('reserve.waits') : t('reserve.done'));
      onDone?.(made);
      onClose();
    },
  });
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
          {settled ? <Text size="sm">{settled.label}</Text> : <WhatInputs draft={draft} change={change} />}
          {person ? <Text size="sm">{t('reserve.forName', { name: person.label })}</Text> : <WhomInputs draft={draft} change={change} />}
          <DayInputs draft={draft} change={change} />
          {draft.chosen && (
            <FreeTimes
              target={{ kind: draft.kind, id: draft.chosen.id }}
              from={draft.from}
              to={draft.to}
              quantity={draft.kind === 'pool' ? draft.quantity : 1}
              onTake={change}
            />
          )}
          <Textarea
            label={t('custody.note')}
            value={draft.note}
            onChange={(event) => change({ note: event.currentTarget.value })}
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

function WhatInputs({ draft, change }: Inputs) {
  const { kind } = draft;
  return (
    <>
      <Select
        label={t('reserve.what')}
        data={(['pool', 'asset'] as const).map((value) => ({ value, label: t(`reserve.target.${value}`) }))}
        value={kind}
        onChange={(value) => change({ kind: value === 'asset' ? 'asset' : 'pool', chosen: null })}
        allowDeselect={false}
      />
      <RefSelect
        key={kind}
        routes={kind === 'pool' ? loanPoolListRoutes : assetListRoutes}
        label={t(`reserve.target.${kind}`)}
        value={draft.chosen}
        onChange={(chosen) => change({ chosen })}
        required
      />
    </>
  );
}

function WhomInputs({ draft, change }: Inputs) {
  const { holderKind } = draft;
  return (
    <>
      <Select
        label={t('reserve.for')}
        data={(['person', 'team'] as const).map((value) => ({ value, label: t(`custody.holder.${value}`) }))}
        value={holderKind}
        onChange={(value) => change({ holderKind: value === 'team' ? 'team' : 'person', holder: null })}
        allowDeselect={false}
      />
      <RefSelect
        key={holderKind}
        routes={holderKind === 'person' ? personListRoutes : teamListRoutes}
        label={t(`custody.holder.${holderKind}`)}
        value={draft.holder}
        onChange={(holder) => change({ holder })}
        required
      />
    </>
  );
}

function DayInputs({ draft, change }: Inputs) {
  return (
    <>
      <Group grow align="start">
        <TextInput
          type="date"
          label={t('reserve.from')}
          min={today()}
          value={draft.from}
          onChange={(event) => {
            const from = event.currentTarget.value;
            change({ from, ...(draft.to < from ? { to: from } : {}) });
          }}
          required
        />
        <TextInput
          type="date"
          label={t('reserve.to')}
          min={draft.from}
          value={draft.to}
          onChange={(event) => change({ to: event.currentTarget.value })}
          required
        />
      </Group>
      {draft.kind === 'pool' && (
        <NumberInput
          label={t('reserve.quantity')}
          min={1}
          max={500}
          allowDecimal={false}
          value={draft.quantity}
          onChange={(value) => change({ quantity: Number(value) || 1 })}
        />
      )}
    </>
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
