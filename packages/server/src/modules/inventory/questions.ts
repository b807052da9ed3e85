import type { CompiledRules } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import type { Work } from './apply.ts';
import { type NewConflict, openConflicts, openDuplicates } from './store-conflicts.ts';

/** What should be on one machine only. */
const unique: ReadonlySet<string> = new Set(['serial', 'uuid', 'imei']);

/**
 * What people have to look at: assets that a report told apart against some evidence, those it is proposed to be, and those that share
 * what should be unique.
 */
export async function openQuestions(tx: Tx, works: readonly Work[], rules: CompiledRules): Promise<void> {
  await openConflicts(tx, works.flatMap(questionsOf));
  const rekeyed = works.filter((w) => w.assetId !== null && w.keysChanged);
  const [first] = rekeyed;
  if (!first) return;
  const keys = rekeyed.flatMap((w) =>
    rules
      .seen(w.keys)
      .filter((k) => unique.has(k.kind) && k.quality === 'good')
      .map(({ kind, value }) => ({ observationId: w.observationId, kind, value })),
  );
  await openDuplicates(tx, keys, first.at);
}

function questionsOf(w: Work): NewConflict[] {
  const { decision } = w;
  if (decision === null || w.assetId === null || !w.isNew) return [];
  const asset = { assetA: w.assetId, observationId: w.observationId, reason: decision.reasons.join(' '), at: w.at };
  const proposed = decision.proposal?.assetIds ?? [];
  const refused = decision.outcome === 'conflict' ? decision.compared.filter((c) => c.contradicts.length > 0 && c.agrees.length > 0) : [];
  return [
    ...proposed.map((assetB): NewConflict => ({ ...asset, kind: decision.proposal?.kind ?? 'same_name', assetB })),
    ...refused
      .filter((c) => !proposed.includes(c.assetId))
      .map((c): NewConflict => ({ ...asset, kind: 'contradiction', assetB: c.assetId })),
  ];
}
