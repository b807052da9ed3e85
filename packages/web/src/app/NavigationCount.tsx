import { custodyListRoutes } from '@muster/api/custody';
import { taskListRoutes } from '@muster/api/tasks';
import { useQuery } from '@tanstack/react-query';
import { number } from '../ui/formatting.ts';
import { apiQuery } from './api.ts';
import { useSession } from './Session.tsx';

/** How many there are, beside the line that leads to them: overdue assets, or one's own open tasks. Nothing when there is none. */
export function NavigationCount({ of }: { of: 'overdue' | 'tasks' }) {
  return of === 'overdue' ? <Overdue /> : <OwnTasks />;
}

const counted = (filter: string) => ({ query: { filter, fields: 'id', limit: 1, total: 'estimate' as const } });

function Overdue() {
  const { data } = useQuery({ ...apiQuery(custodyListRoutes.list, counted('state:overdue')), refetchInterval: 60_000 });
  return data?.total ? <span className="tab-count number">{number(data.total)}</span> : null;
}

function OwnTasks() {
  const { user } = useSession();
  const input = counted(`-state:done assignee_id:${user.id}`);
  const { data } = useQuery({ ...apiQuery(taskListRoutes.list, input), refetchInterval: 60_000 });
  return data?.total ? <span className="tab-count number">{number(data.total)}</span> : null;
}
