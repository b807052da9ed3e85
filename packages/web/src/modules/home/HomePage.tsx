import { assetListRoutes } from '@muster/api/assets';
import { custodyListRoutes } from '@muster/api/custody';
import { listSources } from '@muster/api/discovery';
import { identityConflictListRoutes } from '@muster/api/identity';
import { jobListRoutes } from '@muster/api/jobs';
import { getPositionSummary } from '@muster/api/licensing';
import { personListRoutes } from '@muster/api/people';
import type { ListRoutes } from '@muster/api/resource';
import { getSettings } from '@muster/api/settings';
import { stockItemListRoutes } from '@muster/api/stock';
import { getRecognitionState, productListRoutes } from '@muster/api/software';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { number } from '../../ui/formatting.ts';
import { CheckIcon, WarningIcon } from '../../ui/Icons.tsx';
import { listPath } from '../../ui/links.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { PlainPage, Section } from '../../ui/RecordPage.tsx';
import { MoneyValue } from '../../ui/ValueCell.tsx';
import { FirstStart } from './FirstStart.tsx';

/** The page is left open: its figures follow what happens. */
const refetchInterval = 30_000;

/** How many rows a list has under a filter; only for whoever may read it. */
function useCount(routes: ListRoutes, filter?: string) {
  const { can } = useSession();
  const input = { query: { limit: 1, fields: 'id', total: 'estimate' as const, ...(filter ? { filter } : {}) } };
  return useQuery({
    queryKey: [...keyOf(routes.list, input), 'count'],
    queryFn: async ({ signal }) => {
      const { total, totalIsEstimate } = (await call(routes.list, { ...input, signal })).data;
      return { total: total ?? 0, isEstimate: totalIsEstimate };
    },
    enabled: can(routes.permission),
    refetchInterval,
  }).data;
}

/** Positions by status, and what they cost; only for whoever may read them. */
function usePositionSummary() {
  const { can } = useSession();
  return useQuery({ ...apiQuery(getPositionSummary, { query: { limit: 1 } }), enabled: can('licences:read'), refetchInterval }).data;
}

export function HomePage() {
  const settings = useQuery(apiQuery(getSettings, {}));
  const { can } = useSession();
  const assets = useCount(assetListRoutes);
  const isFirst = assets?.total === 0;
  return (
    <PlainPage name={t('nav.home')} title={settings.data?.organisation ?? t('nav.home')}>
      {isFirst && <FirstStart />}
      {can('jobs:read') && <RunningJobs />}
      <Counts assets={assets} />
      {!isFirst && <Attention />}
    </PlainPage>
  );
}

type Count = { total: number; isEstimate: boolean } | undefined;

function Counts({ assets }: { assets: Count }) {
  const products = useCount(productListRoutes, 'assets>0');
  const people = useCount(personListRoutes);
  const summary = usePositionSummary();
  const positions = summary?.statuses.reduce((sum, s) => sum + s.count, 0);
  const items: [string, string, Count][] = [
    [t('nav.assets'), '/assets', assets],
    [t('home.products'), listPath('/products', 'assets>0'), products],
    [t('nav.positions'), '/positions', positions === undefined ? undefined : { total: positions, isEstimate: false }],
    [t('nav.people'), '/people', people],
  ];
  return (
    <div className="figures">
      {items.map(([label, to, count]) =>
        count === undefined ? null : (
          <div key={label} className="figure-card">
            <span className="figure-label">{label}</span>
            <AppLink to={to} className="figure-value number" aria-label={`${label}: ${number(count.total)}`}>
              {count.isEstimate ? t('table.about', { count: number(count.total) }) : number(count.total)}
            </AppLink>
          </div>
        ),
      )}
    </div>
  );
}

function RunningJobs() {
  const input = { query: { filter: 'state:running OR state:queued', fields: 'id,title,state', limit: 5, total: 'none' as const } };
  const jobs = useQuery({ ...apiQuery(jobListRoutes.list, input), refetchInterval: 15_000 }).data?.items ?? [];
  if (jobs.length === 0) return null;
  return <Section title={t('home.running')}>{jobs.map((job) => job.id && <JobProgress key={job.id} id={job.id} />)}</Section>;
}

