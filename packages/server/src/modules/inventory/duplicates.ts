import type { Duplicate } from '@muster/api/duplicates';
import { Problem } from '@muster/api/errors';
import { type DuplicateReason, meansSomething } from '@muster/core/identity';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { placeholderLists } from './prepare.ts';
import {
  collectAlike,
  dismissGroup,
  dropUnseen,
  findGroup,
  type GroupRow,
  keepGroups,
  membersOf,
  nextAlike,
  reopenGroup,
} from './store-duplicates.ts';

const reasons: readonly DuplicateReason[] = ['serial', 'tag', 'mac', 'name_and_model'];
const atOnce = 1000;

/** Finds the assets that have a number, an address or a name in common; each kind in a transaction of its own. Answers how many groups. */
export async function findDuplicates(platform: Platform, onKind: (done: number) => Promise<void>): Promise<Record<string, number>> {
  const now = platform.now();
  const found: Record<string, number> = {};
  for (const [done, reason] of reasons.entries()) {
    found[reason] = await inTx(platform.db, (tx) => findAlike(tx, reason, now));
    await onKind(done + 1);
  }
  return found;
}

async function findAlike(tx: Tx, reason: DuplicateReason, now: Date): Promise<number> {
  await collectAlike(tx, reason);
  let kept = 0;
  for (let after = ''; ;) {
    const page = await nextAlike(tx, after, atOnce);
    const last = page.at(-1);
    if (!last) break;
    const real = page.filter((one) => meansSomething({ reason, ...one }, placeholderLists));
    if (real.length > 0)
      await keepGroups(
        tx,
        reason,
        real.map((one) => ({ id: newId(now.getTime()), key: one.key })),
        now,
      );
    kept += real.length;
    after = last.key;
  }
  await dropUnseen(tx, reason, now);
  return kept;
}

/** Every night, and on demand. */
export const findDuplicatesJob: JobKind<unknown> = {
  kind: 'inventory.find-duplicates',
  cron: '13 4 * * *',
  handler: ({ platform, progress }) => findDuplicates(platform, (done) => progress(done, reasons.length)),
};

/** Starts looking, unless it waits already. Answers the job. */
export async function searchDuplicates(platform: Platform, actor: Actor): Promise<{ jobId: string }> {
  return inTx(platform.db, async (tx) => {
    const options = { title: 'Look for duplicates', actor, singletonKey: 'all' };
    const jobId = await platform.jobs.enqueue(tx, findDuplicatesJob.kind, {}, options);
    await audit(tx, actor, {
      action: 'duplicates.search_started',
      resource: 'duplicates',
      resourceId: jobId,
      summary: 'Started to look for duplicates',
    });
    return { jobId };
  });
}

/** @throws Problem not_found */
async function mustFindGroup(db: Db, id: string, lock = false): Promise<GroupRow> {
  const row = await findGroup(db, id, lock);
  if (!row) throw new Problem('not_found', 'There is no group of possible duplicates with this id.');
  return row;
}

/** A group with its assets. @throws Problem not_found */
export async function readDuplicate(db: Db, id: string): Promise<Duplicate> {
  const row = await mustFindGroup(db, id);
  return {
    id,
    reason: row.reason,
    value: row.value,
    state: row.dismissed_at === null ? 'open' : 'dismissed',
    foundAt: row.found_at.toISOString(),
    dismissedAt: row.dismissed_at?.toISOString() ?? null,
    dismissedBy: row.dismissed_by,
    note: row.dismissed_note,
    assets: (await membersOf(db, id)).map(({ class_key, last_seen_at, created_at, ...one }) => ({
      ...one,
      class: class_key,
      lastSeenAt: last_seen_at?.toISOString() ?? null,
      createdAt: created_at.toISOString(),
    })),
  };
}

/** Remembers that these assets are several. @throws Problem not_found; conflict when that was said already */
export async function dismissDuplicate(tx: Tx, actor: Actor, id: string, note: string | null, now: Date): Promise<void> {
  const row = await mustFindGroup(tx, id, true);
  if (row.dismissed_at) throw new Problem('conflict', `${row.dismissed_by} said already that they are not duplicates.`);
  await dismissGroup(tx, id, actor.label, note, now);
  const assets = (await membersOf(tx, id)).map((one) => one.id);
  await audit(tx, actor, {
    action: 'duplicate.dismissed',
    resource: 'duplicates',
    resourceId: id,
    summary: `Said that ${assets.length} assets with “${row.value}” in common are not duplicates`,
    after: { reason: row.reason, value: row.value, assets, note },
  });
}

/** @throws Problem not_found; conflict when it is open */
export async function reopenDuplicate(tx: Tx, actor: Actor, id: string): Promise<void> {
  const row = await mustFindGroup(tx, id, true);
  if (!row.dismissed_at) throw new Problem('conflict', 'It is open already.');
  await reopenGroup(tx, id);
  await audit(tx, actor, {
    action: 'duplicate.reopened',
    resource: 'duplicates',
    resourceId: id,
    summary: `Asked again whether assets with “${row.value}” in common are duplicates`,
    before: { dismissedBy: row.dismissed_by, note: row.dismissed_note },
  });
}
