import { type Hardware, type HostDetails, type Traits } from '@muster/protocols';
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
  /** Lower case; of the last answer, else of the enrolment. */
  readonly name: string;
  /** Of the last answer. */
  readonly macs: string[];
  readonly details: HostDetails;
  readonly enrolled_at: Date;
  readonly asked_at: Date | null;
  readonly answered_at: Date | null;
  /** When it last said that its titles changed. */
  readonly changed_at: Date | null;
  /** When its enrolment's details stood in for an answer. */
  readonly introduced_at: Date | null;
}

export type NewNode = Pick<
  OsqueryNode,
  | 'key_hash'
  | 'device_id'
  | 'enrolment_key_id'
  | 'host_identifier'
  | 'platform_type'
  | 'version'
  | 'uuid'
  | 'serial'
  | 'name'
  | 'details'
  | 'enrolled_at'
>;

/** A node and what the server knows of its host. */
export type KnownNode = OsqueryNode & {
  /** Everything is asked of it. */
  force_full: boolean;
  /** A report of it became an asset. */
  placed: boolean;
  /** When it last reported or was noted to have spoken; null before its first report. */
  contact_at: Date | null;
};

/** A host whose enrolment key is good may hold so many node keys: a copied disk gets one of its own, and an endless loop stays small. */
const MOST_KEYS = 4;

export async function insertNode(tx: Tx, node: NewNode): Promise<void> {
  await sql`insert into osquery_nodes (key_hash, device_id, enrolment_key_id, host_identifier, platform_type, version, uuid, serial, name, details, enrolled_at)
    values (${node.key_hash}, ${node.device_id}, ${node.enrolment_key_id}::uuid, ${node.host_identifier}, ${node.platform_type}, ${node.version},
      ${node.uuid}, ${node.serial}, ${node.name}, ${JSON.stringify(node.details)}::jsonb, ${node.enrolled_at})`.execute(tx);
  await sql`delete from osquery_nodes where key_hash in (
      select key_hash from osquery_nodes where device_id = ${node.device_id} order by enrolled_at desc, key_hash offset ${MOST_KEYS})`.execute(
    tx,
  );
}

/** The host of a node key whose enrolment key is still good. */
export async function nodeByHash(db: Db, hash: Buffer, now: Date): Promise<KnownNode | undefined> {
  const { rows } =
    await sql<KnownNode>`select n.*, coalesce(s.force_full, false) as force_full, s.observation_id is not null as placed, s.last_contact_at as contact_at
    from osquery_nodes n join enrolment_keys k on k.id = n.enrolment_key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})
    left join agent_states s on s.device_key = 'osquery:' || n.device_id
    where n.key_hash = ${hash}`.execute(db);
  return rows[0];
}

/** Others that hold a node key of the same device id and answered since. */
export async function siblings(db: Db, node: OsqueryNode, since: Date): Promise<Pick<OsqueryNode, 'name' | 'macs'>[]> {
  const { rows } = await sql<Pick<OsqueryNode, 'name' | 'macs'>>`select name, macs from osquery_nodes
    where device_id = ${node.device_id} and key_hash <> ${node.key_hash} and answered_at >= ${since}`.execute(db);
  return rows;
}

export async function noteAsked(tx: Tx, hash: Buffer, now: Date): Promise<void> {
  await sql`update osquery_nodes set asked_at = ${now} where key_hash = ${hash}`.execute(tx);
}

/** The host answered; its hardware is noted where it was not known. */
export async function noteAnswered(tx: Tx, hash: Buffer, hardware: Hardware, traits: Traits, now: Date): Promise<void> {
  await sql`update osquery_nodes set answered_at = ${now}, uuid = case when uuid = '' then ${hardware.uuid} else uuid end,
    serial = case when serial = '' then ${hardware.serial} else serial end, name = case when ${traits.name} = '' then name else ${traits.name} end,
    macs = case when cardinality(${traits.macs}::text[]) = 0 then macs else ${traits.macs}::text[] end where key_hash = ${hash}`.execute(
    tx,
  );
}

export async function noteIntroduced(tx: Tx, hash: Buffer, now: Date): Promise<void> {
  await sql`update osquery_nodes set introduced_at = ${now} where key_hash = ${hash}`.execute(tx);
}

export async function noteChanged(tx: Tx, hash: Buffer, now: Date): Promise<void> {
  await sql`update osquery_nodes set changed_at = ${now} where key_hash = ${hash}`.execute(tx);
}

export async function deleteNode(tx: Tx, hash: Buffer): Promise<void> {
  await sql`delete from osquery_nodes where key_hash = ${hash}`.execute(tx);
}

/** The device id is that of several machines: all of them have to enrol again, each under an id of its own. */
export async function forkNodes(tx: Tx, deviceId: string, now: Date): Promise<void> {
  await sql`insert into osquery_forks (device_id, at) values (${deviceId}, ${now}) on conflict (device_id) do update set at = excluded.at`.execute(
    tx,
  );
  await sql`delete from osquery_nodes where device_id = ${deviceId}`.execute(tx);
}

export async function isForked(db: Db, deviceId: string): Promise<boolean> {
  return (await sql`select 1 from osquery_forks where device_id = ${deviceId}`.execute(db)).rows.length > 0;
}
