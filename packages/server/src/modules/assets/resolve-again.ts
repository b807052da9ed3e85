import type { AssetValueField } from '@muster/api/assets';
import type { Authority } from '@muster/core/authority';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { loadAuthority } from './authority-rules.ts';
import { classesBelow } from './classes-below.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { type AssetColumn, type FieldValue } from './fields.ts';
import { changesOf, columnsFrom, resolveAll } from './observed-values.ts';
import { type AssetRow, assetRows, fieldValuesOf, lockAssets, sourceTimesOf } from './store.ts';
import { assetsToResolve, authorityRows } from './store-authority.ts';
import { recordEvents, updateValues } from './store-ingest.ts';

/** Assets that are looked at together; only those that change are locked. */
const atOnce = 500;

export interface ResolveScope {
  /** With every class below it; null: any class. */
  classKey: string | null;
}

interface Difference {
  asset: AssetRow;
  next: Record<AssetColumn, FieldValue | null>;
  changes: { field: AssetValueField; from: FieldValue | null; to: FieldValue | null; source: string | null; reason: string | null }[];
}

/** After the order of sources was changed: chooses the values anew. */
export const resolveFieldsJob: JobKind<ResolveScope> = { kind: 'assets.resolve-fields', handler: resolveAgain };

/** Four times a day: fields whose source has been silent for longer than its time to live go to the next one. */
export const resolveSilentJob: JobKind<unknown> = {
  kind: 'assets.resolve-silent-fields',
  cron: '23 1,7,13,19 * * *',
  handler: (run) => resolveAgain({ ...run, data: { classKey: null } }),
};

/**
 * Chooses the values of every asset that several sources report, batch by batch, each in a transaction of its own. Writes only what
 * changes, with an event that says why. A manual value never changes here.
 */
async function resolveAgain(run: JobRun<ResolveScope>): Promise<{ examined: number; changed: number }> {
  const { platform } = run;
  const { parents } = await authorityRows(platform.db);
  const classKeys = run.data.classKey === null ? null : classesBelow(run.data.classKey, parents);
  let after = '00000000-0000-0000-0000-000000000000';
  let examined = 0;
  let changed = 0;
  while (!run.signal.aborted) {
    const ids = await assetsToResolve(platform.db, { after, limit: atOnce, classKeys });
    changed += await resolveBatch(platform, ids);
    examined += ids.length;
    await run.progress(examined, null, `${changed} of ${examined} assets with several sources changed`);
    if (ids.length < atOnce) break;
    after = ids.at(-1) ?? after;
  }
  return { examined, changed };
}

async function resolveBatch(platform: Platform, ids: readonly string[]): Promise<number> {
  const now = platform.now();
  const seen = await differencesOf(platform.db, ids, await loadAuthority(platform.db), now);
  if (seen.length === 0) return 0;
  return inTx(platform.db, async (tx) => {
    const authority = await loadAuthority(tx);
    const locked = await lockAssets(
      tx,
      seen.map((d) => d.asset.id),
    );
    const differences = await differencesAmong(tx, locked, authority, now);
    await write(tx, differences, now);
    return differences.length;
  });
}

async function write(tx: Tx, differences: readonly Difference[], now: Date): Promise<void> {
  await updateValues(
    tx,
    differences.map((d) => ({ id: d.asset.id, at: now, values: d.next })),
  );
  const changes = differences.flatMap((d) => d.changes.map((c) => ({ assetId: d.asset.id, ...c })));
  await recordEvents(
    tx,
    changes.map(({ assetId, source, ...data }) => ({ assetId, at: now, kind: 'field_changed', source: source ?? 'muster', data })),
  );
  await noteLicenceFacts(tx, changes);
}

/** Which of these assets would show other values under an authority at a moment. */
export async function differencesOf(db: Db, ids: readonly string[], authority: Authority, now: Date): Promise<Difference[]> {
  return ids.length === 0 ? [] : differencesAmong(db, await assetRows(db, ids), authority, now);
}

async function differencesAmong(db: Db, assets: readonly AssetRow[], authority: Authority, now: Date): Promise<Difference[]> {
  const ids = assets.map((a) => a.id);
  const values = Map.groupBy(await fieldValuesOf(db, ids), (v) => v.asset_id);
  const times = new Map((await sourceTimesOf(db, ids)).map((t) => [`${t.asset_id} ${t.source}`, t.last_received_at.getTime()]));
  return assets.flatMap((asset): Difference[] => {
    if (asset.redirected_to !== null) return [];
    const seen = (source: string): number | undefined => times.get(`${asset.id} ${source}`);
    const resolved = resolveAll(asset, values.get(asset.id) ?? [], seen, now.getTime(), authority);
    const next = columnsFrom(asset, resolved);
    const changes = changesOf(asset, next).map((c) => {
      const how = resolved.get(c.field);
      return { ...c, source: how?.winner?.source ?? null, reason: how?.reason ?? null };
    });
    return changes.length === 0 ? [] : [{ asset, next, changes }];
  });
}
