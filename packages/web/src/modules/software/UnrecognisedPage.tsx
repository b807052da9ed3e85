import { Button, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { getRecognitionState, listUnrecognised, rerunRecognition, type UnrecognisedGroup } from '@muster/api/software';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useShortcuts } from '../../app/shortcuts.ts';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { SearchIcon } from '../../ui/Icons.tsx';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { titleOf } from './group-title.ts';
import { MapDialog } from './MapDialog.tsx';

/** Raw titles that no rule knows, the most installed first: each is mapped once and known for ever. */
export function UnrecognisedPage() {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const navigate = useNavigate();
  const [text, setText] = useState(search['q'] ?? '');
  const [q] = useDebouncedValue(text.trim(), 250);
  const [mapping, setMapping] = useState<UnrecognisedGroup | null>(null);
  const { can } = useSession();
  const follow = useFollow();
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label: t('keys.filter'), group: t('keys.lists'), run: () => input.current?.focus() }]);
  useEffect(() => {
    if ((search['q'] ?? '') !== q) void navigate({ to: '.', search: (q ? { q } : {}) as never, replace: true });
  }, [q, search, navigate]);
  const groups = useInfiniteQuery({
    queryKey: keyOf(listUnrecognised, { q }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await call(listUnrecognised, { query: { ...(q ? { q } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, signal })).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const rerun = useChange(async () => (await call(rerunRecognition, {})).data, { onDone: ({ jobId }) => follow(`/jobs/${jobId}`) });
  const items = groups.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ListPage
      name={t('nav.unrecognised')}
      line={<RecognitionLine />}
      actions={
        <>
          <Button variant="default" onClick={() => follow('/recognition-rules')}>
            {t('rules.title')}
          </Button>
          {can('software:write') && (
            <Button variant="default" loading={rerun.isPending} onClick={() => rerun.mutate(undefined)}>
              {t('unrecognised.rerun')}
            </Button>
          )}
        </>
      }
    >
      <ProblemNotice error={rerun.error ?? groups.error} onRetry={() => void groups.refetch()} />
      <TextInput
        ref={input}
        leftSection={<SearchIcon />}
        aria-label={t('unrecognised.search')}
        placeholder={t('unrecognised.search')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        className="queue-search"
      />
      <div className="queue">
        {groups.isPending && <Skeleton height={240} />}
        {groups.isSuccess && items.length === 0 && (
          <EmptyState title={q ? t('table.noMatch') : t('unrecognised.empty')}>{!q && t('unrecognised.emptyHint')}</EmptyState>
        )}
        <ul>
          {items.map((group) => (
            <li key={`${group.name}:${group.publisher ?? ''}`} className="queue-item">
              <div className="queue-text">
                <h2>{titleOf(group)}</h2>
                <p className="dimmed">
                  {group.publisher ?? <Unknown word={t('unrecognised.noPublisher')} />} · {group.channels.map(wordOf).join(', ')}
                </p>
                <p>
                  <span className="number">{tn('software.installations', group.installations)}</span> ·{' '}
                  {tn('software.titles', group.evidence)}
                </p>
                <ul className="queue-samples">
                  {group.samples.slice(0, 3).map((e) => (
                    <li key={e.id}>
                      <AppLink to={`/evidence/${e.id}`}>{e.name}</AppLink> <span className="dimmed">{e.version}</span>
                    </li>
                  ))}
                  {group.evidence > 3 && (
                    <li>
                      <AppLink to={listPath('/evidence', `"${group.name}" recognised:false`)}>{t('unrecognised.allTitles')}</AppLink>
                    </li>
                  )}
                </ul>
              </div>
              {can('software:write') && <Button onClick={() => setMapping(group)}>{t('unrecognised.map')}</Button>}
            </li>
          ))}
        </ul>
        {groups.hasNextPage && (
          <Button variant="default" loading={groups.isFetchingNextPage} onClick={() => void groups.fetchNextPage()}>
            {t('action.showMore')}
          </Button>
        )}
      </div>
      {mapping && <MapDialog group={mapping} onClose={() => setMapping(null)} />}
    </ListPage>
  );
}

function RecognitionLine() {
  const state = useQuery(apiQuery(getRecognitionState, {}));
  if (!state.data) return null;
  const { installations, evidence, ruleset } = state.data;
  const share = installations.total === 0 ? null : Math.round((1000 * installations.recognised) / installations.total) / 10;
  return (
    <span>
      {share !== null && <>{t('unrecognised.share', { share: number(share) })} · </>}
      <AppLink to={listPath('/evidence', 'recognised:false')}>
        {t('unrecognised.open', { count: number(evidence.unrecognised) })}
      </AppLink> ·{' '}
      {t('unrecognised.ruleset', { ruleset })}
    </span>
  );
}
