import { Button } from '@mantine/core';
import { assetResource } from '@muster/api/assets';
import {
  applyBulkChange,
  type BulkChange,
  bulkChangeListRoutes,
  type BulkOutcome,
  getBulkChange,
  listBulkItems,
  stopBulkChange,
  undoBulkChange,
} from '@muster/api/bulk-changes';
import type { Field } from '@muster/api/fields';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf, refreshAll } from '../../app/api.ts';
import { fieldLabel, t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useWithCustomFields } from '../../ui/custom/custom-fields.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

export function BulkChangesPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.bulkChanges')}>
      <ResourceTable
        resource={bulkChangeListRoutes.resource}
        source={bulkChangeListRoutes}
        state={state}
        onState={onState}
        words={{ operation: wordOf }}
        empty={<EmptyState title={t('bulk.empty')}>{t('bulk.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

/** A bulk change from preview to undo: how many, which not and why, and how far it is. */
export function BulkChangePage() {
  const id = useRecordId();
  const query = useQuery({
    ...apiQuery(getBulkChange, { params: { id } }),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? pollMs : false),
  });
  return <Loaded query={query}>{(change) => <Change change={change} />}</Loaded>;
}

const pollMs = 2000;
const isRunning = ({ state }: BulkChange): boolean => state === 'previewing' || state === 'applying' || state === 'undoing';

const outcomes = [
  ['will_change', 'bulk.willChange'],
  ['changed', 'bulk.changed'],
  ['unchanged', 'bulk.unchanged'],
  ['blocked', 'bulk.blocked'],
  ['failed', 'bulk.failed'],
  ['undone', 'bulk.undone'],
  ['not_undone', 'bulk.notUndone'],
] as const;

function Change({ change }: { change: BulkChange }) {
  const { can } = useSession();
  const params = { id: change.id };
  const apply = useChange(() => call(applyBulkChange, { params }));
  const undo = useChange(() => call(undoBulkChange, { params }));
  const stop = useChange(() => call(stopBulkChange, { params }));
  const [behind, setBehind] = useState<{ outcome: BulkOutcome; code: string } | null>(null);
  const running = isRunning(change);
  const left = change.counts.will_change ?? 0;
  const count = (of: BulkOutcome): number => change.counts[of] ?? 0;
  return (
    <PlainPage
      name={wordOf(change.operation)}
      line={
        <>
          <StateBadge value={change.state} /> {t('bulk.line', { count: number(change.assets), who: change.createdBy })}
        </>
      }
      back={{ to: '/bulk-changes', label: t('nav.bulkChanges') }}
      actions={
        can('assets:write') && (
          <>
            {change.mayApply && left > 0 && (
              <Button loading={apply.isPending} onClick={() => apply.mutate(undefined)}>
                {change.state === 'stopped' ? t('bulk.continue') : t('bulk.apply', { count: number(left) })}
              </Button>
            )}
            {change.mayUndo && count('changed') > 0 && (
              <ConfirmButton
                label={t('bulk.undo')}
                question={t('bulk.undoQuestion')}
                variant="default"
                pending={undo.isPending}
                onConfirm={() => undo.mutate(undefined)}
              />
            )}
            {running && (
              <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate(undefined)}>
                {t('bulk.stop')}
              </Button>
            )}
          </>
        )
      }
    >
      <ProblemNotice error={apply.error ?? undo.error ?? stop.error} />
      {change.jobId && running && can('jobs:read') && <JobProgress key={change.jobId} id={change.jobId} onOver={() => void refreshAll()} />}
      <ul className="bulk-counts" aria-live="polite">
        {outcomes.map(([outcome, text]) => count(outcome) > 0 && <li key={outcome}>{tn(text, count(outcome))}</li>)}
      </ul>
      <SimpleTable
        title={t('bulk.reasons')}
        rows={change.reasons}
        columns={[
          [t('bulk.reason'), (r) => r.reason],
          [t('bulk.assets'), (r) => <span className="number">{number(r.count)}</span>, true],
          [
            t('table.actions'),
            (r) => (
              <Button variant="default" size="compact-xs" onClick={() => setBehind({ outcome: r.outcome, code: r.code })}>
                {t('bulk.show')}
              </Button>
            ),
          ],
        ]}
      />
      {behind && <Behind key={`${behind.outcome} ${behind.code}`} id={change.id} {...behind} />}
      <Samples change={change} />
    </PlainPage>
  );
}

/** The assets behind a reason, page by page. */
function Behind({ id, outcome, code }: { id: string; outcome: BulkOutcome; code: string }) {
  const items = useInfiniteQuery({
    queryKey: [...keyOf(listBulkItems, { id, outcome, code })],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await call(listBulkItems, { params: { id }, query: { outcome, code, ...(pageParam ? { cursor: pageParam } : {}) }, signal })).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  return (
    <Section title={t('bulk.behind')}>
      <ProblemNotice error={items.error} />
      <ul className="bulk-assets">
        {items.data?.pages
          .flatMap((p) => p.items)
          .map((i) => (
            <li key={i.asset.id}>
              <AppLink to={`/assets/${i.asset.id}`}>{i.asset.label}</AppLink>
            </li>
          ))}
      </ul>
      {items.hasNextPage && (
        <Button variant="default" loading={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
          {t('bulk.more')}
        </Button>
      )}
    </Section>
  );
}

function Samples({ change }: { change: BulkChange }) {
  const fields: Record<string, Field | undefined> = useWithCustomFields(assetResource).fields;
  const value = (field: string, v: string | number | null) =>
    v === null ? <Unknown word={t('none.none')} /> : field === 'state' || field === 'class' ? wordOf(String(v)) : String(v);
  return (
    <SimpleTable
      title={t('bulk.samples')}
      rows={change.samples.flatMap((s) => s.changes.map((c) => ({ ...c, asset: s.asset })))}
      columns={[
        [t('bulk.assets'), (r) => <AppLink to={`/assets/${r.asset.id}`}>{r.asset.label}</AppLink>],
        [t('bulk.field'), (r) => fieldLabel(fields[r.field]?.label ?? r.field)],
        [t('bulk.before'), (r) => value(r.field, r.from)],
        [t('bulk.after'), (r) => value(r.field, r.to)],
      ]}
    />
  );
}
