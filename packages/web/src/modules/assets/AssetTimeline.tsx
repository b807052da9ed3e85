import { Button } from '@mantine/core';
import { getAssetTimeline } from '@muster/api/assets';
import { useInfiniteQuery } from '@tanstack/react-query';
import { call, keyOf } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What happened to the asset. With `limit` only the newest, for the side of the page. */
export function AssetTimeline({ id, limit }: { id: string; limit?: number }) {
  const query = useInfiniteQuery({
    queryKey: keyOf(getAssetTimeline, { id, limit: limit ?? 50 }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await call(getAssetTimeline, { params: { id }, query: { limit: limit ?? 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }))
        .data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  if (query.isError) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isSuccess && events.length === 0)
    return limit ? <p className="dimmed">{t('asset.noEvents')}</p> : <EmptyState title={t('asset.noEvents')} />;
  return (
    <>
      <Timeline
        items={events.map((e) => ({
          id: e.id,
          at: e.at,
          summary: e.summary,
          by: e.actor ?? (e.source === 'manual' ? null : wordOf(e.source)),
        }))}
      />
      {!limit && query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('action.showMore')}
        </Button>
      )}
    </>
  );
}
