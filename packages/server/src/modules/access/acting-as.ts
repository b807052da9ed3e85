import { type Actor, systemActor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { tokenActor, userActor } from './actors.ts';
import { enabledUser, usableTokenById } from './store-sessions.ts';

/**
 * Whoever asked for something earlier, with the rights they have now: for work that the clock does for them. Null when they may no longer
 * sign in: the user is disabled or gone, the token revoked or expired.
 */
export async function actorById(db: Db, kind: Actor['kind'], id: string | null, now: Date): Promise<Actor | null> {
  if (kind === 'system') return systemActor;
  if (id === null || kind === 'agent') return null;
  if (kind === 'user') {
    const user = await enabledUser(db, id);
    return user ? userActor(user) : null;
  }
  const token = await usableTokenById(db, id, now);
  return token ? tokenActor(token) : null;
}
