import type { KeyKind } from '@muster/core/identity';
import { audit } from '../../platform/audit/audit.ts';
import { systemActor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { demoteKeys } from './store-identify.ts';

/** Values that are on several machines stop to identify one, wherever they stand. Each has its row in the audit log. */
export async function demote(tx: Tx, keys: readonly { kind: KeyKind; value: string }[]): Promise<void> {
  await demoteKeys(tx, keys);
  for (const k of keys) {
    await audit(tx, systemActor, {
      action: 'identity_key.shared',
      resource: 'identity-keys',
      resourceId: null,
      summary: `The ${k.kind.replaceAll('_', ' ')} ${k.value} was seen on several machines and no longer identifies one`,
      after: k,
    });
  }
}
