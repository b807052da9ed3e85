import type { CustomField, CustomResource } from '@muster/api/custom-fields';
import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { reachableIds } from '../../platform/listing/index.ts';
import { ownerOf } from './registry.ts';
import { dropSecret, findByKey, putSecret, sealedSecret } from './store.ts';

interface Target {
  readonly resource: CustomResource;
  readonly recordId: string;
  readonly key: string;
}

/** Seals a value for a record, or removes it with null. @throws Problem not_found when the actor may not change the record, validation_failed */
export async function setSecret(platform: Platform, actor: Actor, target: Target, value: string | null): Promise<void> {
  const now = platform.now();
  await inTx(platform.db, async (tx) => {
    const field = await reach(tx, actor, target, ownerOf(target.resource).write);
    if (value === null) {
      if (!(await dropSecret(tx, target.recordId, field.id))) return;
    } else await putSecret(tx, target.recordId, field.id, platform.secrets.encrypt(value), actor.label, now);
    await audit(tx, actor, {
      action: value === null ? 'custom_secret.removed' : 'custom_secret.set',
      resource: target.resource,
      resourceId: target.recordId,
      summary: value === null ? `Removed the encrypted value “${field.label}”` : `Set the encrypted value “${field.label}”`,
      after: { key: field.key },
    });
  });
}

/** The value in clear; the audit row is committed before it is answered. @throws Problem not_found */
export async function revealSecret(platform: Platform, actor: Actor, target: Target): Promise<string> {
  const sealed = await inTx(platform.db, async (tx) => {
    const field = await reach(tx, actor, target, 'secrets:reveal');
    const found = await sealedSecret(tx, target.recordId, field.id);
    if (found === undefined) throw new Problem('not_found', `“${field.label}” has no value here.`);
    await audit(tx, actor, {
      action: 'custom_secret.revealed',
      resource: target.resource,
      resourceId: target.recordId,
      summary: `Revealed the encrypted value “${field.label}”`,
      after: { key: field.key },
    });
    return found;
  });
  return platform.secrets.decrypt(sealed);
}

/** The encrypted field, when the record is one that the actor's scopes cover for this permission. */
async function reach(db: Db, actor: Actor, { resource, recordId, key }: Target, permission: Permission): Promise<CustomField> {
  const there = await reachableIds(db, ownerOf(resource).listing, [recordId], actor, permission);
  if (!there.has(recordId)) throw new Problem('not_found', 'There is no record with this id.');
  const field = await findByKey(db, resource, key);
  if (!field || field.archived) throw new Problem('not_found', `There is no custom field “${key}” here.`);
  if (field.type !== 'encrypted')
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'key', code: 'not_encrypted', message: `“${field.label}” is not encrypted.` }],
    });
  return field;
}
