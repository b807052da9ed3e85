import { listSourceHealth, type SourceHealth } from '@muster/api/source-health';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { DayBars } from '../../ui/DayBars.tsx';
import { number, plainDate } from '../../ui/formatting.ts';
import { listPath } from '../../ui/links.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** Every source of observations, the worst first: whether it works, and where its runs, logs or reports are. */
export function SourceHealthTable() {
  const query = useQuery({ ...apiQuery(listSourceHealth, {}), refetchInterval: 30_000 });
  return (
    <Loaded query={query}>
      {({ items }) => (
        <SimpleTable
          title={t('sourceHealth.title')}
          rows={items}
          columns={[
            [t('sourceHealth.source'), (s) => <Name source={s} />],
            [t('sourceHealth.state'), (s) => <State source={s} />],
            [t('sourceHealth.lastOk'), (s) => (s.lastOkAt ? <TimeAgo at={s.lastOkAt} /> : <Unknown word={t('none.never')} />)],
            [t('sourceHealth.lastError'), (s) => <LastError source={s} />],
            [t('sourceHealth.next'), (s) => (s.nextAt ? <TimeAgo at={s.nextAt} /> : <Unknown word={t('none.none')} />)],
            [t('sourceHealth.perDay'), (s) => <Volume source={s} />],
          ]}
        />
      )}
    </Loaded>
  );
}

const labelOf = (s: SourceHealth): string =>
  s.kind === 'agents' ? wordOf(s.label) : s.kind === 'upload' ? t('sourceHealth.walks') : s.label;

/** Where its runs and logs are; agents and uploads have none but what they sent. */
function pathOf(s: SourceHealth): string {
  if (s.kind === 'connector') return `/connectors/${s.recordId ?? ''}`;
  if (s.kind === 'network') return `/networks/${s.recordId ?? ''}`;
  return s.kind === 'agents' ? listPath('/agents', `family:${s.source ?? ''}`) : listPath('/observations', 'source:snmp');
}

function Name({ source: s }: { source: SourceHealth }) {
  const more = s.kind === 'connector' && s.source !== null ? wordOf(s.source) : s.by;
  return (
    <span className="wrapping-cell">
      <AppLink to={pathOf(s)}>{labelOf(s)}</AppLink>
      <span className="dimmed">{[t(`sourceHealth.kindOf.${s.kind}`), ...(more === null ? [] : [more])].join(' · ')}</span>
    </span>
  );
}

function State({ source: s }: { source: SourceHealth }) {
  const reason = t(`sourceHealth.reason.${s.reason}`, { detail: s.detail ?? '' });
  return (
    <span className="wrapping-cell">
      <StateBadge
        value={s.state}
        label={s.state === 'ok' ? t('sourceHealth.ok') : s.state === 'never' ? t('sourceHealth.never') : wordOf(s.state)}
      />
      {reason !== '' && <span className="dimmed">{reason}</span>}
    </span>
  );
}

function LastError({ source: s }: { source: SourceHealth }) {
  if (s.lastErrorAt === null) return <Unknown word={t('none.none')} />;
  const failed = s.kind === 'agents' ? listPath('/reports', `family:${s.source ?? ''} state:failed`) : pathOf(s);
  return (
    <span className="wrapping-cell">
      <AppLink to={failed}>
        <TimeAgo at={s.lastErrorAt} />
      </AppLink>
      {s.lastError !== null && <span className="dimmed">{s.lastError}</span>}
    </span>
  );
}

function Volume({ source: s }: { source: SourceHealth }) {
  const words = s.volume.map((v) => t('sourceHealth.onDay', { day: plainDate(v.day), n: number(v.count) }));
  const today = s.volume.at(-1)?.count ?? 0;
  const figure = t('sourceHealth.today', { n: number(today) });
  return (
    <span className="source-volume">
      <DayBars
        label={t('sourceHealth.volume', { days: words.join(', ') })}
        days={s.volume.map((v, i) => ({ day: v.day, height: v.count, tone: 'neutral', title: words[i] ?? '' }))}
      />
      {s.kind === 'agents' ? <AppLink to={listPath('/reports', `family:${s.source ?? ''} received_at>now-1d`)}>{figure}</AppLink> : figure}
    </span>
  );
}
