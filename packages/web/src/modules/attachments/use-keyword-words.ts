import { useDebouncedValue } from '@mantine/hooks';
import { keywordListRoutes } from '@muster/api/keywords';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';

/** The keywords that have this text in them, to complete it. */
export function useKeywordWords(text: string): string[] {
  const [q] = useDebouncedValue(text.trim(), 200);
  const query = { ...(q ? { q } : {}), fields: 'id,name', limit: 20, total: 'none' as const };
  const { data } = useQuery(apiQuery(keywordListRoutes.list, { query }));
  return (data?.items ?? []).flatMap((row) => (typeof row.name === 'string' ? [row.name] : []));
}
