import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { Task, TaskBody, TaskChange } from '@muster/api/tasks';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset, recordEvents, type TransitionRun } from '../assets/index.ts';
import { assigneeExists, assigneeNamed, deleteTaskRow, insertTasks, taskById, type TaskRow, updateTaskRow } from './store.ts';

const present = (row: TaskRow): Task => ({
  id: row.id,
  asset: { id: row.asset_id, label: row.asset_label },
  title: row.title,
  note: row.note,
  assignee:
    row.assignee_kind && row.assignee_id
      ? { kind: row.assignee_kind, id: row.assignee_id, label: row.assignee_label ?? row.assignee_id }
      : null,
  dueOn: row.due_on,
  state: row.state,
  createdBy: row.created_by,
  doneBy: row.done_by,
  version: row.version,
});

async function mustFindTask(db: Db, actor: Actor, id: string, permission: Permission): Promise<TaskRow> {
  const row = await taskById(db, id);
  const none = new Problem('not_found', 'There is no task with this id.');
  if (!row) throw none;
  await mustFindAsset(db, row.asset_id, actor, permission).catch((error: unknown) => {
    throw error instanceof Problem ? none : error;
  });
  return row;
}

/** @throws Problem not_found, also for one of an asset that the actor may not read */
export async function readTask(db: Db, actor: Actor, id: string, permission: Permission = 'assets:read'): Promise<Task> {
  return present(await mustFindTask(db, actor, id, permission));
}

/** Adds a task to an asset; reaching the asset is checked before. Answers its id. @throws Problem validation_failed */
export async function addTask(tx: Tx, actor: Actor, assetId: string, body: TaskBody, now: Date): Promise<string> {
  await checkAssignee(tx, body.assignee);
  const id = newId(now.getTime());
  const { title, note, assignee, dueOn } = body;
  const row = {
    asset_id: assetId,
    id,
    title,
    note,
    assignee_kind: assignee?.kind ?? null,
    assignee_id: assignee?.id ?? null,
    due_on: dueOn,
  };
  await insertTasks(tx, [row], actor.label, now);
  await tell(tx, actor, [assetId], 'task_added', `The task “${title}” was added.`, now);
  await audit(tx, actor, {
    action: 'task.created',
    resource: 'tasks',
    resourceId: id,
    summary: `Added the task “${title}”`,
    after: { assetId, ...body },
  });
  return id;
}

/** What is left out stays. @throws Problem not_found, stale, validation_failed */
export async function changeTask(tx: Tx, actor: Actor, id: string, version: number, change: TaskChange, now: Date): Promise<void> {
  const before = await mustFindTask(tx, actor, id, 'assets:write');
  if (before.version !== version) throw new Problem('stale');
  if (change.assignee) await checkAssignee(tx, change.assignee);
  const { assignee, done } = change;
  const isDone = done ?? before.done_at !== null;
  const after = {
    asset_id: before.asset_id,
    id,
    title: change.title ?? before.title,
    note: change.note === undefined ? before.note : change.note,
    assignee_kind: assignee === undefined ? before.assignee_kind : (assignee?.kind ?? null),
    assignee_id: assignee === undefined ? before.assignee_id : (assignee?.id ?? null),
    due_on: change.dueOn === undefined ? before.due_on : change.dueOn,
    done_at: isDone ? (before.done_at ?? now) : null,
    done_by: isDone ? (before.done_by ?? actor.label) : null,
  };
  if (!(await updateTaskRow(tx, after, version))) throw new Problem('stale');
  const wasDone = before.done_at !== null;
  if (isDone !== wasDone)
    await tell(
      tx,
      actor,
      [before.asset_id],
      isDone ? 'task_done' : 'task_reopened',
      `The task “${after.title}” is ${isDone ? 'done' : 'open again'}.`,
      now,
    );
  await audit(tx, actor, {
    action: isDone && !wasDone ? 'task.done' : 'task.changed',
    resource: 'tasks',
    resourceId: id,
    summary: `${isDone && !wasDone ? 'Did' : 'Changed'} the task “${after.title}”`,
    before: present(before),
    after: change,
  });
}

/** @throws Problem not_found */
export async function removeTask(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const before = await mustFindTask(tx, actor, id, 'assets:write');
  await deleteTaskRow(tx, before);
  await tell(tx, actor, [before.asset_id], 'task_removed', `The task “${before.title}” was removed.`, now);
  await audit(tx, actor, {
    action: 'task.removed',
    resource: 'tasks',
    resourceId: id,
    summary: `Removed the task “${before.title}”`,
    before: present(before),
  });
}

async function checkAssignee(db: Db, assignee: TaskBody['assignee']): Promise<void> {
  if (!assignee || (await assigneeExists(db, assignee.kind, assignee.id))) return;
  throw new Problem('validation_failed', undefined, {
    errors: [{ field: 'assignee', code: 'unknown', message: `There is no ${assignee.kind} with this id.` }],
  });
}

async function tell(tx: Tx, actor: Actor, assetIds: readonly string[], kind: string, sentence: string, now: Date): Promise<void> {
  await recordEvents(
    tx,
    assetIds.map((assetId) => ({ assetId, at: now, kind, source: 'manual', actor: actor.label, data: { sentence } })),
  );
}

/**
 * The lifecycle action `create_task`: a task for each asset that moves. Parameters: `title`; `assignee`, the e-mail of a user or the name
 * of a team - one that is gone by now leaves the task to nobody, rather than refusing the move; `days` until it is due.
 */
export async function createTasks(tx: Tx, { actor, assets, parameters, transition, now }: TransitionRun): Promise<void> {
  const title = parameters['title'] ?? transition.label;
  const assignee = parameters['assignee'] ? await assigneeNamed(tx, parameters['assignee']) : undefined;
  const days = Number(parameters['days'] ?? Number.NaN);
  const due = Number.isInteger(days) ? new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10) : null;
  const rows = assets.map((a) => ({
    asset_id: a.id,
    id: newId(now.getTime()),
    title,
    note: null,
    assignee_kind: assignee?.kind ?? null,
    assignee_id: assignee?.id ?? null,
    due_on: due,
  }));
  await insertTasks(tx, rows, actor.label, now);
  await tell(
    tx,
    actor,
    assets.map((a) => a.id),
    'task_added',
    `The task “${title}” was added.`,
    now,
  );
  await audit(tx, actor, {
    action: 'task.created',
    resource: 'tasks',
    resourceId: rows.length === 1 ? (rows[0]?.id ?? null) : null,
    summary: `“${transition.label}” added the task “${title}” to ${rows.length} ${rows.length === 1 ? 'asset' : 'assets'}`,
    after: { title, dueOn: due, assignee: assignee ?? null, assets: assets.map((a) => a.id) },
  });
}
