import { jobListRoutes } from '@muster/api/jobs';
import { t } from '../../app/messages.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { JobProgress, useJob } from '../../ui/JobProgress.tsx';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';

export function JobsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.jobs')}>
      <ResourceTable
        resource={jobListRoutes.resource}
        source={jobListRoutes}
        state={state}
        onState={onState}
        empty={<EmptyState title={t('jobs.empty')}>{t('jobs.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function JobPage() {
  const id = useRecordId();
  const query = useJob(id);
  return (
    <Loaded query={query}>
      {(job) => (
        <PlainPage name={job.title} back={{ to: '/jobs', label: t('nav.jobs') }}>
          <JobProgress id={id} />
          <Section title={t('record.facts')}>
            <Facts
              items={[
                [t('job.kind'), <code key="k">{job.kind}</code>],
                [t('job.startedBy'), job.createdBy ?? t('none.system')],
                [t('job.created'), <TimeAgo key="c" at={job.createdAt} />],
                [t('job.started'), job.startedAt ? <TimeAgo key="s" at={job.startedAt} /> : <Unknown key="s" word={t('none.notYet')} />],
                [t('job.finished'), job.finishedAt ? <TimeAgo key="f" at={job.finishedAt} /> : <Unknown key="f" word={t('none.notYet')} />],
              ]}
            />
          </Section>
          {job.result !== null && job.result !== undefined && (
            <Section title={t('job.result')}>
              <pre className="json" tabIndex={0}>
                {JSON.stringify(job.result, null, 2)}
              </pre>
            </Section>
          )}
        </PlainPage>
      )}
    </Loaded>
  );
}
