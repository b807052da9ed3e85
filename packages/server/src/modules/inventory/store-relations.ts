import type { RelationKind } from '@muster/api/components';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface RelationRow {
  id: string;
  kind: RelationKind;
  outgoing: boolean;
  other_id: string;
  other_label: string;
  other_class: string;
  source: string;
  actor: string | null;
  note: string | null;
  /** Of a connection, as seen from the relation's subject. */
  ports: { port: string | null; otherPort: string | null }[] | null;
  first_seen_at: Date;
  last_seen_at: Date;
}

/** Both directions. A source's relation was last seen when the source last told it anew: an unchanged section tells nothing. */
export async function relationsOf(db: Db, assetId: string, limit: number): Promise<RelationRow[]> {
  const side = (
    mine: 'asset_id' | 'other_id',
    theirs: 'asset_id' | 'other_id',
  ) => sql`select r.id, r.kind, ${mine === 'asset_id'}::boolean as outgoing, ${sql.ref(`r.${theirs}`)} as other_id,
    r.source, r.actor, r.data ->> 'note' as note, r.data -> 'ports' as ports, r.first_seen_at, r.last_seen_at from relations r where ${sql.ref(`r.${mine}`)} = ${assetId}::uuid and r.removed_at is null`;
  return (
    await sql<RelationRow>`select r.*, coalesce(a.name, a.tag, a.serial, a.id::text) as other_label, a.class_key as other_class
      from (${side('asset_id', 'other_id')} union all ${side('other_id', 'asset_id')}) r join assets a on a.id = r.other_id
      order by r.kind, r.outgoing desc, other_label, r.id limit ${limit}`.execute(db)
  ).rows;
}

/** Relations by the end that was rewritten. */
export interface MovedRelations {
  subject: string[];
  object: string[];
}

/**
 * What one asset is to others becomes what another asset is to them, from both ends; `only` limits it to some. A relation that the other
 * has already, or that would be one to itself, stays where it is.
 */
export async function moveRelations(tx: Tx, from: string, to: string, only?: MovedRelations): Promise<MovedRelations> {
  const subject = await sql<{ id: string }>`update relations r set asset_id = ${to} where r.asset_id = ${from} and r.other_id <> ${to}
    ${only ? sql`and r.id = any(${only.subject}::uuid[])` : sql``} and not exists (select 1 from relations o
      where o.asset_id = ${to} and o.kind = r.kind and o.other_id = r.other_id and o.source = r.source) returning r.id`.execute(tx);
  const object = await sql<{ id: string }>`update relations r set other_id = ${to} where r.other_id = ${from} and r.asset_id <> ${to}
    ${only ? sql`and r.id = any(${only.object}::uuid[])` : sql``} and not exists (select 1 from relations o
      where o.asset_id = r.asset_id and o.kind = r.kind and o.other_id = ${to} and o.source = r.source) returning r.id`.execute(tx);
  return { subject: subject.rows.map((r) => r.id), object: object.rows.map((r) => r.id) };
}

export async function insertRelation(
  tx: Tx,
  row: { assetId: string; id: string; kind: RelationKind; otherId: string; actor: string; note: string | null; now: Date },
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`insert into relations (asset_id, id, kind, other_id, source, actor, data, first_seen_at, last_seen_at)
    values (${row.assetId}, ${row.id}, ${row.kind}, ${row.otherId}, 'manual', ${row.actor}, ${JSON.stringify(row.note === null ? {} : { note: row.note })}::jsonb, ${row.now}, ${row.now})
    on conflict (asset_id, kind, other_id, source) do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

/** A relation of this asset in either direction. */
export async function findRelation(
  db: Db,
  assetId: string,
  id: string,
): Promise<{ asset_id: string; kind: RelationKind; other_id: string; source: string } | undefined> {
  return (
    await sql<{
      asset_id: string;
      kind: RelationKind;
      other_id: string;
      source: string;
    }>`select asset_id, kind, other_id, source from relations where id = ${id}::uuid and removed_at is null and (asset_id = ${assetId}::uuid or other_id = ${assetId}::uuid)`.execute(
      db,
    )
  ).rows[0];
}

export async function deleteRelation(tx: Tx, assetId: string, id: string): Promise<void> {
  await sql`delete from relations where asset_id = ${assetId} and id = ${id}`.execute(tx);
}

/** What is connected to an asset and is no network device itself: a switch that fails takes it off the network, what lies behind further switches may have another way. */
export async function connectedTo(db: Db, assetId: string, limit: number): Promise<Omit<ImpactRow, 'depth'>[]> {
  return (
    await sql<Omit<ImpactRow, 'depth'>>`with recursive devices as (
        select key from asset_classes where key = 'network_device' union select c.key from asset_classes c join devices d on c.parent_key = d.key)
      select distinct on (a.id) a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as label, a.class_key, ${assetId}::uuid as through, 'connected_to' as kind
      from (select other_id as id from relations where asset_id = ${assetId}::uuid and kind = 'connected_to' and removed_at is null
        union select asset_id from relations where other_id = ${assetId}::uuid and kind = 'connected_to' and removed_at is null) r
      join assets a on a.id = r.id
      where a.class_key not in (select key from devices) and exists (select 1 from assets s where s.id = ${assetId}::uuid and s.class_key in (select key from devices))
      order by a.id limit ${limit}`.execute(db)
  ).rows;
}

export interface ImpactRow {
  id: string;
  label: string;
  class_key: string;
  depth: number;
  through: string;
  kind: RelationKind;
}

/** What depends on an asset of the last step: one step of the walk, each asset once. */
export async function dependants(
  db: Db,
  from: readonly string[],
  kinds: readonly RelationKind[],
  limit: number,
): Promise<Omit<ImpactRow, 'depth'>[]> {
  return (
    await sql<
      Omit<ImpactRow, 'depth'>
    >`select distinct on (r.asset_id) r.asset_id as id, coalesce(a.name, a.tag, a.serial, a.id::text) as label, a.class_key, r.other_id as through, r.kind
      from relations r join assets a on a.id = r.asset_id
      where r.other_id = any(${from}::uuid[]) and r.kind = any(${kinds}::text[]) and r.removed_at is null order by r.asset_id, r.kind limit ${limit}`.execute(
      db,
    )
  ).rows;
}
