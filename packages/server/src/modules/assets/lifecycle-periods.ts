import { Problem } from '@muster/api/errors';
import type { AssetStatePeriod } from '@muster/api/lifecycle';
import type { Db } from '../../platform/db/types.ts';
import { mustBeInstant } from '../../platform/listing/index.ts';
import { loadMachine, substateOf } from './lifecycle-machine.ts';
import { periodsOf } from './store-lifecycle.ts';

/**
 * Where an asset stood in its life, newest first; with `as_of` where it stood at that moment, or at the end of that day in UTC.
 * @throws Problem bad_cursor, validation_failed
 */
export async function readStates(
  db: Db,
  assetId: string,
  query: { limit: number; cursor?: string | undefined; as_of?: string | undefined },
): Promise<{ items: AssetStatePeriod[]; nextCursor: string | null }> {
  const asOf = query.as_of === undefined ? null : mustBeInstant(query.as_of);
  const rows = await periodsOf(db, assetId, { limit: query.limit + 1, before: readCursor(query.cursor), asOf });
  const { data } = await loadMachine(db);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map((r) => ({
      fromAt: r.from_at.toISOString(),
      toAt: r.to_at?.toISOString() ?? null,
      state: r.state,
      substate: substateOf(data, r.state, r.substate),
      transition:
        r.transition === null
          ? null
          : { key: r.transition, label: data.transitions.find((t) => t.key === r.transition)?.label ?? r.transition },
      actor: r.actor,
      reason: r.reason,
    })),
    nextCursor: rows.length > query.limit && last ? `${last.from_at.toISOString()}_${last.id}` : null,
  };
}

function readCursor(cursor: string | undefined): { at: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [at = '', id = ''] = cursor.split('_');
  const date = new Date(at);
  if (Number.isNaN(date.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw new Problem('bad_cursor');
  return { at: date, id };
}
