import type { ConnectorCell } from '@muster/api/connectors';
import { t } from '../../app/messages.ts';
import { number } from '../../ui/formatting.ts';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** The listings of one connector: whether each may be trusted, since when, and what is missing. */
export function CellTable({ title, cells }: { title: string; cells: ConnectorCell[] }) {
  return (
    <SimpleTable
      title={title}
      rows={cells}
      columns={[
        [t('coverage.scope'), (c) => c.label],
        [t('connector.state'), (c) => <StateBadge value={c.state} />],
        [t('coverage.lastOk'), (c) => (c.lastOkAt ? <TimeAgo at={c.lastOkAt} /> : <Unknown word={t('none.never')} />)],
        [t('coverage.rows'), (c) => number(c.rows), true],
        [t('coverage.missing'), (c) => number(c.missing), true],
        [
          t('coverage.permission'),
          (c) => (c.missingPermission ? <code>{c.missingPermission}</code> : (c.message ?? <Unknown word={t('none.none')} />)),
        ],
        [t('coverage.trend'), (c) => <Trend states={c.trend} />],
      ]}
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
