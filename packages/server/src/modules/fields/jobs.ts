import type { CustomField } from '@muster/api/custom-fields';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { ownerOf } from './registry.ts';
import { findField, setIndexState } from './store.ts';
import { buildIndexes, dropIndexes } from './store-indexes.ts';

interface IndexJob {
  fieldId: string;
}

/** Brings the index of a field to what its definition says now; doing it twice changes nothing. */
export const indexFieldJob: JobKind<IndexJob> = {
  kind: 'custom-fields.index',
  handler: async ({ data, platform }) => {
    const field = await findField(platform.db, data.fieldId);
    if (!field) return { index: 'none' };
    const wanted = field.indexed && !field.archived;
    try {
      await dropIndexes(platform.db, field);
      if (wanted) await buildIndexes(platform.db, ownerOf(field.resource).table, field);
    } catch (error) {
      await inTx(platform.db, (tx) => setIndexState(tx, field.id, 'failed'));
      throw error;
    }
    const state = wanted ? 'ready' : 'none';
    await inTx(platform.db, (tx) => setIndexState(tx, field.id, state));
    return { index: state };
  },
};

/** Asks for the job in the transaction of the change. */
export async function enqueueIndex(platform: Platform, tx: Tx, actor: Actor, field: CustomField): Promise<void> {
  await platform.jobs.enqueue(tx, indexFieldJob.kind, { fieldId: field.id } satisfies IndexJob, {
    title: field.indexed && !field.archived ? `Build the index of “${field.label}”` : `Drop the index of “${field.label}”`,
    actor,
  });
}
