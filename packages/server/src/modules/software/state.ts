import { type Ruleset, withLocalRules } from '@muster/core/recognition';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { shippedContent } from './content.ts';
import { EvidenceCache } from './evidence-cache.ts';
import {
  activeLocalRules,
  lockRules,
  productNames,
  publisherIds,
  readState,
  upsertProducts,
  upsertPublishers,
  writeContentHash,
} from './store.ts';

/** What one process keeps in memory about one database. */
export interface SoftwareState {
  readonly cache: EvidenceCache;
  rules: Rules | undefined;
}
/** The rules in force, with the ids their keys stand for. */
export interface Rules {
  readonly contentHash: string;
  readonly localVersion: number;
  readonly ruleset: Ruleset;
  readonly productIds: ReadonlyMap<string, string>;
  readonly publisherIds: ReadonlyMap<string, string>;
}

const states = new WeakMap<object, SoftwareState>();

/** The state of the database behind `db`. A transaction shares its pool's dialect adapter with it, which so names the database. */
export function stateOf(db: Db): SoftwareState {
  const adapter = db.getExecutor().adapter;
  let state = states.get(adapter);
  if (state === undefined) {
    state = { cache: new EvidenceCache(), rules: undefined };
    states.set(adapter, state);
  }
  return state;
}

/**
 * The rules in force, from memory when nothing changed since. Brings the shipped catalogue into the database when it is not there yet. Call it under the
 * rules lock where what it answers must still hold at commit.
 */
export async function rulesOf(tx: Tx): Promise<Rules> {
  const state = stateOf(tx);
  const content = shippedContent();
  let row = await readState(tx);
  if (row === undefined) {
    await syncContent(tx);
    row = await readState(tx);
  }
  const localVersion = row?.local_version ?? 0;
  const known = state.rules;
  if (known?.contentHash === content.hash && known.localVersion === localVersion) return known;
  const rules: Rules = {
    contentHash: content.hash,
    localVersion,
    ruleset: withLocalRules(content.ruleset, content.hash, await activeLocalRules(tx)),
    productIds: new Map((await productNames(tx)).map((p) => [p.key, p.id])),
    publisherIds: new Map((await publisherIds(tx)).map((p) => [p.key, p.id])),
  };
  state.rules = rules;
  return rules;
}

/** Brings the shipped publishers and products into the database. Answers whether the catalogue differs from the one that was there. */
export async function syncContent(tx: Tx): Promise<boolean> {
  await lockRules(tx);
  const { content, hash } = shippedContent();
  const before = await readState(tx);
  if (before?.content_hash === hash) return false;
  await upsertPublishers(
    tx,
    content.publishers.map((p) => ({ id: newId(), key: p.key, name: p.name })),
  );
  await upsertProducts(
    tx,
    content.products.map((p) => ({
      id: newId(),
      key: p.key,
      name: p.name,
      publisher: p.publisher,
      category: p.category,
      kind: p.kind ?? 'product',
      licensable: p.licensable ?? false,
      suite_of: [...(p.includes ?? [])],
    })),
  );
  await writeContentHash(tx, hash);
  stateOf(tx).rules = undefined;
  return true;
}
