import { Button } from '@mantine/core';
import { getPersonHistory, personResource, type PersonChange, type PersonHistory as PersonLife } from '@muster/api/people';
import { useInfiniteQuery } from '@tanstack/react-query';
import { call, keyOf } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { useWithCustomFields } from '../../ui/custom/custom-fields.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { Facts, Section } from '../../ui/RecordPage.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What became of a person's record: renamed, left, came back; and the ids by which directories know them. */
export function PersonHistory({ id }: { id: string }) {
  const query = useInfiniteQuery({
    queryKey: keyOf(getPersonHistory, { id }),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) =>
      (await call(getPersonHistory, { params: { id }, query: pageParam ? { cursor: pageParam } : {}, signal })).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  if (query.isError) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  const pages = query.data?.pages ?? [];
  return (
    <Section title={t('person.history')}>
      <DirectoryIds directories={pages[0]?.directories ?? []} />
      <Timeline
        items={pages
          .flatMap((page) => page.items)
          .map((one) => ({
            id: one.id,
            at: one.at,
            summary: t(`person.${one.kind}`),
            by: one.source ? wordOf(one.source) : one.actor,
            detail: one.kind === 'added' ? undefined : <Changes change={one} />,
          }))}
      />
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('action.showMore')}
        </Button>
      )}
    </Section>
  );
}

/** By which ids directories know the person: they stay whatever becomes of the name. */
function DirectoryIds({ directories }: { directories: PersonLife['directories'] }) {
  if (directories.length === 0) return null;
  return (
    <Facts
      items={directories.map((one) => [
        t('person.directoryId', { source: wordOf(one.source) }),
        <span key={one.directoryId}>
          <span className="mono wrap">{one.directoryId}</span> · {t('person.directorySeen')} <TimeAgo at={one.seenAt} />
        </span>,
      ])}
    />
  );
}

function Changes({ change }: { change: PersonChange }) {
  const labels: Record<string, { label: string }> = useWithCustomFields(personResource).fields;
  const shown = (value: unknown): string =>
    value === null
      ? t('none.none')
      : typeof value === 'boolean'
        ? t(value ? 'value.yes' : 'value.no')
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value);
  return (
    <ul className="plain">
      {change.changes
        .filter((one) => one.field !== 'active')
        .map((one) => (
          <li key={one.field} className="wrap">
            {fieldLabel(labels[one.field]?.label ?? one.field)}: <s className="dimmed">{shown(one.before)}</s> → {shown(one.after)}
          </li>
        ))}
    </ul>
  );
}
