import './reservations.css';
import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { getReservationCalendar, type ReservationCalendar, type ReservationTarget } from '@muster/api/reservations';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { plainDate } from '../../ui/formatting.ts';
import { Loaded, Section } from '../../ui/RecordPage.tsx';
import { dayOfMonth, daysBetween, longDay, monthOf, shownDays, step, today, weekday, type View } from './days.ts';

type Row = ReservationCalendar['assets'][number];
type Busy = Row['busy'][number];

interface Props {
  target: ReservationTarget;
  /** Reserves from a day on; only for whoever may. */
  onReserve?: ((day: string) => void) | undefined;
}

/** What of an asset or a pool is taken on which days: a table of a week or month; on a phone a list of its days. */
export function BookingCalendar({ target, onReserve }: Props) {
  const [view, setView] = useState<View>('week');
  const [day, setDay] = useState(today());
  const isNarrow = useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const span = shownDays(view, day);
  const query = useQuery({
    ...apiQuery(getReservationCalendar, { query: { ...target, ...span } }),
    placeholderData: keepPreviousData,
  });
  const name = view === 'week' ? `${longDay(span.from)} – ${longDay(span.to)}` : monthOf(span.from);
  return (
    <Section title={t('reserve.calendar')}>
      <Group gap="xs" mb="xs">
        <Group gap={4}>
          <Button variant="default" aria-label={t('reserve.back')} onClick={() => setDay(step(view, day, -1))}>
            ←
          </Button>
          <Button variant="default" onClick={() => setDay(today())}>
            {t('reserve.today')}
          </Button>
          <Button variant="default" aria-label={t('reserve.on')} onClick={() => setDay(step(view, day, 1))}>
            →
          </Button>
        </Group>
        <SegmentedControl
          aria-label={t('reserve.view')}
          value={view}
          onChange={(value) => setView(value)}
          data={[
            { value: 'week', label: t('reserve.week') },
            { value: 'month', label: t('reserve.month') },
          ]}
        />
        <Text fw={600} role="status">
          {name}
        </Text>
      </Group>
      <Loaded query={query}>
        {(calendar) => (
          <>
            {isNarrow ? (
              <DayList calendar={calendar} onReserve={onReserve} />
            ) : (
              <DayTable calendar={calendar} view={view} name={name} onReserve={onReserve} />
            )}
            <Waitlist calendar={calendar} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

/** Arrow keys go from day to day; one of them takes the focus by Tab. */
function useDayKeys() {
  const row = useRef<HTMLTableRowElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const buttons = [...(row.current?.querySelectorAll('button') ?? [])];
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || index < 0) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, next))]?.focus();
  };
  return { row, onKeyDown };
}

const dayLabel = (day: ReservationCalendar['days'][number]): string =>
  t('reserve.fromDay', { day: longDay(day.day), free: tn('reserve.free', day.free) });

