import { Button, Drawer } from '@mantine/core';
import { type FieldHistoryEntry, getAssetFieldHistory, restoreAssetField } from '@muster/api/asset-history';
import type { AssetRecord, AssetValueField } from '@muster/api/assets';
import { useInfiniteQuery } from '@tanstack/react-query';
import { call, keyOf } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { absoluteTime } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';

interface Props {
  asset: AssetRecord;
  field: AssetValueField;
  label: string;
  mayEdit: boolean;
  onClose: () => void;
}

/** What a field was, when, and who changed it; any earlier value can be set again. */
export function FieldHistory({ asset, field, label, mayEdit, onClose }: Props) {
  const history = useInfiniteQuery({
    queryKey: keyOf(getAssetFieldHistory, { id: asset.id, field }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await call(getAssetFieldHistory, { params: { id: asset.id, field }, query: pageParam ? { cursor: pageParam } : {}, signal })).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const restore = useChange((at: string) => call(restoreAssetField, { params: { id: asset.id, field }, body: { at } }), {
    message: t('asOf.restored'),
  });
  const pages = history.data?.pages ?? [];
  const keptSince = pages[0]?.keptSince;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={t('asOf.historyOf', { field: label })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <ProblemNotice error={restore.error ?? history.error} />
      <ol className="plain">
        {pages
          .flatMap((page) => page.items)
          .map((entry) => (
            <li key={entry.from}>
              <Entry entry={entry} />
              {mayEdit && entry.until !== null && entry.value !== null && (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  loading={restore.isPending && restore.variables === entry.from}
                  onClick={() => restore.mutate(entry.from)}
                  aria-label={t('asOf.restoreValue', { value: entry.label ?? String(entry.value) })}
                >
                  {t('asOf.restore')}
                </Button>
              )}
            </li>
          ))}
      </ol>
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {t('action.more')}
        </Button>
      )}
      {keptSince && <p className="dimmed">{t('asOf.keptSince', { time: absoluteTime(keptSince) })}</p>}
    </Drawer>
  );
}

function Entry({ entry }: { entry: FieldHistoryEntry }) {
  const who = entry.actor ?? (entry.source === null ? t('none.unknown') : wordOf(entry.source));
  return (
    <>
      <strong className="wrap">{entry.value === null ? t('none.none') : (entry.label ?? String(entry.value))}</strong>
      <br />
      <span className="dimmed">
        {entry.until === null
          ? t('asOf.since', { from: absoluteTime(entry.from) })
          : t('asOf.between', { from: absoluteTime(entry.from), until: absoluteTime(entry.until) })}
        {' · '}
        {who}
      </span>{' '}
    </>
  );
}
