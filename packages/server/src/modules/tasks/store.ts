import { type Task, taskResource } from '@muster/api/tasks';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

const assetLabel = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;
const today = sql`(now() at time zone 'UTC')::date`;
const state = sql`(case when k.done_at is not null then 'done' when k.due_on < ${today} then 'overdue' else 'open' end)`;
const joins = {
  user: sql`left join users ku on k.assignee_kind = 'user' and ku.id = k.assignee_id`,
  team: sql`left join teams kt on k.assignee_kind = 'team' and kt.id = k.assignee_id`,
};
const assignee = sql`coalesce(ku.name, kt.name)`;

export const taskListing = defineListing(taskResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`tasks k join assets a on a.id = k.asset_id`,
  id: sql`k.id`,
  joins,
  columns: {
    id: { sql: sql`k.id` },
    title: { sql: sql`k.title` },
    asset: { sql: assetLabel, ref: sql`k.asset_id` },
    state: {
      sql: state,
      equals: (states) =>
        sql`(${sql.join(
          states.map((one) =>
            one === 'done'
              ? sql`k.done_at is not null`
              : one === 'overdue'
                ? sql`(k.done_at is null and k.due_on < ${today})`
                : one === 'open'
                  ? sql`(k.done_at is null and (k.due_on is null or k.due_on >= ${today}))`
                  : sql`false`,
          ),
          sql` or `,
        )})`,
    },
    assignee: { sql: assignee, join: ['user', 'team'] },
    assigneeKind: { sql: sql`k.assignee_kind` },
    assigneeId: { sql: sql`k.assignee_id::text` },
    dueOn: { sql: sql`k.due_on` },
    note: { sql: sql`k.note` },
    createdBy: { sql: sql`k.created_by` },
    createdAt: { sql: sql`k.created_at` },
    doneAt: { sql: sql`k.done_at` },
    doneBy: { sql: sql`k.done_by` },
    version: { sql: sql`k.version` },
  },
  search: sql`lower(k.title || ' ' || ${assetLabel})`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

export interface TaskRow {
  asset_id: string;
  id: string;
  asset_label: string;
  title: string;
  note: string | null;
  assignee_kind: 'user' | 'team' | null;
  assignee_id: string | null;
  assignee_label: string | null;
  due_on: string | null;
  state: Task['state'];
  created_by: string;
  done_at: Date | null;
  done_by: string | null;
  version: number;
}

export async function taskById(db: Db, id: string): Promise<TaskRow | undefined> {
  return (
    await sql<TaskRow>`select k.*, ${assetLabel} as asset_label, ${assignee} as assignee_label, ${state} as state
      from tasks k join assets a on a.id = k.asset_id ${joins.user} ${joins.team} where k.id = ${id}`.execute(db)
  ).rows[0];
}

export type NewTask = Pick<TaskRow, 'asset_id' | 'id' | 'title' | 'note' | 'assignee_kind' | 'assignee_id' | 'due_on'>;

export async function insertTasks(tx: Tx, rows: readonly NewTask[], by: string, now: Date): Promise<void> {
  await sql`insert into tasks (asset_id, id, title, note, assignee_kind, assignee_id, due_on, created_at, created_by)
    select asset_id, id, title, note, assignee_kind, assignee_id, due_on, ${now}, ${by} from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (asset_id uuid, id uuid, title text, note text, assignee_kind text, assignee_id uuid, due_on date)`.execute(tx);
}

/** False when it has another version by now. */
export async function updateTaskRow(tx: Tx, row: NewTask & Pick<TaskRow, 'done_at' | 'done_by'>, version: number): Promise<boolean> {
  const { numAffectedRows } = await sql`update tasks set title = ${row.title}, note = ${row.note}, assignee_kind = ${row.assignee_kind},
      assignee_id = ${row.assignee_id}, due_on = ${row.due_on}, done_at = ${row.done_at}, done_by = ${row.done_by}, version = version + 1
    where asset_id = ${row.asset_id} and id = ${row.id} and version = ${version}`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function deleteTaskRow(tx: Tx, row: Pick<TaskRow, 'asset_id' | 'id'>): Promise<void> {
  await sql`delete from tasks where asset_id = ${row.asset_id} and id = ${row.id}`.execute(tx);
}

/** Whether a user that may sign in, or a team, is there. */
export async function assigneeExists(db: Db, kind: 'user' | 'team', id: string): Promise<boolean> {
  const from = kind === 'user' ? sql`users where not disabled and` : sql`teams where`;
  return (await sql`select 1 from ${from} id = ${id}`.execute(db)).rows.length > 0;
}

/** A user by e-mail or a team by name, both without case. */
export async function assigneeNamed(db: Db, name: string): Promise<{ kind: 'user' | 'team'; id: string } | undefined> {
  return (
    await sql<{
      kind: 'user' | 'team';
      id: string;
    }>`select 'user' as kind, id from users where lower(email) = lower(${name}::text) and not disabled
      union all select 'team', id from teams where lower(name) = lower(${name}::text) limit 1`.execute(db)
  ).rows[0];
}
