import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { catchTakenTag, settle } from './edit.ts';
import { type AssetColumn, fieldColumns, type FieldValue } from './fields.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { type AssetRow, findAsset, lockAssets, sourceTimesOf } from './store.ts';
import {
  copyValues,
  dropCopiedValues,
  type DumpedRow,
  type DumpedValue,
  dumpValues,
  moveEvents,
  redirect,
  restoreRow,
  restoreValues,
  seenOf,
  settleSeen,
} from './store-merge.ts';

// What merging and splitting do to the record. The observations and their facts are moved by the module inventory.

/** The values of an asset at one moment, enough to put them back exactly. */
export interface AssetDump extends DumpedRow {
  id: string;
  values: DumpedValue[];
}

const rowOf = async (tx: Tx, id: string): Promise<AssetRow> => {
  const row = await findAsset(tx, id);
  if (!row) throw new Problem('not_found', 'There is no asset with this id.');
  return row;
};

/** Locks assets in the order of their ids and answers where each redirects to; one that does not exist is left out. */
export async function lockForIdentity(tx: Tx, ids: readonly string[]): Promise<Map<string, { redirectedTo: string | null; name: string }>> {
  const rows = await lockAssets(tx, ids);
  return new Map(rows.map((a) => [a.id, { redirectedTo: a.redirected_to, name: String(a.name ?? a.tag ?? a.serial ?? a.id) }]));
}

export async function dumpAsset(tx: Tx, id: string): Promise<AssetDump> {
  const row = await rowOf(tx, id);
  const columns = Object.fromEntries(Object.values(fieldColumns).map((c) => [c, row[c]])) as Record<AssetColumn, FieldValue | null>;
  return { id, columns, ...(await seenOf(tx, id)), redirected_to: row.redirected_to, values: await dumpValues(tx, id) };
}

/** Before the observations move: the survivor takes the values it lacks, and the events. Answers the ids of the events. */
export async function absorbRecord(tx: Tx, survivor: string, merged: string, now: Date): Promise<string[]> {
  const times = await sourceTimesOf(tx, [survivor, merged]);
  const at = (id: string, source: string): number =>
    times.find((t) => t.asset_id === id && t.source === source)?.last_received_at.getTime() ?? 0;
  const fresher = [...new Set(times.map((t) => t.source))].filter((s) => at(merged, s) > at(survivor, s));
  await redirect(tx, merged, survivor, now);
  await copyValues(tx, merged, survivor, fresher);
  return moveEvents(tx, merged, survivor, null);
}

/** After observations moved: chooses every value anew by authority, and when the asset was seen. */
export async function settleRecord(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  await settle(tx, actor, await rowOf(tx, id), now);
  await settleSeen(tx, [id]);
  await noteLicenceFacts(tx, [{ assetId: id, field: 'state' }]);
}

/** A merged asset lives again, as it was when it was merged. @throws Problem conflict when its tag was given away. */
export async function reviveRecord(tx: Tx, actor: Actor, merged: string, survivor: string, now: Date): Promise<void> {
  await dropCopiedValues(tx, survivor, merged);
  await settle(tx, actor, await rowOf(tx, survivor), now);
  await catchTakenTag(() => redirect(tx, merged, null, now));
}

/** An asset that was split off ends again in the one it came from. */
export async function redirectRecord(tx: Tx, id: string, to: string, now: Date): Promise<void> {
  await redirect(tx, id, to, now);
  await noteLicenceFacts(tx, [{ assetId: id, field: 'state' }]);
}

/** Puts the values of a dump back; what people set by hand after `since` stays. @throws Problem conflict when its tag was given away. */
export async function restoreRecord(tx: Tx, actor: Actor, dump: AssetDump, since: Date, now: Date): Promise<void> {
  const edited = await restoreValues(tx, dump.id, dump.values, since);
  await catchTakenTag(() => restoreRow(tx, dump.id, dump, now));
  if (edited) await settle(tx, actor, await rowOf(tx, dump.id), now);
  await noteLicenceFacts(tx, [{ assetId: dump.id, field: 'state' }]);
}

export { moveEvents };
