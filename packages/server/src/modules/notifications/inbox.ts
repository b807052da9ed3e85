import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { markRead, unreadOf } from './store.ts';
import { mustBeUser } from './subscriptions.ts';

/** Marks notifications of the actor as read or unread, all when no ids are given; answers how many are unread then. What one read is no matter for the audit log. */
export async function read(platform: Platform, actor: Actor, ids: readonly string[] | undefined, isRead: boolean): Promise<number> {
  const userId = mustBeUser(actor);
  await inTx(platform.db, (tx) => markRead(tx, userId, ids ?? null, isRead ? platform.now() : null));
  return unreadOf(platform.db, userId);
}

export async function unread(platform: Platform, actor: Actor): Promise<number> {
  return actor.userId === null ? 0 : unreadOf(platform.db, actor.userId);
}
