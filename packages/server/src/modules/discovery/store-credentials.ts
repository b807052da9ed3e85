import { type credentialKinds, credentialSetResource } from '@muster/api/scans';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

/** The sealed secret is no column here, so no list, facet or export can show it. */
export const credentialSetListing = defineListing(credentialSetResource, {
  from: sql`credential_sets c`,
  id: sql`c.id`,
  columns: {
    id: { sql: sql`c.id` },
    name: { sql: sql`c.name` },
    kind: { sql: sql`c.kind` },
    userName: { sql: sql`c.user_name` },
    protection: { sql: sql`c.protection` },
    networks: { sql: sql`(select count(*) from scan_ranges s where s.credential_ids @> array[c.id])` },
    createdAt: { sql: sql`c.created_at` },
    updatedAt: { sql: sql`c.updated_at` },
  },
});

export interface CredentialRow {
  id: string;
  name: string;
  kind: (typeof credentialKinds)[number];
  user_name: string | null;
  protection: string | null;
  sealed: string;
  created_at: Date;
  updated_at: Date;
  version: number;
}

/** What of a secret may be shown, and the sealed rest. */
export interface SealedSecret {
  kind: CredentialRow['kind'];
  userName: string | null;
  protection: string | null;
  sealed: string;
}

export async function credentialById(db: Db, id: string): Promise<CredentialRow | undefined> {
  return (await sql<CredentialRow>`select * from credential_sets where id = ${id}::uuid`.execute(db)).rows[0];
}

export async function credentialsByIds(db: Db, ids: readonly string[]): Promise<CredentialRow[]> {
  const { rows } = await sql<CredentialRow>`select c.* from unnest(${[...ids]}::uuid[]) with ordinality as w (id, n)
    join credential_sets c on c.id = w.id order by w.n`.execute(db);
  return rows;
}

/** Whether another set has the name. */
export async function credentialNameTaken(db: Db, name: string, exceptId: string | null): Promise<boolean> {
  const { rows } =
    await sql`select 1 from credential_sets where lower(name) = lower(${name}) and id is distinct from ${exceptId}::uuid`.execute(db);
  return rows.length > 0;
}

export async function insertCredential(tx: Tx, id: string, name: string, secret: SealedSecret, now: Date): Promise<void> {
  await sql`insert into credential_sets (id, name, kind, user_name, protection, sealed, created_at, updated_at)
    values (${id}, ${name}, ${secret.kind}, ${secret.userName}, ${secret.protection}, ${secret.sealed}, ${now}, ${now})`.execute(tx);
}

/** False when the set has another version by now. */
export async function updateCredential(
  tx: Tx,
  id: string,
  version: number,
  name: string,
  secret: SealedSecret,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`update credential_sets set name = ${name}, kind = ${secret.kind}, user_name = ${secret.userName},
      protection = ${secret.protection}, sealed = ${secret.sealed}, updated_at = ${now}, version = version + 1
    where id = ${id}::uuid and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

/** Names of the networks that use it. */
export async function networksUsing(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select name from scan_ranges where credential_ids @> array[${id}::uuid] order by name limit 10`.execute(tx);
  return rows.map((row) => row.name);
}

export async function removeCredential(tx: Tx, id: string): Promise<void> {
  await sql`delete from credential_sets where id = ${id}::uuid`.execute(tx);
}
