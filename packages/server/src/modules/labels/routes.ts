import * as api from '@muster/api/codes';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { printRoutes } from './label-routes.ts';
import { addCode, readAssetCodes, removeCode, resolveScanned } from './codes.ts';
import { addSequence, changeSequence, dropSequence, giveTagsTo, readSequence } from './sequences.ts';
import { makeStickers, readBatch } from './stickers.ts';
import { stickerBatchListing } from './store-codes.ts';
import { sequenceListing } from './store-sequences.ts';

const codeRoutes: HandledRoute[] = [
  handle(api.listAssetCodes, async ({ db, platform, actor, params }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return { items: await readAssetCodes(platform, params.id) };
  }),
  handle(api.addAssetCode, ({ db, platform, actor, params, body }) =>
    inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      return addCode(tx, platform, actor, params.id, body, platform.now());
    }),
  ),
  handle(api.removeAssetCode, ({ db, platform, actor, params }) =>
    inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      await removeCode(tx, actor, params.id, params.codeId, platform.now());
      return undefined;
    }),
  ),
  handle(api.resolveCode, ({ db, actor, params }) => resolveScanned(db, actor, params.code)),
  handle(api.giveTags, ({ db, platform, actor, body }) =>
    inTx(db, (tx) => giveTagsTo(tx, actor, body.assetIds, body.sequenceId, platform.now())),
  ),
];

/** What numbers and names the whole organisation's things needs the permission for all of it. */
const sharedRoutes: HandledRoute[] = [
  ...listRoutes(sequenceListing, api.tagSequenceListRoutes),
  handle(api.getTagSequence, async ({ db, params, etag }) => {
    const sequence = await readSequence(db, params.id);
    etag(sequence.version);
    return sequence;
  }),
  handle(api.createTagSequence, async ({ db, platform, actor, body, etag }) => {
    const sequence = await inTx(db, async (tx) => readSequence(tx, await addSequence(tx, actor, body, platform.now())));
    etag(sequence.version);
    return sequence;
  }),
  handle(api.updateTagSequence, async ({ db, platform, actor, params, body, version, etag }) => {
    const sequence = await inTx(db, async (tx) => {
      await changeSequence(tx, actor, params.id, version, body, platform.now());
      return readSequence(tx, params.id);
    });
    etag(sequence.version);
    return sequence;
  }),
  handle(api.deleteTagSequence, ({ db, actor, params }) =>
    inTx(db, async (tx) => {
      await dropSequence(tx, actor, params.id);
      return undefined;
    }),
  ),
  ...listRoutes(stickerBatchListing, api.stickerBatchListRoutes),
  handle(api.createStickerBatch, ({ db, platform, actor, body }) => inTx(db, (tx) => makeStickers(tx, actor, body, platform.now()))),
  handle(api.getStickerBatch, async ({ db, actor, params }) => {
    const { batch, stickers, seen } = await readBatch(db, actor, params.id);
    return {
      id: batch.id,
      name: batch.name,
      createdAt: batch.created_at.toISOString(),
      createdBy: batch.created_by,
      items: stickers.map((one) => ({
        value: one.value,
        number: one.number ?? 0,
        asset: one.asset_id !== null && seen.has(one.asset_id) ? { id: one.asset_id, label: one.asset_label ?? '' } : null,
        claimedAt: one.claimed_at?.toISOString() ?? null,
        claimedBy: one.claimed_by,
      })),
    };
  }),
];

export const labelRoutes: HandledRoute[] = [...codeRoutes, ...everywhere(sharedRoutes), ...printRoutes];
