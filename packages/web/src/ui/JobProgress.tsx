import { Button, Progress } from '@mantine/core';
import { urlOf } from '@muster/api/client';
import { cancelJob, getJob, jobEvents, type Job } from '@muster/api/jobs';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { apiQuery, call } from '../app/api.ts';
import { t } from '../app/messages.ts';
import { number } from './formatting.ts';
import { ProblemNotice } from './ProblemNotice.tsx';
import { StateBadge } from './StateBadge.tsx';

const isOver = (job: Job): boolean => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** The job as it goes: read once, then followed by server-sent events. A reload starts the same way, so nothing is lost by one. */
export function useJob(id: string, onOver?: (job: Job) => void) {
  const client = useQueryClient();
  const query = useQuery(apiQuery(getJob, { params: { id } }));
  const latest = useRef(onOver);
  useEffect(() => {
    latest.current = onOver;
  });
  const running = query.data !== undefined && !isOver(query.data);
  useEffect(() => {
    if (!running) return;
    const events = new EventSource(urlOf(jobEvents, { id }, undefined));
    events.addEventListener('job', (event: MessageEvent<string>) => {
      const job = JSON.parse(event.data) as Job;
      client.setQueryData(apiQuery(getJob, { params: { id } }).queryKey, job);
      if (isOver(job)) {
        events.close();
        latest.current?.(job);
      }
    });
    return () => events.close();
  }, [id, running, client]);
  return query;
}

/** Long work: how far it is, in words and as a bar, and the way to stop it. */
export function JobProgress({ id, onOver }: { id: string; onOver?: (job: Job) => void }) {
  const query = useJob(id, onOver);
  const cancel = useMutation({ mutationFn: () => call(cancelJob, { params: { id } }), onSuccess: () => query.refetch() });
  const job = query.data;
  if (!job) return query.error ? <ProblemNotice error={query.error} /> : null;
  const share = job.total ? Math.min(100, (100 * job.done) / job.total) : isOver(job) ? 100 : undefined;
  return (
    <div className="job" aria-live="polite">
      <div className="job-head">
        <StateBadge value={job.state} />
        <span>{job.title}</span>
        <span className="number dimmed">
          {job.total === null ? number(job.done) : t('job.of', { done: number(job.done), total: number(job.total) })}
        </span>
        {!isOver(job) && (
          <Button variant="default" size="compact-xs" disabled={job.cancelRequested} onClick={() => cancel.mutate()}>
            {job.cancelRequested ? t('job.cancelling') : t('action.cancel')}
          </Button>
        )}
      </div>
      <Progress
        value={share ?? 100}
        animated={!isOver(job)}
        color={job.state === 'failed' ? 'red' : 'accent'}
        size="sm"
        aria-label={job.title}
      />
      {job.message && <p className="dimmed">{job.message}</p>}
      {job.error && <p className="job-error">{job.error}</p>}
      {cancel.error && <ProblemNotice error={cancel.error} />}
    </div>
  );
}
