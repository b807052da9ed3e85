import type { AssetCode, ResolvedCode } from '@muster/api/codes';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { reachableAssets, recordEvents } from '../assets/index.ts';
import { codeKey, codeUrl, newCodeValue, readingsOf } from './code-value.ts';
import {
  claimSticker,
  codeByKey,
  type CodeRow,
  codesOfAsset,
  freeSticker,
  insertCodes,
  matchesOf,
  type NewCode,
  ownCodesOf,
  releaseCode,
} from './store-codes.ts';

const isOurs = (row: CodeRow): boolean => row.kind === 'own' || row.kind === 'sticker';

function present(row: CodeRow, baseUrl: string): AssetCode {
  return {
    id: row.id,
    value: row.value,
    symbology: row.symbology,
    kind: row.kind,
    source: row.source,
    url: isOurs(row) ? codeUrl(baseUrl, row.value) : null,
    claimedAt: (row.claimed_at ?? new Date(0)).toISOString(),
    claimedBy: row.claimed_by ?? '',
  };
}

export async function readAssetCodes(platform: Platform, assetId: string): Promise<AssetCode[]> {
  return (await codesOfAsset(platform.db, assetId)).map((row) => present(row, platform.config.baseUrl));
}

/**
 * Puts a code on an asset, or claims the sticker that has it. The caller has checked that the actor may write the asset.
 * @throws Problem conflict when it is on an asset already; names that asset if the actor may see it.
 */
export async function addCode(
  tx: Tx,
  platform: Platform,
  actor: Actor,
  assetId: string,
  input: { value: string; kind: 'serial' | 'service_tag' | 'external'; symbology: CodeRow['symbology']; source: string },
  now: Date,
): Promise<AssetCode> {
  const { code } = readingsOf(input.value);
  // The address of a sticker claims the sticker; a foreign address is a code like any other.
  const claimed =
    (await claimSticker(tx, codeKey(code), assetId, actor.label, now)) ??
    (await claimSticker(tx, codeKey(input.value), assetId, actor.label, now));
  const row = claimed ?? (await addNew(tx, actor, assetId, input, code, now));
  await noteCode(tx, actor, assetId, row, claimed ? 'sticker_claimed' : 'code_added', now);
  return present(row, platform.config.baseUrl);
}

async function addNew(
  tx: Tx,
  actor: Actor,
  assetId: string,
  input: { value: string; kind: 'serial' | 'service_tag' | 'external'; symbology: CodeRow['symbology']; source: string },
  code: string,
  now: Date,
): Promise<CodeRow> {
  const taken = (await codeByKey(tx, codeKey(code))) ?? (await codeByKey(tx, codeKey(input.value)));
  if (taken) throw await takenBy(tx, actor, assetId, taken);
  const { value, kind, symbology, source } = input;
  const added: NewCode = {
    key: codeKey(value),
    id: newId(now.getTime()),
    value,
    kind,
    symbology,
    source,
    asset_id: assetId,
    batch_id: null,
    number: null,
  };
  const free = await insertCodes(tx, [added], actor.label, now);
  const there = await codeByKey(tx, added.key);
  // Someone else was faster: then theirs is there.
  if (!free.has(added.key)) throw there ? await takenBy(tx, actor, assetId, there) : new Problem('conflict');
  return there as CodeRow;
}

async function takenBy(tx: Tx, actor: Actor, assetId: string, taken: CodeRow): Promise<Problem> {
  let where = 'another asset';
  if (taken.asset_id === assetId) where = 'this asset';
  else if (taken.asset_id !== null && (await reachableAssets(tx, [taken.asset_id], actor, 'assets:read')).has(taken.asset_id)) {
    const [other] = await matchesOf(tx, { keys: [], serials: [], macs: [], ids: [taken.asset_id] });
    if (other) where = other.name ?? other.tag ?? other.serial ?? other.id;
  }
  const message = `The code ${taken.value} is on ${where} already.`;
  return new Problem('conflict', message, { errors: [{ field: 'value', code: 'taken', message }] });
}

/** Takes a code off. Problem not_found. */
export async function removeCode(tx: Tx, actor: Actor, assetId: string, codeId: string, now: Date): Promise<void> {
  const row = await releaseCode(tx, assetId, codeId);
  if (!row) throw new Problem('not_found', 'There is no such code on this asset.');
  await noteCode(tx, actor, assetId, row, 'code_removed', now);
}

async function noteCode(tx: Tx, actor: Actor, assetId: string, row: CodeRow, kind: string, now: Date): Promise<void> {
  const words = { sticker_claimed: 'Claimed the sticker', code_added: 'Added the code', code_removed: 'Took off the code' }[kind];
  await recordEvents(tx, [
    {
      assetId,
      at: now,
      kind,
      source: 'manual',
      actor: actor.label,
      data: { code: row.value, codeKind: row.kind, symbology: row.symbology },
    },
  ]);
  await audit(tx, actor, {
    action: `asset.${kind}`,
    resource: 'assets',
    resourceId: assetId,
    summary: `${words} ${row.value}`,
    [kind === 'code_removed' ? 'before' : 'after']: { value: row.value, kind: row.kind, symbology: row.symbology, source: row.source },
  });
}

/** The code each asset has of its own, made for those that had none. By asset; the order of ids keeps two prints from waiting for each other. */
export async function ensureOwnCodes(tx: Tx, actor: Actor, assetIds: readonly string[], now: Date): Promise<Map<string, string>> {
  const there = await ownCodesOf(tx, assetIds);
  const missing = [...new Set(assetIds)].filter((id) => !there.has(id)).sort();
  if (missing.length === 0) return there;
  const codes = missing.map((assetId): NewCode => {
    const value = newCodeValue();
    return {
      key: codeKey(value),
      id: newId(now.getTime()),
      value,
      kind: 'own',
      symbology: 'qr',
      source: 'muster',
      asset_id: assetId,
      batch_id: null,
      number: null,
    };
  });
  await insertCodes(tx, codes, actor.label, now);
  return ownCodesOf(tx, assetIds);
}

/** What a scanned text stands for, as far as the actor may see it. An unknown code is an empty answer. */
export async function resolveScanned(db: Db, actor: Actor, scanned: string): Promise<ResolvedCode> {
  const readings = readingsOf(scanned);
  const found = await matchesOf(db, readings);
  const mine = await reachableAssets(db, [...new Set(found.map((one) => one.id))], actor, 'assets:read');
  const seen = found.filter((one) => mine.has(one.id));
  const order = ['code', 'tag', 'serial', 'mac', 'id'];
  const candidates = seen
    .toSorted((a, b) => order.indexOf(a.by) - order.indexOf(b.by) || (a.id < b.id ? -1 : 1))
    .map(({ id, tag, name, class_key, state, serial, by, value }) => ({
      asset: { id, tag, name, class: class_key, state, serial },
      by,
      value,
    }));
  const one = new Set(candidates.map((candidate) => candidate.asset.id)).size === 1;
  const sticker = found.length === 0 ? await freeSticker(db, readings.keys) : undefined;
  return {
    code: readings.code,
    asset: one ? (candidates[0]?.asset ?? null) : null,
    candidates,
    sticker: sticker ? { value: sticker.value, batch: { id: sticker.id, label: sticker.name } } : null,
  };
}
