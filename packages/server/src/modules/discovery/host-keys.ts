import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { removeHostKey } from './store-host-keys.ts';

/** Forgets a host's key, so that the next scan takes the one that it shows then. Problem `not_found`. */
export async function forgetKey(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    const key = await removeHostKey(tx, id);
    if (!key) throw new Problem('not_found', 'There is no such host key.');
    await audit(tx, actor, {
      action: 'host_key.forgotten',
      resource: 'host-keys',
      resourceId: id,
      summary: `Forgot the ${key.method} key of ${key.address} in “${key.range_name}”`,
      before: { rangeId: key.range_id, address: key.address, method: key.method, fingerprint: key.fingerprint },
    });
  });
}
