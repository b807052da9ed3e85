import { Problem } from '@muster/api/errors';
import type { MarkAnswer, MarkBody } from '@muster/api/keywords';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { reachableAssets, recordEvents } from '../assets/index.ts';
import { lockAssets } from './store.ts';
import * as store from './store-keywords.ts';

/** A keyword without what makes no difference: its case. Spaces and forms of characters are settled by the schema. */
export const keyOf = (name: string): string => name.toLowerCase();

/**
 * Gives keywords to assets, or takes them off. Assets that the actor cannot reach, or that were merged away, are refused one by one; the
 * others change.
 */
export async function markAssets(tx: Tx, actor: Actor, how: 'add' | 'take', body: MarkBody, now: Date): Promise<MarkAnswer> {
  const ids = [...new Set(body.assets)];
  const reachable = await reachableAssets(tx, ids, actor, 'assets:write');
  const locked = await lockAssets(
    tx,
    ids.filter((id) => reachable.has(id)),
  );
  const refused: MarkAnswer['refused'] = [];
  const chosen = ids.filter((id) => {
    const asset = locked.get(id);
    if (!asset) refused.push({ asset: id, code: 'not_found', message: 'There is no asset with this id.' });
    else if (asset.redirected_to) refused.push({ asset: id, code: 'merged', message: `${asset.label} was merged into another asset.` });
    else return true;
    return false;
  });
  if (chosen.length === 0) return { changed: 0, refused };
  const names = new Map(body.keywords.map((name) => [keyOf(name), name]));
  const wanted = [...names].map(([key, name]) => ({ id: newId(now.getTime()), key, name }));
  const keywords = how === 'add' ? await store.keywordsNamed(tx, wanted, now) : await store.findKeywords(tx, [...names.keys()]);
  const changed = await store.changeMarks(tx, how, chosen, keywords);
  const kind = how === 'add' ? 'keywords_added' : 'keywords_taken';
  await recordEvents(
    tx,
    [...changed].map(([assetId, words]) => ({ assetId, at: now, kind, source: 'manual', actor: actor.label, data: { keywords: words } })),
  );
  for (const [assetId, words] of changed)
    await audit(tx, actor, {
      action: `keyword.${kind}`,
      resource: 'assets',
      resourceId: assetId,
      summary: `${how === 'add' ? 'Gave' : 'Took'} ${words.join(', ')} ${how === 'add' ? 'to' : 'off'} ${locked.get(assetId)?.label ?? assetId}`,
      after: { keywords: words },
    });
  return { changed: changed.size, refused };
}

async function lockedKeyword(tx: Tx, id: string): Promise<store.KeywordRow> {
  const row = (await store.lockKeywords(tx, [id])).get(id);
  if (!row) throw new Problem('not_found', 'There is no keyword with this id.');
  return row;
}

/** @throws Problem not_found; conflict when another has this name: those are merged. */
export async function renameKeyword(tx: Tx, actor: Actor, id: string, name: string): Promise<{ id: string; label: string }> {
  const row = await lockedKeyword(tx, id);
  const [other] = await store.findKeywords(tx, [keyOf(name)]);
  if (other && other.id !== id) throw new Problem('conflict', `There is a keyword “${other.name}” already. Merge this one into it.`);
  await store.renameTo(tx, id, keyOf(name), name);
  await audit(tx, actor, {
    action: 'keyword.renamed',
    resource: 'keywords',
    resourceId: id,
    summary: `Renamed the keyword ${row.name} to ${name}`,
    before: { name: row.name },
    after: { name },
  });
  return { id, label: name };
}

/** @throws Problem not_found; conflict for a keyword into itself. */
export async function mergeKeyword(tx: Tx, actor: Actor, id: string, into: string): Promise<{ id: string; label: string }> {
  if (id === into) throw new Problem('conflict', 'A keyword cannot be merged into itself.');
  const rows = await store.lockKeywords(tx, [id, into]);
  const [from, to] = [rows.get(id), rows.get(into)];
  if (!from || !to) throw new Problem('not_found', 'There is no keyword with this id.');
  const assets = await store.moveMarks(tx, id, into);
  await store.deleteKeywordRow(tx, id);
  await audit(tx, actor, {
    action: 'keyword.merged',
    resource: 'keywords',
    resourceId: into,
    summary: `Merged the keyword ${from.name} into ${to.name}`,
    before: { id, name: from.name, assets },
    after: { id: into, name: to.name },
  });
  return { id: into, label: to.name };
}

/** @throws Problem not_found */
export async function deleteKeyword(tx: Tx, actor: Actor, id: string): Promise<void> {
  const row = await lockedKeyword(tx, id);
  await store.deleteKeywordRow(tx, id);
  const summary = `Deleted the keyword ${row.name}`;
  await audit(tx, actor, { action: 'keyword.deleted', resource: 'keywords', resourceId: id, summary, before: { name: row.name } });
}
