import type { ConnectorCell, CoverageTrend } from '@muster/api/connectors';
import type { ReactNode } from 'react';
import { t } from '../../app/messages.ts';
import { DayBars } from '../../ui/DayBars.tsx';
import { number, plainDate } from '../../ui/formatting.ts';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { toneOf, wordOf } from '../../ui/value-words.ts';

const MOST_DAYS = 30;

/** The listings of one connector: whether each may be trusted, since when, and what is missing; with `days` what became of it day by day. */
export function CellTable({
  title,
  cells,
  days,
  actions,
}: {
  title: string;
  cells: ConnectorCell[];
  days?: CoverageTrend['cells'] | undefined;
  actions?: ReactNode;
}) {
  return (
    <SimpleTable
      title={title}
      actions={actions}
      rows={cells}
      columns={[
        [t('coverage.scope'), (c) => c.label],
        [t('connector.state'), (c) => <StateBadge value={c.state} />],
        [t('coverage.lastOk'), (c) => (c.lastOkAt ? <TimeAgo at={c.lastOkAt} /> : <Unknown word={t('none.never')} />)],
        [t('coverage.rows'), (c) => number(c.rows), true],
        [t('coverage.missing'), (c) => number(c.missing), true],
        [t('coverage.permission'), (c) => <Missing cell={c} />],
        [t('coverage.trend'), (c) => <Trend states={c.trend} />],
        ...(days ? [byDay(days)] : []),
      ]}
    />
  );
}

/** What to grant, else what the system said. */
function Missing({ cell: c }: { cell: ConnectorCell }) {
  if (c.missingPermission === null && c.message === null) return <Unknown word={t('none.none')} />;
  return (
    <span className="wrapping-cell" title={c.message ?? undefined}>
      {c.missingPermission ? <code>{c.missingPermission}</code> : <span className="dimmed">{c.message}</span>}
    </span>
  );
}

/** The column with a bar for each day. */
const byDay = (days: CoverageTrend['cells']): [string, (cell: ConnectorCell) => ReactNode] => [
  t('coverage.byDay'),
  (c) => <Days days={daysOf(days, c.scope)} />,
];

type Day = CoverageTrend['cells'][number]['days'][number];

const daysOf = (all: CoverageTrend['cells'], scope: string): Day[] => all.find((c) => c.scope === scope)?.days.slice(-MOST_DAYS) ?? [];

function Days({ days }: { days: Day[] }) {
  if (days.length === 0) return <Unknown word={t('coverage.noDays')} />;
  const words = days.map((d) => `${plainDate(d.day)} ${wordOf(d.state)}`);
  return (
    <DayBars
      label={t('coverage.daysOf', { days: words.join(', ') })}
      days={days.map((d, i) => ({ day: d.day, height: 1, tone: toneOf(d.state), title: words[i] ?? '' }))}
    />
  );
}

/** The latest attempts in words for everyone, short enough for a cell. */
function Trend({ states }: { states: string[] }) {
  if (states.length === 0) return <Unknown word={t('none.never')} />;
  const ok = states.filter((s) => s === 'ok').length;
  return (
    <span title={states.map((s) => wordOf(s)).join(', ')}>{t('coverage.trendOf', { ok: number(ok), all: number(states.length) })}</span>
  );
}
