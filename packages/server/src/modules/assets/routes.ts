import { listAssetClasses } from '@muster/api/asset-classes';
import * as api from '@muster/api/assets';
import * as history from '@muster/api/asset-history';
import * as authority from '@muster/api/authority';
import * as staleness from '@muster/api/staleness';
import { modelListRoutes } from '@muster/api/models';
import type { Call, HandledRoute } from '../../platform/http/routes.ts';
import { everywhere, handle } from '../../platform/http/routes.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { changeAuthority, previewAuthority, readAuthorityRules, resetAuthority } from './authority.ts';
import { classRoutes } from './class-routes.ts';
import { createAsset, releaseField, updateAsset } from './edit.ts';
import { readFieldHistory, restoreField } from './history-field.ts';
import { readAssetAsOf } from './history-record.ts';
import { askedBy, moveAsset } from './lifecycle-move.ts';
import { mustFindAsset } from './reach.ts';
import { readAsset } from './record.ts';
import { changeStaleness, readStaleness, resetStaleness } from './staleness.ts';
import { classesWithCounts } from './store.ts';
import { assetListing, modelListing } from './store-listing.ts';
import { readTimeline } from './timeline.ts';

type OneAsset = Pick<Call<typeof api.getAsset>, 'db' | 'actor' | 'platform' | 'etag'>;

/** The record as it is now, with its version as the ETag. */
async function answer(call: OneAsset, id: string): Promise<api.AssetRecord> {
  const record = await readAsset(call.db, id, call.platform.now(), call.actor);
  call.etag(record.version);
  return record;
}

/** Changes one asset that the caller may write, in one transaction, and answers the record. */
async function change(call: OneAsset, id: string, write: (tx: Tx, now: Date) => Promise<void>): Promise<api.AssetRecord> {
  await inTx(call.db, async (tx) => {
    await mustFindAsset(tx, id, call.actor, 'assets:write');
    await write(tx, call.platform.now());
  });
  return answer(call, id);
}

export const assetRoutes: HandledRoute[] = [
  ...listRoutes(assetListing, api.assetListRoutes),
  ...listRoutes(modelListing, modelListRoutes),
  handle(api.getAsset, async (call) => {
    if (call.query.as_of !== undefined) return readAssetAsOf(call.db, call.actor, call.params.id, call.query.as_of);
    await mustFindAsset(call.db, call.params.id, call.actor, 'assets:read');
    return answer(call, call.params.id);
  }),
  handle(api.createAsset, async (call) => {
    const id = await inTx(call.db, async (tx) => {
      const made = await createAsset(tx, call.actor, call.body, call.platform.now());
      // An asset outside the caller's scope would vanish from their sight: they may not make it.
      await mustFindAsset(tx, made, call.actor, 'assets:write');
      return made;
    });
    return answer(call, id);
  }),
  handle(api.updateAsset, async (call) =>
    change(call, call.params.id, (tx, now) => updateAsset(tx, call.actor, call.params.id, call.version, call.body, now)),
  ),
  handle(api.releaseAssetField, async (call) =>
    change(call, call.params.id, (tx, now) => releaseField(tx, call.actor, call.params.id, call.params.field, now)),
  ),
  handle(api.transitionAsset, async (call) =>
    change(call, call.params.id, (tx, now) => moveAsset(tx, call.actor, call.params.id, askedBy(call.body), now, call.body.expected)),
  ),
  handle(api.getAssetTimeline, async (call) => {
    await mustFindAsset(call.db, call.params.id, call.actor, 'assets:read');
    return readTimeline(call.db, call.params.id, call.query);
  }),
  handle(history.getAssetFieldHistory, async (call) => {
    await mustFindAsset(call.db, call.params.id, call.actor, 'assets:read');
    return readFieldHistory(call.db, call.params.id, call.params.field, call.query);
  }),
  handle(history.restoreAssetField, async (call) =>
    change(call, call.params.id, (tx, now) => restoreField(tx, call.actor, call.params.id, call.params.field, call.body.at, now)),
  ),
  ...classRoutes,
  handle(listAssetClasses, async ({ db }) => ({
    items: (await classesWithCounts(db)).map((c) => ({
      key: c.key,
      label: c.label,
      parent: c.parent_key,
      capabilities: c.capabilities,
      assets: c.assets,
      own: c.own,
      retired: c.retired,
      version: c.version,
    })),
  })),
  handle(staleness.listStaleness, ({ db }) => readStaleness(db)),
  handle(authority.listAuthorityRules, ({ db }) => readAuthorityRules(db)),
  ...everywhere([
    handle(authority.putAuthorityRule, ({ platform, actor, body }) => changeAuthority(platform, actor, body)),
    handle(authority.resetAuthorityRule, ({ platform, actor, body }) => resetAuthority(platform, actor, body)),
    handle(staleness.putStaleness, ({ platform, actor, body }) => changeStaleness(platform, actor, body)),
    handle(staleness.resetStaleness, ({ platform, actor, body }) => resetStaleness(platform, actor, body.classKey)),
    handle(authority.previewAuthorityRule, ({ platform, body }) => previewAuthority(platform, body)),
  ]),
];
