import type { CustodyAnswer } from '@muster/api/custody';
import { type FieldError, Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { lockAssetRows, reachableAssets } from '../assets/index.ts';
import { assetLabels } from './store.ts';
import { attempt } from './store-attempt.ts';

export interface Many {
  readonly assets: readonly string[];
  readonly mode: 'all' | 'possible';
  readonly preview: boolean;
}

/** Ends the transaction of a preview. */
class Previewed extends Error {
  readonly answer: CustodyAnswer;
  constructor(answer: CustodyAnswer) {
    super('previewed');
    this.answer = answer;
  }
}

/**
 * Does one thing to many assets in one transaction, each in a savepoint of its own, so that one refusal leaves the others. A preview does
 * the same and rolls it back: it says what would really happen.
 * @throws Problem conflict with a reason per asset when `mode` is `all` and one is refused; what `first` throws.
 */
export async function forEachAsset<T>(
  db: Db,
  actor: Actor,
  many: Many,
  first: (tx: Tx) => Promise<T>,
  one: (tx: Tx, assetId: string, shared: T) => Promise<void>,
): Promise<CustodyAnswer> {
  const ids = [...new Set(many.assets)];
  try {
    return await inTx(db, async (tx) => {
      const shared = await first(tx);
      await lockAssetRows(tx, ids);
      const answer = await tryEach(tx, actor, ids, (id) => one(tx, id, shared));
      if (many.preview) throw new Previewed({ ...answer, preview: true });
      if (many.mode === 'all' && answer.refused.length > 0) throw refusedTogether(ids, answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof Previewed) return error.answer;
    throw error;
  }
}

async function tryEach(tx: Tx, actor: Actor, ids: readonly string[], one: (id: string) => Promise<void>): Promise<CustodyAnswer> {
  const reachable = await reachableAssets(tx, ids, actor, 'assets:write');
  const labels = await assetLabels(tx, [...reachable]);
  const answer: CustodyAnswer = { preview: false, done: [], refused: [] };
  for (const id of ids) {
    const asset = { id, label: labels.get(id) ?? id };
    if (!labels.has(id)) {
      answer.refused.push({ asset, code: 'not_found', message: 'There is no asset with this id.' });
      continue;
    }
    const refused = await attempt(tx, () => one(id));
    if (refused) answer.refused.push({ asset, ...reasonOf(refused) });
    else answer.done.push({ asset });
  }
  return answer;
}

function reasonOf(problem: Problem): { code: string; message: string } {
  const [first] = problem.errors ?? [];
  return first ? { code: first.code, message: first.message } : { code: problem.code, message: problem.message };
}

function refusedTogether(ids: readonly string[], { refused }: CustodyAnswer): Problem {
  const errors = refused.map((r): FieldError => ({ field: `body.assets.${ids.indexOf(r.asset.id)}`, code: r.code, message: r.message }));
  const [only] = refused;
  const message =
    refused.length === 1 && only ? only.message : `${refused.length} of ${ids.length} assets are refused. Nothing was changed.`;
  return new Problem('conflict', message, { errors });
}
