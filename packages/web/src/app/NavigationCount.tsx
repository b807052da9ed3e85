import { custodyListRoutes } from '@muster/api/custody';
import { useQuery } from '@tanstack/react-query';
import { number } from '../ui/formatting.ts';
import { apiQuery } from './api.ts';

/** How many assets are overdue, beside the line that leads to them; nothing when none is. */
export function NavigationCount() {
  const input = { query: { filter: 'state:overdue', fields: 'id', limit: 1, total: 'estimate' as const } };
  const { data } = useQuery({ ...apiQuery(custodyListRoutes.list, input), refetchInterval: 60_000 });
  return data?.total ? <span className="tab-count number">{number(data.total)}</span> : null;
}
