import { Button, Progress } from '@mantine/core';
import {
  cancelScanRun,
  deleteScanRange,
  forgetHostKey,
  getScanRange,
  getScanRun,
  hostKeyListRoutes,
  runScan,
  scanRangeListRoutes,
  scanRunListRoutes,
  type ScanRange,
  type ScanRun,
} from '@muster/api/scans';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { NetworkForm } from './NetworkForm.tsx';

const REFRESH_MS = 3000;

export function NetworksPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const add = can('discovery:write') && <Button onClick={() => follow('/networks/new')}>{t('network.new')}</Button>;
  return (
    <ListPage
      name={t('nav.networks')}
      line={t('network.line')}
      actions={
        <>
          {can('discovery:write') && (
            <Button variant="default" onClick={() => follow('/snmp-walks')}>
              {t('nav.walks')}
            </Button>
          )}
          <Button variant="default" onClick={() => follow('/credential-sets')}>
            {t('nav.credentialSets')}
          </Button>
          {add}
        </>
      }
    >
      <ResourceTable
        resource={scanRangeListRoutes.resource}
        source={scanRangeListRoutes}
        state={state}
        onState={onState}
        open={(row) => `/networks/${row.id}`}
        empty={
          <EmptyState title={t('network.empty')} action={add}>
            {t('network.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

export function NewNetworkPage() {
  const follow = useFollow();
  return (
    <PlainPage name={t('network.new')} back={{ to: '/networks', label: t('nav.networks') }}>
      <NetworkForm onSaved={(range) => follow(`/networks/${range.id}`)} onCancel={() => follow('/networks')} />
    </PlainPage>
  );
}

export function NetworkPage() {
  const query = useQuery({ ...apiQuery(getScanRange, { params: { id: useRecordId() } }), refetchInterval: REFRESH_MS * 3 });
  return <Loaded query={query}>{(range) => <Network key={range.version} range={range} />}</Loaded>;
}

function Network({ range }: { range: ScanRange }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const [runs, onRuns] = useLocalListState();
  const run = useChange(async () => (await call(runScan, { params: { id: range.id } })).data, {
    message: t('network.asked'),
    onDone: ({ runId }) => follow(`/scan-runs/${runId}`),
  });
  const remove = useChange(() => call(deleteScanRange, { params: { id: range.id } }), {
    message: t('network.removed'),
    onDone: () => follow('/networks'),
  });
  return (
    <PlainPage
      name={range.name}
      back={{ to: '/networks', label: t('nav.networks') }}
      line={
        <span>
          {tn('network.addresses', range.addresses)} ·{' '}
          {range.agent ? t('network.byAgent', { agent: range.agent.label }) : (range.collector?.label ?? t('none.none'))}
          {range.openRunId && (
            <>
              {' '}
              · <AppLink to={`/scan-runs/${range.openRunId}`}>{t('network.openRun')}</AppLink>
            </>
          )}
        </span>
      }
      actions={
        can('discovery:write') &&
        !editing && (
          <>
            <Button loading={run.isPending} disabled={range.openRunId !== null} onClick={() => run.mutate(undefined)}>
              {t('network.run')}
            </Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <ConfirmButton
              variant="default"
              label={t('network.remove')}
              question={t('network.removeQuestion', { name: range.name })}
              pending={remove.isPending}
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        )
      }
    >
      <ProblemNotice error={run.error ?? remove.error} />
      {editing ? (
        <NetworkForm range={range} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <NetworkFacts range={range} />
      )}
      <Section title={t('network.runs')}>
        <ResourceTable
          resource={scanRunListRoutes.resource}
          source={scanRunListRoutes}
          state={runs}
          onState={onRuns}
          fixedFilter={`range:${range.id}`}
          open={(row) => `/scan-runs/${row.id}`}
          embedded
          selectable={false}
          empty={<EmptyState title={t('network.noRuns')} />}
        />
      </Section>
      <HostKeys rangeId={range.id} />
    </PlainPage>
  );
}

/** What hosts showed at first use. Another key is refused until the old one is forgotten here. */
function HostKeys({ rangeId }: { rangeId: string }) {
  const { can } = useSession();
  const [state, onState] = useLocalListState();
  const forget = useChange((id: string) => call(forgetHostKey, { params: { id } }), { message: t('hostKey.forgotten') });
  return (
    <Section title={t('hostKey.title')}>
      <ProblemNotice error={forget.error} />
      <ResourceTable
        resource={hostKeyListRoutes.resource}
        source={hostKeyListRoutes}
        state={state}
        onState={onState}
        fixedFilter={`range:${rangeId}`}
        open={() => null}
        embedded
        selectable={false}
        rowActions={
          can('discovery:write')
            ? (row) => (
                <ConfirmButton
                  label={t('hostKey.forget')}
                  question={t('hostKey.question', { address: row.address ?? '' })}
                  onConfirm={() => row.id && forget.mutate(row.id)}
                />
              )
            : undefined
        }
        empty={<EmptyState title={t('hostKey.none')} />}
      />
    </Section>
  );
}

function NetworkFacts({ range }: { range: ScanRange }) {
  return (
    <Facts
      items={[
        [t('network.ranges'), range.ranges.join(', ')],
        [t('network.excluded'), range.excluded.join(', ') || t('none.none')],
        [t('network.credentials'), range.credentials.map((one) => one.label).join(', ') || t('none.none')],
        [t('network.every'), range.everyHours === null ? t('network.onRequest') : `${number(range.everyHours)} h`],
        [t('network.next'), range.nextRunAt ? <TimeAgo key="n" at={range.nextRunAt} /> : <Unknown key="n" word={t('none.dash')} />],
        [t('network.window'), range.window ? `${range.window.from}–${range.window.until}` : t('none.always')],
        [t('network.rate'), number(range.ratePerSecond)],
        [t('network.allowPublic'), range.allowPublic ? t('value.yes') : t('value.no')],
      ]}
    />
  );
}

const isOver = (run: ScanRun): boolean => run.state !== 'queued' && run.state !== 'running';

export function ScanRunPage() {
  const query = useQuery({
    ...apiQuery(getScanRun, { params: { id: useRecordId() } }),
    refetchInterval: (one) => (one.state.data && isOver(one.state.data) ? false : REFRESH_MS),
  });
  return <Loaded query={query}>{(run) => <Run run={run} />}</Loaded>;
}

function Run({ run }: { run: ScanRun }) {
  const { can } = useSession();
  const cancel = useChange(() => call(cancelScanRun, { params: { id: run.id } }), { message: t('scan.stopped') });
  const name = t('scan.of', { network: run.range.label });
  return (
    <PlainPage
      name={name}
      back={{ to: `/networks/${run.range.id}`, label: run.range.label }}
      line={
        <>
          <StateBadge value={run.state} />
          <span>
            {run.requestedBy} · <TimeAgo at={run.requestedAt} />
          </span>
        </>
      }
      actions={
        can('discovery:write') &&
        !isOver(run) && (
          <ConfirmButton
            variant="default"
            label={t('scan.stop')}
            question={t('scan.stopQuestion')}
            pending={cancel.isPending}
            onConfirm={() => cancel.mutate(undefined)}
          />
        )
      }
    >
      <ProblemNotice error={cancel.error} />
      {run.state === 'queued' && <p className="dimmed">{t('scan.waits')}</p>}
      {run.message && <p className={run.state === 'failed' ? 'job-error' : 'dimmed'}>{run.message}</p>}
      {run.total !== null && (
        <Progress
          value={run.total === 0 ? 100 : Math.min(100, (100 * run.probed) / run.total)}
          animated={run.state === 'running'}
          color={run.state === 'failed' ? 'red' : 'accent'}
          size="sm"
          aria-label={name}
        />
      )}
      <Facts
        items={[
          [t('scan.probed'), run.total === null ? number(run.probed) : `${number(run.probed)} / ${number(run.total)}`],
          [t('scan.up'), number(run.up)],
          [t('scan.walked'), number(run.walked)],
          [t('scan.results'), number(run.results)],
          [t('scan.started'), run.startedAt ? <TimeAgo key="s" at={run.startedAt} /> : <Unknown key="s" word={t('none.notYet')} />],
          [t('scan.finished'), run.finishedAt ? <TimeAgo key="f" at={run.finishedAt} /> : <Unknown key="f" word={t('none.notYet')} />],
        ]}
      />
      <SimpleTable
        title={t('scan.hosts')}
        rows={run.hosts}
        columns={[
          [t('scan.address'), (h) => <AppLink to={`/reports/${h.reportId}`}>{h.address}</AppLink>],
          [t('scan.name'), (h) => h.name ?? <Unknown />],
          [t('scan.values'), (h) => number(h.values), true],
          [t('scan.missing'), (h) => number(h.missing), true],
        ]}
      />
      <SimpleTable
        title={t('scan.log')}
        rows={run.log}
        columns={[
          [t('scan.when'), (l) => <TimeAgo at={l.at} />],
          [
            t('scan.level'),
            (l) => <StateBadge value={l.level} tone={l.level === 'error' ? 'bad' : l.level === 'warning' ? 'warning' : 'info'} />,
          ],
          [t('scan.what'), (l) => <span className="wrap">{l.message}</span>],
        ]}
      />
    </PlainPage>
  );
}
