import { assetValueFields, type AssetRecord } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import type { IdentityOperation, SplitPreview } from '@muster/api/identity';
import type { Actor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { reachableAssets, readAsset } from '../assets/index.ts';
import { splitAsset } from './operations.ts';
import { findOperation, type OperationRow, type OperationSummary, operationsOf, takenAlong } from './store-operations.ts';

/** @throws Problem not_found */
export async function mustFindOperation(db: Db, id: string): Promise<OperationRow> {
  const found = await findOperation(db, id);
  if (!found) throw new Problem('not_found', 'There is no merge or split with this id.');
  return found;
}

/** The merges and splits of an asset. The other asset is named only to those whose scope covers it. */
export async function readOperations(db: Db, assetId: string, actor: Actor): Promise<IdentityOperation[]> {
  return present(db, await operationsOf(db, { asset: assetId }), actor);
}

/** @throws Problem not_found */
export async function readOperation(db: Db, id: string, actor: Actor): Promise<IdentityOperation> {
  const [found] = await present(db, await operationsOf(db, { id }), actor);
  if (!found) throw new Problem('not_found', 'There is no merge or split with this id.');
  return found;
}

async function present(db: Db, rows: readonly OperationSummary[], actor: Actor): Promise<IdentityOperation[]> {
  const visible = await reachableAssets(db, [...new Set(rows.flatMap((o) => [o.asset_id, o.other_id]))], actor, 'assets:read');
  const ref = (id: string, label: string): IdentityOperation['asset'] => (visible.has(id) ? { id, label } : null);
  return rows.map((o) => ({
    id: o.id,
    kind: o.kind,
    asset: ref(o.asset_id, o.asset_name),
    other: ref(o.other_id, o.other_name),
    at: o.at.toISOString(),
    actor: o.actor,
    reason: o.reason,
    observations: o.observations,
    undoneAt: o.undone_at?.toISOString() ?? null,
    undoneBy: o.undone_by,
    undoReason: o.undo_reason,
  }));
}

/** Carries the answer out of a transaction that is taken back. */
class TakenBack extends Error {
  override name = 'TakenBack';
  readonly preview: SplitPreview;
  constructor(preview: SplitPreview) {
    super('The split was only tried');
    this.preview = preview;
  }
}

/**
 * What a split would take along and change: it is done and taken back, so the preview is what the split does.
 * @throws Problem as splitAsset
 */
export async function previewSplit(
  db: Db,
  actor: Actor,
  from: string,
  wanted: { observations: readonly string[]; into: string | null },
  now: Date,
): Promise<SplitPreview> {
  try {
    return await inTx(db, async (tx) => {
      const before = await readAsset(tx, from, now);
      const otherBefore = wanted.into === null ? null : await readAsset(tx, wanted.into, now);
      const { other_id: other, moved } = await mustFindOperation(
        tx,
        await splitAsset(tx, actor, from, { ...wanted, reason: 'preview' }, now),
      );
      const [staying, taken] = [await readAsset(tx, from, now), await readAsset(tx, other, now)];
      throw new TakenBack({
        ...(await takenAlong(
          tx,
          moved.observations.map((o) => o.id),
          other,
          from,
        )),
        stayingChanges: changes(before, staying),
        otherChanges: changes(otherBefore, taken),
      });
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.preview;
    throw error;
  }
}

function changes(before: AssetRecord | null, after: AssetRecord): SplitPreview['otherChanges'] {
  return assetValueFields.flatMap((field) => {
    const [from, to] = [before && told(before[field]), told(after[field])];
    return from === to ? [] : [{ field, from, to }];
  });
}

function told(value: string | number | null | { label: string }): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? value.label : String(value);
}
