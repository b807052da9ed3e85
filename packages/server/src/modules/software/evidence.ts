import { createHash } from 'node:crypto';
import { type Recognition, recognise } from '@muster/core/recognition';
import type { SoftwareRow } from '@muster/protocols';
import type { Tx } from '../../platform/db/types.ts';
import { type Rules, rulesOf, stateOf } from './state.ts';
import { type RecognitionWrite, shareRules, writeRecognitions } from './store.ts';
import { type EvidenceColumns, evidenceByHash, insertEvidence } from './store-evidence.ts';

/** The columns of a software row that make it evidence. */
export type EvidenceInput = Pick<SoftwareRow, 'name' | 'version' | 'publisher' | 'channel' | 'arch' | 'code'>;

// U+0001 and U+0000 cannot stand in PostgreSQL text, so no two different rows share a key.
const keyOf = (row: EvidenceInput): string =>
  `${row.name}\u0000${row.version ?? '\u0001'}\u0000${row.publisher ?? '\u0001'}\u0000${row.channel}\u0000${row.arch ?? '\u0001'}\u0000${row.code ?? '\u0001'}`;

/** Identity of evidence: SHA-256 over its columns, with absent told apart from empty. */
export function evidenceHash(row: EvidenceInput): Buffer {
  return createHash('sha256').update(keyOf(row)).digest();
}

/**
 * The evidence id of each row, in the order of the rows; unknown evidence is added and recognised in the same transaction. Cheap for evidence met before: a
 * look-up in memory. Call it once per transaction with all rows: new evidence then is inserted in one order everywhere, so concurrent transactions wait for each
 * other and never deadlock.
 */
export async function evidenceIdsFor(tx: Tx, rows: readonly EvidenceInput[]): Promise<number[]> {
  const { cache } = stateOf(tx);
  const ids: number[] = Array.from({ length: rows.length });
  const missing = new Map<string, number[]>();
  for (let index = 0; index < rows.length; index++) {
    const key = keyOf(rows[index] as EvidenceInput);
    const id = cache.get(key);
    if (id !== undefined) ids[index] = id;
    else {
      const places = missing.get(key);
      if (places === undefined) missing.set(key, [index]);
      else places.push(index);
    }
  }
  if (missing.size === 0) return ids;
  const found = await resolveMissing(
    tx,
    [...missing].map(([key, [first = 0]]) => ({ key, row: rows[first] as EvidenceInput })),
  );
  for (const [key, places] of missing) {
    const id = found.get(key);
    if (id === undefined) throw new Error('evidence was neither found nor added');
    for (const place of places) ids[place] = id;
  }
  return ids;
}

async function resolveMissing(tx: Tx, wanted: readonly { key: string; row: EvidenceInput }[]): Promise<Map<string, number>> {
  const { cache } = stateOf(tx);
  const found = new Map<string, number>();
  const byHash = new Map<string, { key: string; row: EvidenceInput; hash: Buffer }>();
  for (const { key, row } of wanted) {
    const hash = createHash('sha256').update(key).digest();
    byHash.set(hash.toString('base64'), { key, row, hash });
  }
  const take = async (): Promise<void> => {
    for (const known of await evidenceByHash(
      tx,
      [...byHash.values()].map((w) => w.hash),
    )) {
      const hash = known.hash.toString('base64');
      const item = byHash.get(hash);
      if (item === undefined) continue;
      found.set(item.key, known.id);
      // Evidence of this transaction may still be rolled back: it must not outlive it in memory.
      if (!known.fresh) cache.set(item.key, known.id);
      byHash.delete(hash);
    }
  };
  await take();
  if (byHash.size === 0) return found;
  await shareRules(tx);
  const rules = await rulesOf(tx);
  const made = await insertEvidence(
    tx,
    [...byHash.values()].map(({ row, hash }) => ({ ...columnsOf(row), hash })),
  );
  const writes: RecognitionWrite[] = [];
  for (const { hash, id } of made) {
    const item = byHash.get(hash.toString('base64'));
    if (item === undefined) continue;
    found.set(item.key, id);
    byHash.delete(hash.toString('base64'));
    writes.push(writeOf(rules, id, recognise(columnsOf(item.row), rules.ruleset)));
  }
  await writeRecognitions(tx, rules.contentHash, writes);
  // What another transaction added meanwhile is committed by now: the insert waited for it.
  if (byHash.size > 0) await take();
  return found;
}

/** A recognition with the ids its keys stand for. */
export function writeOf(rules: Rules, evidenceId: number, recognition: Recognition): RecognitionWrite {
  const id = (key: string | null, ids: ReadonlyMap<string, string>): string | null => (key === null ? null : (ids.get(key) ?? null));
  return {
    evidence_id: evidenceId,
    product_id: id(recognition.productKey, rules.productIds),
    part_of: id(recognition.partOf, rules.productIds),
    publisher_id: id(recognition.publisherKey, rules.publisherIds),
    recognition,
  };
}

const columnsOf = (row: EvidenceInput): EvidenceColumns => ({
  name: row.name,
  version: row.version,
  publisher: row.publisher,
  channel: row.channel,
  arch: row.arch,
  code: row.code,
});