interface Notice {
  key: string;
  count: number;
  text: string;
  to: string;
  extra?: ReactNode;
}

/** What needs a person, each with its number and the rows behind it. */
function Attention() {
  const { can } = useSession();
  const sources = useQuery({ ...apiQuery(listSources, {}), enabled: can('discovery:read'), refetchInterval }).data;
  const recognition = useQuery({ ...apiQuery(getRecognitionState, {}), enabled: can('software:read'), refetchInterval }).data;
  const summary = usePositionSummary();
  const silent = (state: string): string => `freshness:${state} -state:retired,disposed,lost,stolen`;
  const stale = useCount(assetListRoutes, silent('stale'))?.total ?? 0;
  const missing = useCount(assetListRoutes, silent('missing'))?.total ?? 0;
  const retire = useCount(assetListRoutes, silent('retire_candidate'))?.total ?? 0;
  const fresh = useCount(assetListRoutes, 'state:discovered')?.total ?? 0;
  const overdue = useCount(custodyListRoutes, 'state:overdue')?.total ?? 0;
  const conflicts = useCount(identityConflictListRoutes, 'state:open')?.total ?? 0;
  const lowStock = useCount(stockItemListRoutes, 'status:low_stock')?.total ?? 0;
  const failedJobs = useCount(jobListRoutes, 'state:failed created_at>now-7d')?.total ?? 0;
  const held = sources?.items.reduce((sum, s) => sum + s.held, 0) ?? 0;
  const status = (name: string): number => summary?.statuses.find((s) => s.status === name)?.count ?? 0;
  const notices: Notice[] = [
    {
      key: 'short',
      count: status('short'),
      text: tn('home.short', status('short')),
      to: listPath('/positions', 'status:short'),
      extra: summary?.costToCure.map((m) => <MoneyValue key={m.currency} value={m} />),
    },
    {
      key: 'unlicensed',
      count: status('unlicensed'),
      text: tn('home.unlicensed', status('unlicensed')),
      to: listPath('/positions', 'status:unlicensed'),
    },
    { key: 'unknown', count: status('unknown'), text: tn('home.unknown', status('unknown')), to: listPath('/positions', 'status:unknown') },
    { key: 'overdue', count: overdue, text: tn('home.overdue', overdue), to: '/overdue' },
    { key: 'discovered', count: fresh, text: tn('home.discovered', fresh), to: listPath('/assets', 'state:discovered') },
    { key: 'conflicts', count: conflicts, text: tn('home.conflicts', conflicts), to: listPath('/conflicts', 'state:open') },
    { key: 'lowStock', count: lowStock, text: tn('home.lowStock', lowStock), to: listPath('/stock', 'status:low_stock') },
    { key: 'stale', count: stale, text: tn('home.stale', stale), to: listPath('/assets', silent('stale')) },
    { key: 'missing', count: missing, text: tn('home.missing', missing), to: listPath('/assets', silent('missing')) },
    { key: 'retire', count: retire, text: tn('home.retire', retire), to: listPath('/assets', silent('retire_candidate')) },
    {
      key: 'titles',
      count: recognition?.evidence.unrecognised ?? 0,
      text: tn('home.titles', recognition?.evidence.unrecognised ?? 0),
      to: '/unrecognised',
    },
    { key: 'held', count: held, text: tn('home.held', held), to: listPath('/reports', 'state:held') },
    {
      key: 'failed',
      count: sources?.inbox.failed24h ?? 0,
      text: tn('home.failed', sources?.inbox.failed24h ?? 0),
      to: listPath('/reports', 'state:failed'),
    },
    { key: 'jobs', count: failedJobs, text: tn('home.jobs', failedJobs), to: listPath('/jobs', 'state:failed') },
  ].filter((n) => n.count > 0);
  return (
    <Section title={t('home.attention')}>
      {notices.length === 0 ? (
        <p className="all-good">
          <CheckIcon /> {t('home.allGood')}
        </p>
      ) : (
        <ul className="notices">
          {notices.map((n) => (
            <li key={n.key}>
              <WarningIcon />
              <AppLink to={n.to}>{n.text}</AppLink>
              {n.extra}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
