import { Button } from '@mantine/core';
import {
  demandResource,
  getDerivation,
  getPosition,
  getPositionFreshness,
  listDemands,
  positionListRoutes,
  recomputePositions,
  type DerivationNode,
  type Position,
} from '@muster/api/licensing';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { DerivationTree, type Figure } from '../../ui/DerivationTree.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number, range } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, RecordPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { ListState, ListStateChange } from '../../ui/table/list-state.ts';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { MoneyValue, RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { WaterfallChart } from '../../ui/WaterfallChart.tsx';
import { waterfallOf } from './waterfall.ts';
import { PositionsOverview } from './PositionsOverview.tsx';

export function PositionsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const recompute = useChange(async () => (await call(recomputePositions, { body: {} })).data, {
    onDone: ({ jobId }) => follow(`/jobs/${jobId}`),
  });
  return (
    <ListPage
      name={t('nav.positions')}
      line={<Freshness />}
      actions={
        can('licences:write') && (
          <Button variant="default" loading={recompute.isPending} onClick={() => recompute.mutate(undefined)}>
            {t('position.recompute')}
          </Button>
        )
      }
    >
      <ProblemNotice error={recompute.error} />
      <PositionsOverview onStatus={(status) => onState({ filter: `status:${status}` })} />
      <ResourceTable
        resource={positionListRoutes.resource}
        source={positionListRoutes}
        state={state}
        onState={onState}
        alsoFields={['product', 'requiredMax', 'coveredMax', 'shortfallMax', 'surplusMax']}
        cells={{
          requiredMin: (row) => <Figures min={row.requiredMin} max={row.requiredMax} />,
          covered: (row) => <Figures min={row.covered} max={row.coveredMax} />,
          shortfallMin: (row) => <Figures min={row.shortfallMin} max={row.shortfallMax} />,
          surplusMin: (row) => <Figures min={row.surplusMin} max={row.surplusMax} />,
        }}
        empty={
          <EmptyState
            title={t('position.empty')}
            action={can('licences:write') && <AppLink to="/entitlements/new">{t('entitlement.new')}</AppLink>}
          >
            {t('position.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

/** A figure of the list: one number, or a range while facts are missing. */
function Figures({ min, max }: { min: number | undefined; max: number | undefined }) {
  return <span className="number">{min === undefined ? null : range({ min, max: max ?? min })}</span>;
}

function Freshness() {
  const query = useQuery(apiQuery(getPositionFreshness, {}));
  const fresh = query.data;
  if (!fresh) return null;
  return (
    <span>
      {fresh.newestComputedAt && (
        <>
          {t('position.computed')} <TimeAgo at={fresh.newestComputedAt} />
        </>
      )}
      {fresh.pendingProducts > 0 && <> · {tn('position.pending', fresh.pendingProducts)}</>}
    </span>
  );
}

export function PositionPage() {
  const query = useQuery({ ...apiQuery(getPosition, { params: { id: useRecordId() } }), refetchInterval: 15_000 });
  return <Loaded query={query}>{(position) => <PositionRecord position={position} />}</Loaded>;
}

const paths = {
  owned: (p: Position) =>
    listPath('/entitlements', `product:${quoted(p.product.label)} metric:${p.metric} pool:${quoted(p.pool)} status:active`),
  demands: (p: Position, filter = '') => `/positions/${p.id}?tab=demands${filter ? `&filter=${encodeURIComponent(filter)}` : ''}`,
  derivation: (p: Position, figure: Figure) => `/positions/${p.id}?tab=derivation&figure=${figure}`,
};

function PositionRecord({ position }: { position: Position }) {
  return (
    <RecordPage
      name={`${position.product.label} · ${position.metricName}`}
      title={position.product.label}
      back={{ to: '/positions', label: t('nav.positions') }}
      line={
        <>
          <StateBadge value={position.status} />
          <span>
            {position.metricName} · <RefLink to="publishers" value={position.publisher} /> ·{' '}
            {position.pool === 'global' ? t('position.wholeOrganisation') : position.pool} · {t('position.computed')}{' '}
            <TimeAgo at={position.computedAt} />
          </span>
        </>
      }
      actions={
        <AppLink to={`/products/${position.product.id}`} className="button-link">
          {t('position.openProduct')}
        </AppLink>
      }
      tabs={[
        { key: 'overview', label: t('position.overview'), content: () => <Overview position={position} /> },
        { key: 'derivation', label: t('position.derivation'), content: () => <DerivationTab position={position} /> },
        { key: 'demands', label: t('position.demands'), content: () => <DemandsTab position={position} /> },
      ]}
    />
  );
}

function FigureCard({
  label,
  value,
  unit,
  to,
  tone,
  why,
}: {
  label: string;
  value: ReactNode;
  unit: string;
  to: string;
  tone?: string;
  why?: string;
}) {
  return (
    <div className="figure-card" data-tone={tone}>
      <span className="figure-label">{label}</span>
      <AppLink to={to} className="figure-value number" aria-label={`${label}: ${typeof value === 'string' ? value : ''} ${unit}`}>
        {value}
      </AppLink>
      <span className="figure-unit">{unit}</span>
      {why && (
        <AppLink to={why} className="figure-why" aria-label={t('position.whyFigure', { figure: label })}>
          {t('derivation.why')}
        </AppLink>
      )}
    </div>
  );
}

function Overview({ position: p }: { position: Position }) {
  const bars = useMemo(
    () =>
      waterfallOf(p, {
        owned: paths.owned(p),
        demands: (filter) => paths.demands(p, filter),
        derivation: (figure) => paths.derivation(p, figure),
      }),
    [p],
  );
  return (
    <>
      <p className="sentence">{p.sentence}</p>
      <FigureCards position={p} />
      <div className="two-columns">
        <WaterfallChart title={t('position.chart', { product: p.product.label })} unit={p.unit} bars={bars} />
        <GapsAndMoney position={p} />
      </div>
      <SimpleTable
        title={t('position.coverage')}
        rows={p.coverage}
        columns={[
          [t('position.entitlement'), (c) => <RefLink to="entitlements" value={c.entitlement} />],
          [t('entitlement.quantity'), (c) => (c.quantity === null ? t('none.unlimited') : number(c.quantity)), true],
          [t('position.used'), (c) => number(c.used), true],
          [t('position.unused'), (c) => (c.unused === null ? t('none.unlimited') : number(c.unused)), true],
          [t('entitlement.unitPrice'), (c) => (c.unitPrice ? <MoneyValue value={c.unitPrice} /> : <Unknown />), true],
          [t('position.how'), (c) => <span className="wrap">{c.sentence}</span>],
        ]}
      />
      <SimpleTable
        title={t('position.adjustments')}
        rows={p.adjustments}
        columns={[
          [t('position.reason'), (a) => <span className="wrap">{a.sentence}</span>],
          [t('software.installationsLabel'), (a) => number(a.installations), true],
        ]}
      />
      <SimpleTable
        title={t('position.assumptions')}
        rows={p.assumptions}
        columns={[
          [t('position.assumption'), (a) => <span className="wrap">{a.sentence}</span>],
          [t('position.consumersLabel'), (a) => number(a.consumers), true],
        ]}
      />
      <p className="dimmed">{t('position.rules', { version: p.rulesVersion })}</p>
    </>
  );
}

/** The five figures; each opens its rows and its derivation. */
function FigureCards({ position: p }: { position: Position }) {
  const short = p.shortfall.max > 0;
  return (
    <div className="figures">
      <FigureCard
        label={t('figure.owned')}
        value={p.owned === null ? t('none.unlimited') : number(p.owned)}
        unit={p.unit}
        to={paths.owned(p)}
        why={paths.derivation(p, 'owned')}
      />
      <FigureCard
        label={t('figure.required')}
        value={range(p.required)}
        unit={p.unit}
        to={paths.demands(p)}
        why={paths.derivation(p, 'required')}
      />
      <FigureCard
        label={t('figure.covered')}
        value={p.covered === p.coveredMax ? number(p.covered) : range({ min: p.covered, max: p.coveredMax })}
        unit={p.unit}
        to={paths.demands(p, 'covered>0')}
        why={paths.derivation(p, 'covered')}
      />
      <FigureCard
        label={t('figure.shortfall')}
        value={range(p.shortfall)}
        unit={p.unit}
        to={paths.demands(p, 'is_short:true')}
        why={paths.derivation(p, 'shortfall')}
        {...(p.shortfall.min > 0 ? { tone: 'bad' } : short ? { tone: 'warning' } : {})}
      />
      <FigureCard
        label={t('figure.surplus')}
        value={range(p.surplus)}
        unit={p.unit}
        to={paths.owned(p)}
        why={paths.derivation(p, 'surplus')}
        {...(p.surplus.min > 0 ? { tone: 'info' } : {})}
      />
    </div>
  );
}

/** The facts that are missing, apart from what a shortfall would cost. */
function GapsAndMoney({ position: p }: { position: Position }) {
  return (
    <div>
      <Section title={t('position.missing')}>
        {p.missing.length === 0 ? (
          <p className="dimmed">{t('position.nothingMissing')}</p>
        ) : (
          <>
            <p className="dimmed">{t('position.missingHint')}</p>
            <ul className="plain">
              {p.missing.map((m) => (
                <li key={m.fact}>
                  <AppLink to={paths.demands(p, 'is_range:true')}>{m.label}</AppLink>: {tn('position.consumers', m.consumers)},{' '}
                  {t('position.spread', { count: number(m.spread), unit: p.unit })}
                </li>
              ))}
            </ul>
          </>
        )}
      </Section>
      <Section title={t('position.money')}>
        <dl className="facts one-column">
          <div>
            <dt>{t('position.costToCure')}</dt>
            <dd>
              {p.costToCure ? (
                <MoneyValue value={p.costToCure} />
              ) : p.costNote ? (
                <span className="dimmed">{p.costNote}</span>
              ) : (
                <Unknown word={t('none.nothing')} />
              )}
            </dd>
          </div>
          <div>
            <dt>{t('position.surplusValue')}</dt>
            <dd>
              {p.surplusValueByCurrency.length > 0 ? (
                p.surplusValueByCurrency.map((m) => (
                  <div key={m.currency}>
                    <MoneyValue value={m} />
                  </div>
                ))
              ) : (
                <Unknown word={t('none.nothing')} />
              )}
            </dd>
          </div>
        </dl>
      </Section>
    </div>
  );
}

function DerivationTab({ position }: { position: Position }) {
  const query = useQuery(apiQuery(getDerivation, { params: { id: position.id } }));
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const navigate = useNavigate();
  const rowsPath = (node: DerivationNode): string | null => (node.rows ? paths.demands(position, filterIn(node.rows.href)) : null);
  return (
    <Loaded query={query}>
      {(derivation) => (
        <DerivationTree
          derivation={derivation}
          rowsPath={rowsPath}
          figure={(search['figure'] ?? 'shortfall') as Figure}
          onFigure={(figure) => void navigate({ to: '.', search: { ...search, figure } as never, replace: true })}
        />
      )}
    </Loaded>
  );
}

/** The filter of an API address such as `/api/v1/positions/…/demands?filter=…`, to open the same rows in the table. */
function filterIn(href: string): string {
  return new URL(href, window.location.origin).searchParams.get('filter') ?? '';
}

function DemandsTab({ position }: { position: Position }) {
  const [state, onState] = useTabListState('demands');
  const source = useMemo(() => ({ list: listDemands, params: { id: position.id } }), [position.id]);
  return (
    <ResourceTable
      resource={demandResource}
      source={source}
      state={state}
      onState={onState}
      embedded
      alsoFields={['asset']}
      open={(row) => (row.asset ? `/assets/${row.asset.id}` : null)}
      empty={<EmptyState title={t('position.noDemands')} />}
    />
  );
}

/** The list's state in the URL, with the tab kept open. */
function useTabListState(tab: string): [ListState, ListStateChange] {
  const [state, change] = useUrlListState();
  return [state, (patch, options) => change({ ...patch, tab } as Partial<ListState>, options)];
}
