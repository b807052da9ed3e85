import { Problem } from '@muster/api/errors';
import {
  type CredentialSet,
  type CredentialSetDetail,
  type ScanSecret,
  type SecretChange,
  secretFields,
  secretSchema,
} from '@muster/api/scans';
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

/** The words for what protects an SNMPv3 user, how SSH logs in, or how WinRM is reached; null for a community. */
function protectionOf(secret: ScanSecret): string | null {
  if (secret.kind === 'ssh') return [secret.password && 'password', secret.privateKey && 'key'].filter(Boolean).join(' + ');
  if (secret.kind === 'winrm') return secret.https ? 'https' : 'http, ntlm';
  if (secret.kind !== 'snmp_v3') return null;
  return [secret.authProtocol, secret.privProtocol].filter((one) => one !== null).join(' + ') || 'none';
}

function seal(platform: Platform, secret: ScanSecret): SealedSecret {
  return {
    kind: secret.kind,
    userName: 'userName' in secret ? secret.userName : null,
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

/** A set with what of it may be shown. Problem `not_found`. */
export async function readCredentialSet(platform: Platform, id: string): Promise<CredentialSetDetail> {
  const row = await credentialById(platform.db, id);
  if (!row) throw new Problem('not_found', 'There is no such credential set.');
  const secret = openSecret(platform, row);
  return {
    ...present(row),
    settings: {
      authProtocol: secret.kind === 'snmp_v3' ? secret.authProtocol : null,
      privProtocol: secret.kind === 'snmp_v3' ? secret.privProtocol : null,
      contextName: secret.kind === 'snmp_v3' ? secret.contextName : null,
      port: 'port' in secret ? secret.port : null,
      https: secret.kind === 'winrm' ? secret.https : null,
      holds: secretFields.filter((name) => typeof (secret as Record<string, unknown>)[name] === 'string'),
    },
  };
}

/** The secret after a change: of the same kind what is not given stays. Problem `validation_failed` with all that is missing then. */
function changedSecret(platform: Platform, before: CredentialRow, change: SecretChange): ScanSecret {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const kept = change.kind === before.kind ? openSecret(platform, before) : {};
  const parsed = secretSchema.safeParse({ ...kept, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: `body.secret.${issue.path.join('.')}`,
    code: issue.code,
    message: issue.message,
  }));
  throw new Problem('validation_failed', undefined, { errors });
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

/** Renames it or changes its secret. Problems `not_found`, `stale`, `conflict`, `validation_failed`. */
export async function changeCredentialSet(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  input: { name?: string | undefined; secret?: SecretChange | undefined },
): Promise<CredentialSet> {
  return inTx(platform.db, async (tx) => {
    const before = await mustFind(tx, id);
    const name = input.name ?? before.name;
    await mustBeFree(tx, name, id);
    const kept = { kind: before.kind, userName: before.user_name, protection: before.protection, sealed: before.sealed };
    const sealed = input.secret ? seal(platform, changedSecret(platform, before, input.secret)) : kept;
    const replaced = secretFields.filter((field) => input.secret !== undefined && field in input.secret);
    if (!(await updateCredential(tx, id, version, name, sealed, platform.now()))) throw new Problem('stale');
    await audit(tx, actor, {
      action: 'credential_set.changed',
      resource: 'credential-sets',
      resourceId: id,
      summary: `Changed credential set “${name}”`,
      before: { name: before.name, kind: before.kind, userName: before.user_name, protection: before.protection },
      after: { name, kind: sealed.kind, userName: sealed.userName, protection: sealed.protection, secretReplaced: replaced },
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
