import { Button } from '@mantine/core';
import { assetCoverageListRoutes, connectorKind, type Coverage, getCoverage, getCoverageTrend } from '@muster/api/connectors';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { CellTable } from './CellTable.tsx';
import { CoverageTrends, MissingPermissions } from './CoverageTrends.tsx';

const rows = '/coverage/assets';

/** What each source lists and whether it may; where sources disagree. Each figure leads to its rows. */
export function CoveragePage() {
  const query = useQuery({ ...apiQuery(getCoverage, {}), refetchInterval: 30_000 });
  const trend = useQuery(apiQuery(getCoverageTrend, { query: { days: '90' } }));
  const follow = useFollow();
  return (
    <PlainPage
      name={t('nav.coverage')}
      line={t('coverage.line')}
      actions={
        <Button variant="default" onClick={() => follow('/connectors')}>
          {t('nav.connectors')}
        </Button>
      }
    >
      <Loaded query={query}>
        {(coverage) => (
          <>
            <Section title={t('coverage.gaps')}>
              <Facts
                items={[
                  [
                    t('coverage.assets'),
                    <AppLink key="a" to={rows}>
                      {number(coverage.assets)}
                    </AppLink>,
                  ],
                  [
                    t('coverage.managedWithoutAgent'),
                    <AppLink key="m" to={listPath(rows, 'managed:true agent_recent:false')}>
                      {number(coverage.managedWithoutAgent)}
                    </AppLink>,
                  ],
                  [
                    t('coverage.oneSource'),
                    <AppLink key="o" to={listPath(rows, 'source_count:1')}>
                      {number(coverage.oneSource)}
                    </AppLink>,
                  ],
                  [t('coverage.onlyInNetwork'), <OnlyInNetwork key="n" count={coverage.unmanaged} />],
                  [t('coverage.untrusted'), <Untrusted key="u" connectors={coverage.connectors} />],
                ]}
              />
            </Section>
            <MissingPermissions connectors={coverage.connectors} />
            {trend.data && <CoverageTrends trend={trend.data} />}
            {coverage.connectors.length === 0 && (
              <EmptyState title={t('connector.empty')} action={<AppLink to="/connectors">{t('nav.connectors')}</AppLink>}>
                {t('connector.emptyHint')}
              </EmptyState>
            )}
            {coverage.connectors.map((c) => (
              <CellTable
                key={c.connector.id}
                title={`${c.connector.label} (${connectorKind(c.kind).label})`}
                cells={c.cells}
                days={trend.data?.cells.filter((d) => d.connectorId === c.connector.id)}
                actions={<AppLink to={`/connectors/${c.connector.id}`}>{t('coverage.open', { name: c.connector.label })}</AppLink>}
              />
            ))}
            <SimpleTable
              title={t('coverage.sources')}
              rows={coverage.sources}
              columns={[
                [t('coverage.source'), (s) => wordOf(s.source)],
                [t('coverage.seen'), (s) => <AppLink to={listPath(rows, `sources:*${s.source}*`)}>{number(s.assets)}</AppLink>, true],
                [
                  t('coverage.held'),
                  (s) => <AppLink to={listPath('/observations', `source:${quoted(s.source)} held:true`)}>{number(s.held)}</AppLink>,
                  true,
                ],
                [t('sources.last'), (s) => <TimeAgo at={s.lastReceivedAt} />],
              ]}
            />
          </>
        )}
      </Loaded>
    </PlainPage>
  );
}

/** The list they lead to shows the open ones. */
function OnlyInNetwork({ count }: { count: Coverage['unmanaged'] }) {
  return (
    <span>
      <AppLink to={listPath('/unmanaged', 'random:false')}>{number(count.hosts)}</AppLink>
      {count.random > 0 && (
        <>
          {' '}
          (<AppLink to={listPath('/unmanaged', 'random:true')}>{t('coverage.randomised', { n: number(count.random) })}</AppLink>)
        </>
      )}
    </span>
  );
}

/** How many listings are in which state other than complete. */
function Untrusted({ connectors }: { connectors: Coverage['connectors'] }) {
  const states = connectors.flatMap((c) => c.cells.map((cell) => cell.state)).filter((state) => state !== 'ok' && state !== 'never');
  if (states.length === 0) return <span className="dimmed">{t('coverage.allComplete')}</span>;
  return (
    <span className="badges">
      {[...Map.groupBy(states, (state) => state)].map(([state, all]) => (
        <StateBadge key={state} value={state} label={`${number(all.length)} ${wordOf(state)}`} />
      ))}
    </span>
  );
}

export function CoveredAssetsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('coverage.rowsTitle')} line={t('coverage.rowsLine')}>
      <ResourceTable
        resource={assetCoverageListRoutes.resource}
        source={assetCoverageListRoutes}
        state={state}
        onState={onState}
        alsoFields={['asset']}
        words={{ class: wordOf, sources: (keys) => keys.split(', ').map(wordOf).join(', ') }}
        open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=identity` : null)}
        empty={<EmptyState title={t('sources.empty')}>{t('sources.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}
