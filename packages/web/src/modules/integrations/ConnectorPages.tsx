import { Button } from '@mantine/core';
import {
  type Connector,
  connectorKind,
  connectorListRoutes,
  type ConnectorRun,
  getConnector,
  getConnectorRun,
  listConnectorRuns,
  runConnector,
} from '@muster/api/connectors';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, refreshAll } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { CellTable } from './CellTable.tsx';
import { ConnectorDialog, scheduleWord } from './ConnectorDialog.tsx';

export function ConnectorsPage() {
  const [state, onState] = useUrlListState();
  const [making, setMaking] = useState(false);
  const { can } = useSession();
  const follow = useFollow();
  const add = can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('connector.new')}</Button>;
  return (
    <ListPage
      name={t('nav.connectors')}
      line={t('connector.line')}
      actions={
        <>
          <Button variant="default" onClick={() => follow('/coverage')}>
            {t('nav.coverage')}
          </Button>
          {add}
        </>
      }
    >
      <ResourceTable
        resource={connectorListRoutes.resource}
        source={connectorListRoutes}
        state={state}
        onState={onState}
        open={(row) => `/connectors/${row.id}`}
        cells={{
          health: (row) => row.health && <StateBadge value={row.health} />,
          everyMinutes: (row) =>
            typeof row.everyMinutes === 'number' ? scheduleWord(row.everyMinutes) : <Unknown word={t('none.byHand')} />,
        }}
        empty={
          <EmptyState title={t('connector.empty')} action={add}>
            {t('connector.emptyHint')}
          </EmptyState>
        }
      />
      {making && (
        <ConnectorDialog
          onClose={(id) => {
            setMaking(false);
            if (id) follow(`/connectors/${id}`);
          }}
        />
      )}
    </ListPage>
  );
}

export function ConnectorPage() {
  const query = useQuery(apiQuery(getConnector, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(connector) => <OneConnector connector={connector} />}</Loaded>;
}

function OneConnector({ connector }: { connector: Connector }) {
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  const params = { id: connector.id };
  const runs = useQuery(apiQuery(listConnectorRuns, { params }));
  const start = useChange(async () => (await call(runConnector, { params })).data, { onDone: ({ runId }) => setShown(runId) });
  const latest = runs.data?.items[0];
  const open = latest && latest.finishedAt === null ? latest : null;
  const kind = connectorKind(connector.kind);
  return (
    <PlainPage
      name={connector.name}
      back={{ to: '/connectors', label: t('nav.connectors') }}
      line={
        <>
          <StateBadge value={connector.health} />
          <span>
            {kind.label} · {connector.everyMinutes === null ? t('connector.byHand') : scheduleWord(connector.everyMinutes)}
          </span>
        </>
      }
      actions={
        can('discovery:write') && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <Button loading={start.isPending} disabled={open !== null} onClick={() => start.mutate(undefined)}>
              {t('connector.run')}
            </Button>
          </>
        )
      }
    >
      <ProblemNotice error={start.error} />
      {open && <JobProgress id={open.jobId} onOver={() => void refreshAll()} />}
      <CellTable title={t('coverage.cells')} cells={connector.cells} />
      <SimpleTable
        title={t('connector.runs')}
        rows={runs.data?.items ?? []}
        columns={[
          [t('connector.began'), (r) => <TimeAgo at={r.startedAt ?? r.createdAt} />],
          [t('connector.state'), (r) => <StateBadge value={r.state} />],
          [t('job.startedBy'), (r) => r.startedBy],
          [t('connector.devices'), (r) => number(r.devices), true],
          [t('connector.people'), (r) => number(r.people), true],
          [t('connector.requests'), (r) => number(r.requests), true],
          [
            t('connector.log'),
            (r) => (
              <Button variant="subtle" size="compact-xs" onClick={() => setShown(r.id)} aria-pressed={shown === r.id}>
                {t('connector.showLog')}
              </Button>
            ),
          ],
        ]}
      />
      {shown && <RunLog connectorId={connector.id} runId={shown} run={runs.data?.items.find((r) => r.id === shown)} />}
      <Settings connector={connector} />
      {editing && <ConnectorDialog connector={connector} onClose={() => setEditing(false)} />}
    </PlainPage>
  );
}

function Settings({ connector }: { connector: Connector }) {
  const fields = Object.entries(connectorKind(connector.kind).settings);
  return (
    <Section title={t('connector.settings')}>
      <Facts
        items={fields.map(([key, field]) => [
          field.label,
          field.type === 'secret' ? (
            connector.secretsSet.includes(key) ? (
              t('connector.secretStored')
            ) : (
              <Unknown key={key} word={t('none.none')} />
            )
          ) : (
            shownSetting(connector.settings[key], field.type === 'choice')
          ),
        ])}
      />
    </Section>
  );
}

function shownSetting(value: string | number | boolean | undefined, isChoice: boolean) {
  if (value === undefined) return <Unknown word={t('none.none')} />;
  if (typeof value === 'boolean') return value ? t('value.yes') : t('value.no');
  return isChoice ? wordOf(String(value)) : <span className="mono">{String(value)}</span>;
}

function RunLog({ connectorId, runId, run }: { connectorId: string; runId: string; run: ConnectorRun | undefined }) {
  const under = run?.finishedAt === null;
  const query = useQuery({
    ...apiQuery(getConnectorRun, { params: { id: connectorId, runId } }),
    refetchInterval: under ? 1000 : false,
  });
  return (
    <Loaded query={query}>
      {({ log, cells, message }) => (
        <Section title={t('connector.log')}>
          {message && cells.length === 0 && <p>{message}</p>}
          <SimpleTable
            title={t('coverage.listings')}
            rows={cells}
            columns={[
              [t('coverage.scope'), (c) => c.label],
              [t('connector.state'), (c) => (c.state ? <StateBadge value={c.state} /> : <Unknown word={t('none.notYet')} />)],
              [t('coverage.rows'), (c) => number(c.rows), true],
              [t('coverage.pages'), (c) => number(c.pages), true],
              [t('coverage.message'), (c) => c.message ?? <Unknown word={t('none.none')} />],
            ]}
          />
          <ol className="log" tabIndex={0} aria-label={t('connector.log')}>
            {log.map((line, index) => (
              // Lines have no ids and only ever grow at the end.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index}>
                <time dateTime={line.at}>{line.at.slice(11, 19)}</time> <strong>{wordOf(line.level)}</strong>{' '}
                {line.scope && `${line.scope}: `}
                {line.message}
              </li>
            ))}
          </ol>
          <AppLink to="/reports">{t('connector.reports')}</AppLink>
        </Section>
      )}
    </Loaded>
  );
}
