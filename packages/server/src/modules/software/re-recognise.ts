import { recognise } from '@muster/core/recognition';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { JobRun } from '../../platform/jobs/jobs.ts';
import { writeOf } from './evidence.ts';
import { type Rules, rulesOf } from './state.ts';
import { type RecognitionWrite, shareRules, writeRecognitions } from './store.ts';
import { markProducts } from './store-counts.ts';
import {
  countEvidence,
  countMatching,
  countOfRule,
  evidenceAfter,
  evidenceMatching,
  evidenceOfRule,
  type RecognisedEvidence,
} from './store-evidence.ts';
import { productNames } from './store.ts';

/** What a re-recognition changed. `moves` are the most frequent changes of product, by evidence. */
export interface Diff {
  checked: number;
  changed: number;
  productChanges: number;
  moves: { from: string | null; to: string | null; evidence: number; installations: number }[];
}

const CHUNK = 5000;

/** Gives these rows the meaning they have under the rules; writes only what differs. Answers the products that gained or lost evidence. */
async function apply(tx: Tx, rules: Rules, rows: readonly RecognisedEvidence[], diff: DiffBuilder): Promise<void> {
  const writes: RecognitionWrite[] = [];
  const touched = new Set<string>();
  for (const row of rows) {
    const recognition = recognise(row, rules.ruleset);
    const write = writeOf(rules, row.id, recognition);
    const same =
      row.product_id === write.product_id &&
      row.part_of === write.part_of &&
      row.publisher_id === write.publisher_id &&
      row.edition === recognition.edition &&
      row.release === recognition.release &&
      row.recognised_version === recognition.version &&
      row.kind === recognition.kind &&
      row.rule === recognition.rule &&
      row.confidence === recognition.confidence;
    diff.note(row, write, same);
    if (same && row.ruleset === rules.contentHash) continue;
    writes.push(write);
    if (!same) for (const id of [row.product_id, write.product_id]) if (id !== null) touched.add(id);
  }
  await writeRecognitions(tx, rules.contentHash, writes);
  await markProducts(tx, [...touched]);
}

/** Gathers what changes, in bounded memory: there are only so many pairs of products. */
class DiffBuilder {
  #checked = 0;
  #changed = 0;
  #productChanges = 0;
  readonly #moves = new Map<string, { from: string | null; to: string | null; evidence: number; installations: number }>();

  note(row: RecognisedEvidence, write: RecognitionWrite, same: boolean): void {
    this.#checked++;
    if (same) return;
    this.#changed++;
    if (row.product_id === write.product_id) return;
    this.#productChanges++;
    const key = `${row.product_id}>${write.product_id}`;
    const move = this.#moves.get(key) ?? { from: row.product_id, to: write.product_id, evidence: 0, installations: 0 };
    move.evidence++;
    move.installations += row.installations;
    this.#moves.set(key, move);
  }
  get checked(): number {
    return this.#checked;
  }
  async result(db: Db): Promise<Diff> {
    const names = new Map((await productNames(db)).map((p) => [p.id, p.name]));
    const named = (id: string | null): string | null => (id === null ? null : (names.get(id) ?? id));
    const moves = [...this.#moves.values()].sort((a, b) => b.installations - a.installations || b.evidence - a.evidence).slice(0, 100);
    return {
      checked: this.#checked,
      changed: this.#changed,
      productChanges: this.#productChanges,
      moves: moves.map((m) => ({ ...m, from: named(m.from), to: named(m.to) })),
    };
  }
}

type Next = (tx: Tx, afterId: number, limit: number) => Promise<RecognisedEvidence[]>;

/** Goes through evidence chunk by chunk, each in its own transaction, so that a stop loses nothing that was done. */
async function walk(run: JobRun<unknown>, total: number, next: Next): Promise<Diff> {
  const { db } = run.platform;
  const diff = new DiffBuilder();
  let afterId = 0;
  for (;;) {
    run.signal.throwIfAborted();
    const last = await inTx(db, async (tx) => {
      await shareRules(tx);
      const rules = await rulesOf(tx);
      const rows = await next(tx, afterId, CHUNK);
      await apply(tx, rules, rows, diff);
      return rows.at(-1)?.id;
    });
    if (last === undefined) return diff.result(db);
    afterId = last;
    await run.progress(Math.min(diff.checked, total), total, `${diff.checked} titles recognised`);
  }
}

/** Recognises all evidence again under the rules of now. */
export async function recogniseAll(run: JobRun<unknown>): Promise<Diff> {
  return walk(run, await countEvidence(run.platform.db), evidenceAfter);
}

export interface RuleReach {
  /** Titles the rule matches. */
  match: { namePattern: string; publisher: string | null; channel: string | null };
  /** Set when it is retired: then the titles it decided are gone through. */
  retired: string | null;
}

/** How many titles a created or retired rule reaches. */
export async function reachOf(db: Db, reach: RuleReach): Promise<{ evidence: number; installations: number }> {
  return reach.retired === null ? countMatching(db, reach.match) : countOfRule(db, reach.retired);
}
const nextOf =
  (reach: RuleReach): Next =>
  async (tx, afterId, limit) =>
    reach.retired === null ? evidenceMatching(tx, reach.match, afterId, limit) : evidenceOfRule(tx, reach.retired, afterId, limit);

/** Recognises the titles a rule reaches, within the caller's transaction; for few. */
export async function applyRuleNow(tx: Tx, reach: RuleReach): Promise<number> {
  const rules = await rulesOf(tx);
  const diff = new DiffBuilder();
  const rows = await nextOf(reach)(tx, 0, CHUNK);
  await apply(tx, rules, rows, diff);
  return rows.length;
}
/** The same by a job; for many. */
export async function applyRuleByJob(run: JobRun<RuleReach>): Promise<Diff> {
  return walk(run, (await reachOf(run.platform.db, run.data)).evidence, nextOf(run.data));
}