function DayTable({
  calendar,
  view,
  name,
  onReserve,
}: { calendar: ReservationCalendar; view: View; name: string } & Pick<Props, 'onReserve'>) {
  const { row, onKeyDown } = useDayKeys();
  const now = today();
  const firstOpen = calendar.days.find((one) => one.day >= now)?.day;
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={`${t('reserve.calendar')}, ${name}`}>
      <table className="booking" data-view={view}>
        <thead>
          <tr ref={row} onKeyDown={onKeyDown}>
            <th scope="col">{t('reserve.asset')}</th>
            {calendar.days.map((one) => (
              <th key={one.day} scope="col" data-today={one.day === now || undefined}>
                <span className="booking-weekday">{weekday(one.day)}</span>
                {onReserve && one.day >= now ? (
                  <button
                    type="button"
                    className="booking-day"
                    tabIndex={one.day === firstOpen ? 0 : -1}
                    aria-label={dayLabel(one)}
                    onClick={() => onReserve(one.day)}
                  >
                    {dayOfMonth(one.day)}
                  </button>
                ) : (
                  <span className="booking-day">{dayOfMonth(one.day)}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {calendar.assets.map((one) => (
            <tr key={one.asset.id}>
              <th scope="row">
                <AppLink to={`/assets/${one.asset.id}?tab=reservations`}>{one.asset.label}</AppLink>
              </th>
              <BusyCells busy={one.busy} calendar={calendar} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t('reserve.freeRow')}</th>
            {calendar.days.map((one) => (
              <td key={one.day} className="figure" data-none={one.free === 0 || undefined}>
                {one.free}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** The days of one asset: what is taken as one wide cell each, what is free as a cell a day. */
function BusyCells({ busy, calendar }: { busy: Busy[]; calendar: ReservationCalendar }) {
  const cells = [];
  for (let index = 0; index < calendar.days.length; index++) {
    const day = calendar.days[index]?.day ?? calendar.from;
    const taken = busy.find((one) => one.from <= day && day <= one.to);
    if (!taken) {
      cells.push(<td key={day} />);
      continue;
    }
    const to = taken.to < calendar.to ? taken.to : calendar.to;
    // Where two share a day (late, or given in spite of it) the later one begins after the first.
    const length = Math.max(1, daysBetween(day, to) + 1);
    cells.push(
      <td key={day} colSpan={length} className="booking-taken" data-kind={taken.kind}>
        <Taken busy={taken} />
      </td>,
    );
    index += length - 1;
  }
  return <>{cells}</>;
}

function Taken({ busy }: { busy: Busy }) {
  const title = `${busy.holder}, ${t(`reserve.kind.${busy.kind}`)}, ${plainDate(busy.from)} – ${plainDate(busy.to)}`;
  return busy.reservationId ? (
    <AppLink to={`/reservations/${busy.reservationId}`} className="booking-bar" aria-label={title}>
      {busy.holder}
    </AppLink>
  ) : (
    <span className="booking-bar" title={title}>
      {busy.holder}
    </span>
  );
}

function DayList({ calendar, onReserve }: { calendar: ReservationCalendar } & Pick<Props, 'onReserve'>) {
  const now = today();
  const days = calendar.days.filter((one) => one.day >= now);
  if (days.length === 0) return <Text size="sm">{t('reserve.allPast')}</Text>;
  const begins = (day: string): { row: Row; busy: Busy }[] =>
    calendar.assets.flatMap((row) =>
      row.busy
        .filter((one) => one.from === day || (day === days[0]?.day && one.from < day && one.to >= day))
        .map((busy) => ({ row, busy })),
    );
  return (
    <ul className="booking-list">
      {days.map((one) => (
        <li key={one.day}>
          <div className="booking-list-day">
            <strong>{longDay(one.day)}</strong>
            <span className={one.free === 0 ? 'booking-none' : 'dimmed'}>{tn('reserve.free', one.free)}</span>
            {onReserve && (
              <Button variant="default" size="xs" aria-label={dayLabel(one)} onClick={() => onReserve(one.day)}>
                {t('reserve.reserve')}
              </Button>
            )}
          </div>
          {begins(one.day).map(({ row, busy }) => (
            <div key={`${row.asset.id} ${busy.from} ${busy.kind}`} className="booking-list-item" data-kind={busy.kind}>
              {row.asset.label}:{' '}
              {busy.reservationId ? <AppLink to={`/reservations/${busy.reservationId}`}>{busy.holder}</AppLink> : busy.holder},{' '}
              {t(`reserve.kind.${busy.kind}`)}, {t('reserve.untilDay', { day: longDay(busy.to) })}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Who waits for the days that are shown, in the order they move up. */
function Waitlist({ calendar }: { calendar: ReservationCalendar }) {
  if (calendar.waiting.length === 0) return null;
  return (
    <Section title={t('reserve.waitlist')}>
      <ol className="booking-waiting">
        {calendar.waiting.map((one) => (
          <li key={one.id} value={one.position}>
            <AppLink to={`/reservations/${one.id}`}>{one.holder}</AppLink> · {tn('reserve.pieces', one.quantity)} · {longDay(one.from)} –{' '}
            {longDay(one.to)}
          </li>
        ))}
      </ol>
    </Section>
  );
}
