import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { canReach } from '../../platform/listing/index.ts';
import { agentListing, agentsByKey } from './store-agents.ts';
import { setForceFull } from './store-inbox.ts';

/** Families that send only what changed unless they are asked. */
const deltas = new Set(['glpi']);

/**
 * Asks agents for everything at their next contact. Families that always send everything are only counted.
 * @throws Problem not_found with every id that there is not, or that the caller may not reach.
 */
export async function forceFull(platform: Platform, actor: Actor, ids: readonly string[]): Promise<{ asked: number; always: number }> {
  return inTx(platform.db, async (tx) => {
    const wanted = [...new Set(ids)];
    const agents = await agentsByKey(tx, wanted);
    const known = new Set<string>();
    for (const { device_key } of agents) if (await canReach(tx, agentListing, device_key, actor, 'discovery:write')) known.add(device_key);
    const unknown = wanted.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw new Problem('not_found', 'Some of these agents are not known.', {
        errors: unknown.map((id) => ({ field: 'body.ids', code: 'unknown', message: `There is no agent ${id}.` })),
      });
    const asked = agents.filter((a) => deltas.has(a.family)).map((a) => a.device_key);
    await audit(tx, actor, {
      action: 'agents.asked_for_everything',
      resource: 'agents',
      resourceId: null,
      summary: `Asked ${asked.length === 1 ? `the agent ${asked[0]}` : `${asked.length} agents`} for everything`,
      after: { ids: asked },
    });
    // Last: it holds the agents' rows.
    await setForceFull(tx, asked, true);
    return { asked: asked.length, always: agents.length - asked.length };
  });
}
