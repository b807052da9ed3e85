import { Button, Group, Select } from '@mantine/core';
import {
  clusterChangeKinds,
  getIdentityDryRun,
  type IdentityDryRun,
  type IdentityDryRunChange,
  listIdentityDryRunChanges,
  publishIdentityDryRun,
} from '@muster/api/identity-rules';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What changed identity rules would do to the assets there are, and the way to put them in force. */
export function IdentityDryRunPage() {
  const query = useQuery(apiQuery(getIdentityDryRun, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(run) => <DryRun run={run} onOver={() => void query.refetch()} />}</Loaded>;
}

function DryRun({ run, onOver }: { run: IdentityDryRun; onOver: () => void }) {
  const follow = useFollow();
  const publish = useChange(() => call(publishIdentityDryRun, { params: { id: run.id } }), {
    message: t('identityRules.publishedDone'),
    onDone: () => follow('/identity-rules'),
  });
  const { counts } = run;
  return (
    <PlainPage
      name={t('identityRules.dryRun')}
      back={{ to: '/identity-rules', label: t('nav.identityRules') }}
      line={
        <>
          {run.askedBy} · <TimeAgo at={run.askedAt} />
        </>
      }
      actions={
        <Group gap="xs">
          <Button variant="default" onClick={() => follow(`/identity-rules?from=${run.id}`)}>
            {t('identityRules.edit')}
          </Button>
          {counts && run.current && !run.publishedAt && (
            <ConfirmButton
              label={t('identityRules.publish')}
              question={t('identityRules.publishQuestion')}
              pending={publish.isPending}
              variant="default"
              onConfirm={() => publish.mutate(undefined)}
            />
          )}
        </Group>
      }
    >
      <ProblemNotice error={publish.error} />
      {run.state !== null && <JobProgress id={run.jobId} onOver={onOver} />}
      {run.publishedAt ? (
        <p>
          {t('identityRules.published')} <TimeAgo at={run.publishedAt} />
        </p>
      ) : (
        !run.current && <p>{t('identityRules.outdated')}</p>
      )}
      {counts && (
        <>
          <Facts
            items={[
              [t('identityRules.observations'), number(counts.observations)],
              [t('identityRules.replayed'), number(counts.replayed)],
              [t('identityRules.byHand'), number(counts.byHand)],
              [t('identityRules.joined'), number(counts.joined)],
              [t('identityRules.split'), number(counts.split)],
              [t('identityRules.regrouped'), number(counts.regrouped)],
            ]}
          />
          <Changes id={run.id} />
        </>
      )}
    </PlainPage>
  );
}

function Changes({ id }: { id: string }) {
  const [kind, setKind] = useState<string>('all');
  const wanted = clusterChangeKinds.find((one) => one === kind);
  const query = useInfiniteQuery({
    queryKey: keyOf(listIdentityDryRunChanges, { id, kind }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (
        await call(listIdentityDryRunChanges, {
          params: { id },
          query: { limit: 20, ...(wanted ? { kind: wanted } : {}), ...(pageParam ? { cursor: Number(pageParam) } : {}) },
          signal,
        })
      ).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title={t('identityRules.changes')}
      actions={
        <Select
          size="xs"
          allowDeselect={false}
          aria-label={t('identityRules.show')}
          value={kind}
          onChange={(value) => setKind(value ?? 'all')}
          data={[
            { value: 'all', label: t('identityRules.all') },
            ...clusterChangeKinds.map((value) => ({ value, label: t(`identityRules.${value}`) })),
          ]}
        />
      }
    >
      <ProblemNotice error={query.error} />
      {query.isSuccess && changes.length === 0 && <EmptyState title={t('identityRules.none')}>{t('identityRules.noneHint')}</EmptyState>}
      {changes.map((change) => (
        <Change key={change.no} change={change} />
      ))}
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('identityRules.more')}
        </Button>
      )}
    </Section>
  );
}

type Member = IdentityDryRunChange['members'][number];

function Change({ change }: { change: IdentityDryRunChange }) {
  const { no, kind, before, after, members, observations } = change;
  return (
    <>
      <SimpleTable
        title={t('identityRules.changeOf', {
          no: number(no),
          what: t(`identityRules.${kind}`),
          before: number(before),
          after: number(after),
        })}
        rows={members}
        columns={[
          [
            t('identityRules.observation'),
            (m) => (
              <>
                {wordOf(m.source)}: <span className="mono">{m.nativeId}</span>
              </>
            ),
          ],
          [t('identityRules.asset'), (m) => (m.asset ? <RefLink to="assets" value={m.asset} /> : <Unknown word={t('none.none')} />)],
          [t('identityRules.inForce'), (m) => <Why why={m.inForce} />],
          [t('identityRules.draft'), (m) => <Why why={m.draft} />],
          [t('identityRules.keys'), (m) => <Keys of={m} />],
        ]}
      />
      {members.length < observations && (
        <p className="dimmed">{t('identityRules.first', { shown: number(members.length), count: number(observations) })}</p>
      )}
    </>
  );
}

function Why({ why }: { why: Member['draft'] }) {
  return (
    <>
      {why.group === null ? t('identityRules.held') : t('identityRules.machine', { group: why.group })} · <code>{why.rule}</code>
      <span className="dimmed why">{why.reasons.join(' ')}</span>
    </>
  );
}

function Keys({ of }: { of: Member }) {
  return (
    <>
      {of.keys.map((k) => (
        <div key={`${k.kind} ${k.value}`}>
          {wordOf(k.kind)} <span className="mono">{k.value}</span>: {wordOf(k.inForce)} → {wordOf(k.draft)}
        </div>
      ))}
    </>
  );
}
