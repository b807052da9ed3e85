import { type Hardware } from '@muster/protocols';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface OsqueryNode {
  readonly key_hash: Buffer;
  readonly device_id: string;
  readonly enrolment_key_id: string;
  readonly host_identifier: string;
  readonly platform_type: string;
  readonly version: string | null;
  readonly uuid: string;
  readonly serial: string;
  readonly enrolled_at: Date;
  readonly asked_at: Date | null;
  readonly answered_at: Date | null;
}

/** A host whose enrolment key is good may hold so many node keys: a copied disk gets one of its own, and an endless loop stays small. */
const MOST_KEYS = 4;

export async function insertNode(tx: Tx, node: Omit<OsqueryNode, 'asked_at' | 'answered_at'>): Promise<void> {
  await sql`insert into osquery_nodes (key_hash, device_id, enrolment_key_id, host_identifier, platform_type, version, uuid, serial, enrolled_at)
    values (${node.key_hash}, ${node.device_id}, ${node.enrolment_key_id}::uuid, ${node.host_identifier}, ${node.platform_type}, ${node.version},
      ${node.uuid}, ${node.serial}, ${node.enrolled_at})`.execute(tx);
  await sql`delete from osquery_nodes where key_hash in (
      select key_hash from osquery_nodes where device_id = ${node.device_id} order by enrolled_at desc, key_hash offset ${MOST_KEYS})`.execute(
    tx,
  );
}

/** The host of a node key whose enrolment key is still good, and whether everything is asked of it. */
export async function nodeByHash(db: Db, hash: Buffer, now: Date): Promise<(OsqueryNode & { force_full: boolean }) | undefined> {
  const { rows } = await sql<OsqueryNode & { force_full: boolean }>`select n.*, coalesce(s.force_full, false) as force_full
    from osquery_nodes n join enrolment_keys k on k.id = n.enrolment_key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})
    left join agent_states s on s.device_key = 'osquery:' || n.device_id
    where n.key_hash = ${hash}`.execute(db);
  return rows[0];
}

export async function noteAsked(tx: Tx, hash: Buffer, now: Date): Promise<void> {
  await sql`update osquery_nodes set asked_at = ${now} where key_hash = ${hash}`.execute(tx);
}

/** The host answered; its hardware is noted where it was not known. */
export async function noteAnswered(tx: Tx, hash: Buffer, hardware: Hardware, now: Date): Promise<void> {
  await sql`update osquery_nodes set answered_at = ${now}, uuid = case when uuid = '' then ${hardware.uuid} else uuid end,
    serial = case when serial = '' then ${hardware.serial} else serial end where key_hash = ${hash}`.execute(tx);
}

export async function deleteNode(tx: Tx, hash: Buffer): Promise<void> {
  await sql`delete from osquery_nodes where key_hash = ${hash}`.execute(tx);
}
