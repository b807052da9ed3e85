import { Problem } from '@muster/api/errors';
import type { PersonChange, PersonHistory } from '@muster/api/people';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { mustFindPerson } from './people.ts';
import { directoryIdsOf, namesOf, personHistory, type PersonHistoryRow } from './store-history.ts';

const referring = ['orgUnit', 'place'];

/**
 * A page of what changed of a person, newest first, and the ids by which directories know them.
 * @throws Problem not_found, bad_cursor
 */
export async function readPersonHistory(
  db: Db,
  id: string,
  actor: Actor,
  query: { limit: number; cursor?: string | undefined },
): Promise<PersonHistory> {
  await mustFindPerson(db, id, actor, 'people:read');
  if (query.cursor !== undefined && !/^\d{1,18}$/.test(query.cursor)) throw new Problem('bad_cursor');
  const rows = await personHistory(db, id, query.cursor ?? null, query.limit + 1);
  const page = rows.slice(0, query.limit);
  const ids = page.flatMap((row) => [row.before, row.after].flatMap((one) => referring.map((key) => one?.[key])));
  const names = await namesOf(
    db,
    ids.filter((one) => typeof one === 'string'),
  );
  return {
    items: page.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      kind: kindOf(row),
      actor: row.actor,
      source: row.source,
      changes: changesOf(row, names),
    })),
    nextCursor: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
    directories: (await directoryIdsOf(db, id)).map((one) => ({
      source: one.source,
      directoryId: one.directory_id,
      seenAt: one.seen_at.toISOString(),
    })),
  };
}

function kindOf({ before, after }: PersonHistoryRow): PersonChange['kind'] {
  if (before === null) return 'added';
  if ('active' in after) return after['active'] === true ? 'returned' : 'left';
  return 'name' in after ? 'renamed' : 'changed';
}

function changesOf({ before, after }: PersonHistoryRow, names: ReadonlyMap<string, string>): PersonChange['changes'] {
  const shown = (key: string, value: unknown): unknown =>
    referring.includes(key) && typeof value === 'string' ? (names.get(value) ?? value) : (value ?? null);
  return Object.keys(after)
    .filter((key) => before !== null || after[key] !== null)
    .map((key) => ({ field: key, before: shown(key, before?.[key]), after: shown(key, after[key]) }));
}
