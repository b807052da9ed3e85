import { type PlannedTransition, plannedTransitionResource } from '@muster/api/planned-transitions';
import { sql } from 'kysely';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

const assetLabel = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;

export const plannedListing = defineListing(plannedTransitionResource, {
  from: sql`planned_transitions p join assets a on a.id = p.asset_id`,
  id: sql`p.id`,
  columns: {
    id: { sql: sql`p.id` },
    dueOn: { sql: sql`p.due_on` },
    label: { sql: sql`p.label` },
    transition: { sql: sql`p.transition` },
    asset: { sql: assetLabel, ref: sql`p.asset_id` },
    state: { sql: sql`p.state` },
    problem: { sql: sql`p.problem` },
    reason: { sql: sql`p.inputs ->> 'reason'` },
    plannedBy: { sql: sql`p.planned_by` },
    plannedAt: { sql: sql`p.planned_at` },
    endedAt: { sql: sql`p.ended_at` },
  },
  search: sql`lower(p.label || ' ' || ${assetLabel})`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

export interface PlannedRow {
  asset_id: string;
  id: string;
  asset_label: string;
  transition: string;
  label: string;
  due_on: string;
  inputs: Record<string, string>;
  state: PlannedTransition['state'];
  actor_kind: Actor['kind'];
  actor_id: string | null;
  planned_by: string;
  planned_at: Date;
  ended_at: Date | null;
  problem: string | null;
}

/** False when the same transition is planned for the asset already. */
export async function insertPlanned(
  tx: Tx,
  row: Pick<PlannedRow, 'asset_id' | 'id' | 'transition' | 'label' | 'due_on' | 'inputs'>,
  actor: Actor,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`insert into planned_transitions (asset_id, id, transition, label, due_on, inputs, actor_kind, actor_id, planned_by, planned_at)
    values (${row.asset_id}, ${row.id}, ${row.transition}, ${row.label}, ${row.due_on}, ${JSON.stringify(row.inputs)}::jsonb, ${actor.kind}, ${actor.id}, ${actor.label}, ${now})
    on conflict (asset_id, transition) where state = 'planned' do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function plannedById(db: Db, id: string): Promise<PlannedRow | undefined> {
  return (
    await sql<PlannedRow>`select p.*, ${assetLabel} as asset_label from planned_transitions p join assets a on a.id = p.asset_id where p.id = ${id}::uuid`.execute(
      db,
    )
  ).rows[0];
}

/** Locks the row until the transaction ends; one that another process works on is left out. */
export async function takePlanned(tx: Tx, assetId: string, id: string): Promise<PlannedRow | undefined> {
  return (
    await sql<PlannedRow>`select p.*, '' as asset_label from planned_transitions p
      where p.asset_id = ${assetId} and p.id = ${id} and p.state = 'planned' for update skip locked`.execute(tx)
  ).rows[0];
}

/** Ends what is still planned; false when it ended meanwhile. */
export async function endPlanned(
  tx: Tx,
  row: Pick<PlannedRow, 'asset_id' | 'id'>,
  end: { state: Exclude<PlannedTransition['state'], 'planned'>; problem: string | null; now: Date },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update planned_transitions set state = ${end.state}, problem = ${end.problem}, ended_at = ${end.now}
    where asset_id = ${row.asset_id} and id = ${row.id} and state = 'planned'`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

/** What is due on or before a day, the earliest first. */
export async function duePlanned(db: Db, today: string, limit: number): Promise<{ asset_id: string; id: string }[]> {
  return (
    await sql<{
      asset_id: string;
      id: string;
    }>`select asset_id, id from planned_transitions where state = 'planned' and due_on <= ${today}::date
      order by due_on, asset_id, id limit ${limit}`.execute(db)
  ).rows;
}
