import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import type { MergedFacts } from './facts.ts';

interface Told {
  observation_id: string;
  source: string;
  /** When the source last reported. */
  seen_at: Date;
}
export interface FactsRow extends Told {
  facts: MergedFacts;
  sockets: number | null;
  cores: number | null;
  threads: number | null;
  memory_mb: number | null;
  vm_system: string | null;
}
export interface InterfaceRow extends Told {
  name: string;
  mac: string | null;
  ips: string[];
  type: string | null;
  virtual: boolean;
  speed_mbps: number | null;
  up: boolean | null;
}
export interface StorageRow extends Told {
  kind: 'disk' | 'volume';
  name: string;
  data: Record<string, unknown>;
}
export interface UserRow {
  login: string;
  domain: string;
  first_seen_at: Date;
  last_seen_at: Date;
  person_id: string | null;
  person_name: string | null;
}
export interface SectionRow {
  observation_id: string;
  source: string;
  section: string;
  changed_at: Date;
  bytes: number;
}

export async function factsOf(db: Db, assetId: string): Promise<FactsRow[]> {
  return (
    await sql<FactsRow>`select f.observation_id, o.source, o.last_received_at as seen_at, f.facts, f.sockets, f.cores, f.threads, f.memory_mb, f.vm_system
      from device_facts f join observations o on o.id = f.observation_id where f.asset_id = ${assetId} order by o.last_received_at desc`.execute(
      db,
    )
  ).rows;
}

export async function interfacesOf(db: Db, assetId: string): Promise<InterfaceRow[]> {
  return (
    await sql<InterfaceRow>`select n.observation_id, o.source, o.last_received_at as seen_at, n.name, n.mac, n.ips, n.type, n.virtual, n.speed_mbps, n.up
      from interfaces n join observations o on o.id = n.observation_id where n.asset_id = ${assetId} order by o.last_received_at desc, n.ordinal`.execute(
      db,
    )
  ).rows;
}

export async function storageOf(db: Db, assetId: string): Promise<StorageRow[]> {
  return (
    await sql<StorageRow>`select s.observation_id, o.source, o.last_received_at as seen_at, s.kind, s.name, s.data
      from storage_devices s join observations o on o.id = s.observation_id where s.asset_id = ${assetId} order by o.last_received_at desc, s.kind, s.ordinal`.execute(
      db,
    )
  ).rows;
}

export async function usersOf(db: Db, assetId: string): Promise<UserRow[]> {
  return (
    await sql<UserRow>`select u.login, u.domain, u.first_seen_at, u.last_seen_at, p.id as person_id, p.name as person_name
      from asset_users u left join people p on lower(p.login) = u.login where u.asset_id = ${assetId} order by u.last_seen_at desc, u.login`.execute(
      db,
    )
  ).rows;
}

export async function sectionsOf(db: Db, assetId: string): Promise<SectionRow[]> {
  return (
    await sql<SectionRow>`select s.observation_id, o.source, s.section, s.changed_at, octet_length(s.content) as bytes
      from observation_sections s join observations o on o.id = s.observation_id where s.asset_id = ${assetId} order by o.last_received_at desc, s.section`.execute(
      db,
    )
  ).rows;
}

/** A section as it is packed; `owner` is the asset, or for a held observation the observation itself. */
export async function findSection(
  db: Db,
  owner: string,
  observationId: string,
  section: string,
): Promise<{ source: string; changed_at: Date; content: Buffer } | undefined> {
  return (
    await sql<{
      source: string;
      changed_at: Date;
      content: Buffer;
    }>`select o.source, s.changed_at, s.content from observation_sections s join observations o on o.id = s.observation_id
      where s.asset_id = ${owner} and s.observation_id = ${observationId} and s.section = ${section}`.execute(db)
  ).rows[0];
}

/** The asset of an observation; undefined when there is no such observation. */
export async function ownerOf(db: Db, observationId: string): Promise<{ asset_id: string | null } | undefined> {
  return (await sql<{ asset_id: string | null }>`select asset_id from observations where id = ${observationId}`.execute(db)).rows[0];
}

export interface IdentityObservationRow {
  id: string;
  source: string;
  native_id: string;
  agent_id: string | null;
  agent_version: string | null;
  item_type: string;
  tag: string | null;
  first_received_at: Date;
  last_received_at: Date;
  last_full_at: Date | null;
  reports: number;
  keys: IdentityKey[];
  shared: string[] | null;
}
export interface IdentityDecisionRow {
  id: string;
  observation_id: string;
  at: Date;
  outcome: string;
  rule: string;
  reasons: { sentences?: string[]; candidates?: { assetId: string; agrees: string[]; contradicts: string[] }[] };
}

export async function identityOf(
  db: Db,
  assetId: string,
): Promise<{ observations: IdentityObservationRow[]; decisions: IdentityDecisionRow[] }> {
  const observations =
    await sql<IdentityObservationRow>`select o.id, o.source, o.native_id, o.agent_id, o.agent_version, o.item_type, o.tag, o.first_received_at, o.last_received_at, o.last_full_at, o.reports, o.keys,
      (select array_agg(k.kind || ' ' || k.value) from identity_keys k where k.observation_id = o.id and k.quality = 'shared') as shared
    from observations o where o.asset_id = ${assetId} order by o.last_received_at desc, o.id`.execute(db);
  const decisions =
    await sql<IdentityDecisionRow>`select d.id, d.observation_id, d.at, d.outcome, d.rule, d.reasons from identity_decisions d
    where d.asset_id = ${assetId} or d.observation_id = any(${observations.rows.map((o) => o.id)}::uuid[]) order by d.at desc, d.id desc limit 500`.execute(
      db,
    );
  return { observations: observations.rows, decisions: decisions.rows };
}
