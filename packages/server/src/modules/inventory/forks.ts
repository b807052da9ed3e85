import { type CompiledRules, goesAlong, judgeAlternation } from '@muster/core/identity';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { demote } from './demote.ts';
import type { Identified } from './identified.ts';
import { loadIdentityRules } from './identity-rules-in-force.ts';
import { separate } from './operations.ts';
import { reportsByItself } from './prepare.ts';
import { settleConflict } from './store-conflicts.ts';
import { askAboutFork, reportersBeside } from './store-forks.ts';
import { lockIdentity } from './store-operations.ts';

/** An agent that reports by turns with others of its kind on one asset. */
export interface Fork {
  readonly observationId: string;
  /** The observations of the others. */
  readonly others: readonly string[];
}

/**
 * Whether the report's agent came back after an older one on the same asset had come back, and they may be on two machines. Asks nothing of
 * the database: what is needed was read with the observation. Null where a person said what it is, or was asked and nothing is clearer now.
 */
export function alternating(r: Identified, rules: CompiledRules): Fork | null {
  const { known } = r;
  if (!known?.rivals || known.pinned || known.asset_id !== r.assetId || !reportsByItself(r.p.source)) return null;
  const { verdict } = judgeAlternation(
    rules.seen(r.keys),
    known.rivals.map((rival) => rules.seen(rival.keys)),
  );
  if (verdict === 'one' || (verdict === 'unclear' && known.rivals.some((rival) => rival.asked))) return null;
  return { observationId: known.id, others: known.rivals.map((rival) => rival.id) };
}

/**
 * Splits off the observation of a fork, with what else is of its machine, or asks a person where that is not clear. Call it after the
 * report is committed: like every split it holds identity alone. Judges again by what is stored then, so that several calls about one
 * fork do it once, and one that is lost is made up for when the agents next report by turns.
 */
export async function tellFork(db: Db, fork: Fork, now: Date): Promise<void> {
  await inTx(db, async (tx) => {
    await lockIdentity(tx, 'alone');
    const rules = await loadIdentityRules(tx);
    const all = (await reportersBeside(tx, fork.observationId)).map((o) => ({ ...o, keys: rules.seen(o.keys) }));
    const newcomer = all.find((o) => o.id === fork.observationId);
    const others = all.filter((o) => fork.others.includes(o.id) && !o.pinned);
    if (!newcomer || newcomer.pinned || others.length === 0) return;
    const { verdict, reason, shared, compared } = judgeAlternation(
      newcomer.keys,
      others.map((o) => o.keys),
    );
    const assetId = newcomer.asset_id;
    if (verdict === 'one') return;
    if (verdict === 'unclear') {
      await askAboutFork(tx, assetId, newcomer.id, reason, now);
      return;
    }
    const staying = all.filter((o) => o.source === newcomer.source && o !== newcomer).map((o) => o.keys);
    const along = all.filter((o) => o.source !== newcomer.source && !o.pinned && goesAlong(o.keys, newcomer.keys, staying));
    await demote(tx, shared);
    const wanted = { observations: [newcomer.id, ...along.map((o) => o.id)], into: null, reason };
    const how = { rule: 'alternation', source: newcomer.source, candidates: [{ assetId, ...compared }] };
    const operationId = await separate(tx, systemActor, assetId, wanted, how, now);
    // Where a person was asked before, what was reported since has answered.
    await settleConflict(tx, [assetId, assetId], 'different', { actor: systemActor.label, note: reason, now, operationId });
  });
}
