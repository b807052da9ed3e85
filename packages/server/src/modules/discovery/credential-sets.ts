import { Problem } from '@muster/api/errors';
import { type CredentialSet, type ScanSecret, secretSchema } from '@muster/api/scans';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import {
  credentialById,
  credentialNameTaken,
  type CredentialRow,
  insertCredential,
  networksUsing,
  removeCredential,
  type SealedSecret,
  updateCredential,
} from './store-credentials.ts';

/** The words for what protects an SNMPv3 user; null for a community. */
function protectionOf(secret: ScanSecret): string | null {
  if (secret.kind !== 'snmp_v3') return null;
  return [secret.authProtocol, secret.privProtocol].filter((one) => one !== null).join(' + ') || 'none';
}

function seal(platform: Platform, secret: ScanSecret): SealedSecret {
  return {
    kind: secret.kind,
    userName: secret.kind === 'snmp_v3' ? secret.userName : null,
    protection: protectionOf(secret),
    sealed: platform.secrets.encrypt(JSON.stringify(secret)),
  };
}

/** Opens a stored secret for a collector. Throws when it was sealed with another key. */
export function openSecret(platform: Platform, row: CredentialRow): ScanSecret {
  return secretSchema.parse(JSON.parse(platform.secrets.decrypt(row.sealed)));
}

const present = (row: CredentialRow): CredentialSet => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  userName: row.user_name,
  protection: row.protection,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  version: row.version,
});

async function mustFind(tx: Tx, id: string): Promise<CredentialRow> {
  const row = await credentialById(tx, id);
  if (!row) throw new Problem('not_found', 'There is no such credential set.');
  return row;
}

async function mustBeFree(tx: Tx, name: string, exceptId: string | null): Promise<void> {
  if (await credentialNameTaken(tx, name, exceptId)) throw new Problem('conflict', `There is a credential set “${name}” already.`);
}

/** Adds a credential set; the audit log gets its name and kind, never the secret. Problem `conflict` for a name that is taken. */
export async function addCredentialSet(
  platform: Platform,
  actor: Actor,
  input: { name: string; secret: ScanSecret },
): Promise<CredentialSet> {
  return inTx(platform.db, async (tx) => {
    await mustBeFree(tx, input.name, null);
    const id = newId();
    const sealed = seal(platform, input.secret);
    await insertCredential(tx, id, input.name, sealed, platform.now());
    await audit(tx, actor, {
      action: 'credential_set.created',
      resource: 'credential-sets',
      resourceId: id,
      summary: `Added credential set “${input.name}”`,
      after: { name: input.name, kind: sealed.kind, userName: sealed.userName, protection: sealed.protection },
    });
    return present(await mustFind(tx, id));
  });
}

/** Renames it or replaces its whole secret. Problems `not_found`, `stale`, `conflict`. */
export async function changeCredentialSet(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  input: { name?: string | undefined; secret?: ScanSecret | undefined },
): Promise<CredentialSet> {
  return inTx(platform.db, async (tx) => {
    const before = await mustFind(tx, id);
    const name = input.name ?? before.name;
    await mustBeFree(tx, name, id);
    const kept = { kind: before.kind, userName: before.user_name, protection: before.protection, sealed: before.sealed };
    const sealed = input.secret ? seal(platform, input.secret) : kept;
    if (!(await updateCredential(tx, id, version, name, sealed, platform.now()))) throw new Problem('stale');
    await audit(tx, actor, {
      action: 'credential_set.changed',
      resource: 'credential-sets',
      resourceId: id,
      summary: `Changed credential set “${name}”`,
      before: { name: before.name, kind: before.kind, userName: before.user_name, protection: before.protection },
      after: { name, kind: sealed.kind, userName: sealed.userName, protection: sealed.protection, secretReplaced: Boolean(input.secret) },
    });
    return present(await mustFind(tx, id));
  });
}

/** Removes it. Problems `not_found`, and `conflict` while a network uses it. */
export async function deleteCredentialSet(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    const before = await mustFind(tx, id);
    const users = await networksUsing(tx, id);
    if (users.length > 0) throw new Problem('conflict', `“${before.name}” is used by ${users.join(', ')}. Take it out there first.`);
    await removeCredential(tx, id);
    await audit(tx, actor, {
      action: 'credential_set.removed',
      resource: 'credential-sets',
      resourceId: id,
      summary: `Removed credential set “${before.name}”`,
      before: { name: before.name, kind: before.kind },
    });
  });
}
