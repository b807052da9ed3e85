import { Problem } from '@muster/api/errors';
import { handoverLanguages } from '@muster/api/handover';
import type { ActionKind } from '@muster/api/lifecycle';
import type { Tx } from '../../platform/db/types.ts';
import type { TransitionRun } from '../assets/index.ts';
import { openCustody } from '../custody/index.ts';
import { makeDocument } from './documents.ts';
import { heldBy } from './store-documents.ts';

/** The lifecycle action `make_document` as the editor offers it. */
export const documentAction: ActionKind = {
  key: 'make_document',
  label: 'Make a hand-over document',
  needs: [],
  gives: [],
  takes: [],
  parameters: [{ key: 'language', label: 'Language', type: 'choice', required: true, values: [...handoverLanguages] }],
};

/**
 * Makes one hand-over document per person of the assets that move, of who holds them when the action runs: put it behind “give it to the
 * person”. What a document covers already is left out.
 * @throws Problem conflict when an asset has no person to hand it over to; what `makeDocument` throws.
 */
export async function documentsOfMove(tx: Tx, { actor, assets, parameters, now }: TransitionRun): Promise<void> {
  const language = handoverLanguages.find((one) => one === parameters['language']) ?? 'en';
  const holders = new Map<string, string[]>();
  for (const asset of assets) {
    const custody = await openCustody(tx, asset.id, now);
    if (custody?.holder.kind !== 'person')
      throw new Problem(
        'conflict',
        `No person has ${String(asset.name ?? asset.tag ?? asset.serial ?? asset.id)}: there is nobody to hand it over to.`,
      );
    holders.set(custody.holder.id, [...(holders.get(custody.holder.id) ?? []), asset.id]);
  }
  for (const [personId, ids] of holders) {
    const covered = new Set((await heldBy(tx, personId)).filter((one) => one.covered_by !== null).map((one) => one.id));
    const open = ids.filter((id) => !covered.has(id));
    if (open.length > 0) await makeDocument(tx, actor, { personId, assets: open, language }, now);
  }
}
