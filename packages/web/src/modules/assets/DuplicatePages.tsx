import { Button, Checkbox, Modal, Stack } from '@mantine/core';
import {
  dismissDuplicate,
  type Duplicate,
  duplicateListRoutes,
  getDuplicate,
  reopenDuplicate,
  searchDuplicates,
} from '@muster/api/duplicates';
import { mergeAsset } from '@muster/api/identity';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, refreshAll } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { ReasonForm } from '../../ui/ReasonForm.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

type Member = Duplicate['assets'][number];

/** Groups of assets that may be one thing, with what makes them look so. */
export function DuplicatesPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [job, setJob] = useState<string | null>(null);
  const search = useChange(() => call(searchDuplicates, {}), {
    message: t('duplicate.started'),
    onDone: ({ data }) => setJob(data.jobId),
  });
  return (
    <ListPage
      name={t('nav.duplicates')}
      line={t('duplicate.line')}
      actions={
        can('assets:write') && (
          <Button variant="default" loading={search.isPending} onClick={() => search.mutate(undefined)}>
            {t('duplicate.search')}
          </Button>
        )
      }
    >
      <ProblemNotice error={search.error} />
      {job !== null && can('jobs:read') && <JobProgress key={job} id={job} onOver={() => void refreshAll()} />}
      <ResourceTable
        resource={duplicateListRoutes.resource}
        source={duplicateListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('duplicate.empty')}>{t('duplicate.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function DuplicatePage() {
  const query = useQuery(apiQuery(getDuplicate, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(group) => <Group group={group} />}</Loaded>;
}

/** The assets of one group beside each other; one of them takes in others, or they are said to be several. */
function Group({ group }: { group: Duplicate }) {
  const { can } = useSession();
  const [into, setInto] = useState<Member | null>(null);
  const params = { id: group.id };
  const dismiss = useChange(() => call(dismissDuplicate, { params, body: {} }), { message: t('duplicate.dismissed') });
  const reopen = useChange(() => call(reopenDuplicate, { params }));
  const mayWrite = can('assets:write');
  return (
    <PlainPage
      name={group.value}
      back={{ to: '/duplicates', label: t('nav.duplicates') }}
      line={
        <>
          <StateBadge value={group.state} /> {wordOf(group.reason)} ·{' '}
          {group.dismissedBy === null ? (
            <TimeAgo at={group.foundAt} />
          ) : (
            <>
              {t('duplicate.dismissedLine', { who: group.dismissedBy })}
              {group.note && `: ${group.note}`}
            </>
          )}
        </>
      }
      actions={
        mayWrite &&
        (group.state === 'open' ? (
          <ConfirmButton
            variant="default"
            label={t('duplicate.dismiss')}
            question={t('duplicate.dismissQuestion')}
            pending={dismiss.isPending}
            onConfirm={() => dismiss.mutate(undefined)}
          />
        ) : (
          <Button variant="default" loading={reopen.isPending} onClick={() => reopen.mutate(undefined)}>
            {t('duplicate.reopen')}
          </Button>
        ))
      }
    >
      <ProblemNotice error={dismiss.error ?? reopen.error} />
      <SimpleTable
        title={t('duplicate.assets')}
        rows={group.assets}
        columns={[
          [t('duplicate.asset'), (one) => <AppLink to={`/assets/${one.id}`}>{one.label}</AppLink>],
          [t('duplicate.tag'), (one) => one.tag ?? <Unknown word={t('none.none')} />],
          [t('duplicate.serial'), (one) => (one.serial === null ? <Unknown /> : <span className="mono">{one.serial}</span>)],
          [t('duplicate.class'), (one) => wordOf(one.class)],
          [t('duplicate.model'), (one) => [one.manufacturer, one.model].filter(Boolean).join(' ') || <Unknown />],
          [t('duplicate.state'), (one) => <StateBadge value={one.state} />],
          [t('duplicate.sources'), (one) => number(one.sources), true],
          [
            t('duplicate.lastSeen'),
            (one) => (one.lastSeenAt === null ? <Unknown word={t('none.never')} /> : <TimeAgo at={one.lastSeenAt} />),
          ],
          [t('duplicate.created'), (one) => <TimeAgo at={one.createdAt} />],
          [
            t('duplicate.actions'),
            (one) =>
              mayWrite && (
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={t('duplicate.mergeIntoOf', { name: one.label })}
                  onClick={() => setInto(one)}
                >
                  {t('duplicate.mergeInto')}
                </Button>
              ),
          ],
        ]}
      />
      {into && <MergeDialog into={into} others={group.assets.filter((one) => one.id !== into.id)} onClose={() => setInto(null)} />}
    </PlainPage>
  );
}

const described = (one: Member): string => [one.tag, one.serial, one.manufacturer, one.model].filter(Boolean).join(' · ');

function MergeDialog({ into, others, onClose }: { into: Member; others: Member[]; onClose: () => void }) {
  const follow = useFollow();
  const [chosen, setChosen] = useState<string[]>(others.length === 1 ? others.map((one) => one.id) : []);
  const merge = useChange(
    async (reason: string) => {
      // One after the other: each is an operation of its own, to be undone alone.
      for (const merged of chosen) await call(mergeAsset, { params: { id: into.id }, body: { merged, reason } });
    },
    { message: t('duplicate.merged'), onDone: () => follow(`/assets/${into.id}?tab=identity`), onError: () => void refreshAll() },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('duplicate.mergeTitle', { name: into.label })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <ReasonForm
        label={t('duplicate.mergeNow')}
        ready={chosen.length > 0}
        pending={merge.isPending}
        error={merge.error}
        onClose={onClose}
        onSubmit={(reason) => merge.mutate(reason)}
      >
        <p>{t('duplicate.mergeHint', { name: into.label })}</p>
        <Checkbox.Group label={t('duplicate.mergeWhich')} value={chosen} onChange={setChosen}>
          <Stack gap="xs" my="xs">
            {others.map((one) => (
              <Checkbox key={one.id} value={one.id} label={one.label} description={described(one)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </ReasonForm>
    </Modal>
  );
}
