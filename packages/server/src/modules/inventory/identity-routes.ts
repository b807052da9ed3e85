import * as api from '@muster/api/identity';
import type { IdentityOperation } from '@muster/api/identity';
import { Problem } from '@muster/api/errors';
import * as rules from '@muster/api/identity-rules';
import type { Permission } from '@muster/api/permissions';
import type { Actor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { mustFindConflict, readConflict, resolveConflict } from './conflicts.ts';
import { publishDryRun, readDryRun, readDryRunChanges, readDryRuns, readIdentityRules, startDryRun } from './identity-rules.ts';
import { mergeAssets, splitAsset, undoOperation } from './operations.ts';
import { mustFindOperation, previewSplit, readOperation, readOperations } from './operations-read.ts';
import { conflictListing } from './store-conflicts.ts';

/** Both assets must be in the caller's scope; the answer is one for both reasons. */
async function mustReach(db: Db, ids: readonly string[], actor: Actor, permission: Permission, what: string): Promise<void> {
  try {
    for (const id of ids) await mustFindAsset(db, id, actor, permission);
  } catch (error) {
    if (error instanceof Problem) throw new Problem('not_found', `There is no ${what} with this id.`, { cause: error });
    throw error;
  }
}

export const identityRoutes: HandledRoute[] = [
  ...listRoutes(conflictListing, api.identityConflictListRoutes),
  handle(api.mergeAsset, async ({ db, params, body, actor, platform }): Promise<IdentityOperation> =>
    inTx(db, async (tx) => {
      await mustReach(tx, [params.id, body.merged], actor, 'assets:write', 'asset');
      return readOperation(tx, await mergeAssets(tx, actor, params.id, body.merged, body.reason, platform.now()), actor);
    }),
  ),
  handle(api.splitAsset, async ({ db, params, body, actor, platform }): Promise<IdentityOperation> =>
    inTx(db, async (tx) => {
      const into = body.into ?? null;
      await mustReach(tx, into ? [params.id, into] : [params.id], actor, 'assets:write', 'asset');
      const id = await splitAsset(tx, actor, params.id, { observations: body.observations, into, reason: body.reason }, platform.now());
      return readOperation(tx, id, actor);
    }),
  ),
  handle(api.previewSplit, async ({ db, params, body, actor, platform }) => {
    const into = body.into ?? null;
    await mustReach(db, into ? [params.id, into] : [params.id], actor, 'assets:write', 'asset');
    return previewSplit(db, actor, params.id, { observations: body.observations, into }, platform.now());
  }),
  handle(api.listIdentityOperations, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return { items: await readOperations(db, params.id, actor) };
  }),
  handle(api.undoIdentityOperation, async ({ db, params, body, actor, platform }): Promise<IdentityOperation> =>
    inTx(db, async (tx) => {
      const { asset_id, other_id } = await mustFindOperation(tx, params.id);
      await mustReach(tx, [asset_id, other_id], actor, 'assets:write', 'merge or split');
      await undoOperation(tx, actor, params.id, body.reason, platform.now());
      return readOperation(tx, params.id, actor);
    }),
  ),
  handle(api.getIdentityConflict, async ({ db, params, actor, platform }) => {
    const { asset_a, asset_b } = await mustFindConflict(db, params.id);
    await mustReach(db, [asset_a, asset_b], actor, 'discovery:read', 'conflict');
    return readConflict(db, params.id, platform.now());
  }),
  handle(api.resolveIdentityConflict, async ({ db, params, body, actor, platform }) =>
    inTx(db, async (tx) => {
      const { asset_a, asset_b } = await mustFindConflict(tx, params.id);
      await mustReach(tx, [asset_a, asset_b], actor, 'assets:write', 'conflict');
      await resolveConflict(tx, actor, params.id, { as: body.as, survivor: body.survivor ?? null, reason: body.reason }, platform.now());
      return readConflict(tx, params.id, platform.now());
    }),
  ),
  handle(rules.getIdentityRules, ({ db }) => readIdentityRules(db)),
  // What a dry run tells is of assets of the whole organisation.
  ...everywhere([
    handle(rules.startIdentityDryRun, ({ platform, actor, body }) => startDryRun(platform, actor, body)),
    handle(rules.listIdentityDryRuns, ({ db }) => readDryRuns(db)),
    handle(rules.getIdentityDryRun, ({ db, params }) => readDryRun(db, params.id)),
    handle(rules.listIdentityDryRunChanges, ({ db, params, query }) =>
      readDryRunChanges(db, params.id, { kind: query.kind ?? null, after: query.cursor ?? 0, limit: query.limit }),
    ),
    handle(rules.publishIdentityDryRun, ({ platform, actor, params }) => publishDryRun(platform, actor, params.id)),
  ]),
];
