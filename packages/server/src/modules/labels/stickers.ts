import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { reachableAssets } from '../assets/index.ts';
import { codeKey, newCodeValue } from './code-value.ts';
import { batchById, insertBatch, insertCodes, type NewCode, stickersOf, type StickerRow } from './store-codes.ts';

/** Makes a batch of stickers that are on nothing yet. */
export async function makeStickers(
  tx: Tx,
  actor: Actor,
  input: { name: string; stickers: number },
  now: Date,
): Promise<{ id: string; name: string; stickers: number }> {
  const id = newId(now.getTime());
  await insertBatch(tx, { id, ...input, by: actor.label }, now);
  const codes = Array.from({ length: input.stickers }, (_, index): NewCode => {
    const value = newCodeValue();
    return {
      key: codeKey(value),
      id: newId(now.getTime()),
      value,
      kind: 'sticker',
      symbology: 'qr',
      source: 'muster',
      asset_id: null,
      batch_id: id,
      number: index + 1,
    };
  });
  // A value that exists already comes up once in 2^60.
  if ((await insertCodes(tx, codes, actor.label, now)).size < codes.length)
    throw new Problem('conflict', 'A code came up that is in use. Try again.');
  await audit(tx, actor, {
    action: 'sticker_batch.created',
    resource: 'sticker-batches',
    resourceId: id,
    summary: `Made ${input.stickers} unclaimed stickers “${input.name}”`,
    after: input,
  });
  return { id, ...input };
}

/** A batch with its stickers in order; the asset of one is named to whoever may see it. Problem not_found. */
export async function readBatch(
  db: Db,
  actor: Actor,
  id: string,
): Promise<{ batch: NonNullable<Awaited<ReturnType<typeof batchById>>>; stickers: StickerRow[]; seen: Set<string> }> {
  const batch = await batchById(db, id);
  if (!batch) throw new Problem('not_found', 'There is no batch of stickers with this id.');
  const stickers = await stickersOf(db, id);
  const seen = await reachableAssets(
    db,
    stickers.flatMap((one) => (one.asset_id === null ? [] : [one.asset_id])),
    actor,
    'assets:read',
  );
  return { batch, stickers, seen };
}
