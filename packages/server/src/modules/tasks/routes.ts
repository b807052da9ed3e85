import * as api from '@muster/api/tasks';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { taskListing } from './store.ts';
import { addTask, changeTask, readTask, removeTask } from './tasks.ts';

export const taskRoutes: HandledRoute[] = [
  ...listRoutes(taskListing, api.taskListRoutes),
  handle(api.getTask, async ({ db, actor, params, etag }) => {
    const task = await readTask(db, actor, params.id);
    etag(task.version);
    return task;
  }),
  handle(api.createTask, async ({ db, platform, actor, params, body, etag }) => {
    const task = await inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      return readTask(tx, actor, await addTask(tx, actor, params.id, body, platform.now()), 'assets:write');
    });
    etag(task.version);
    return task;
  }),
  handle(api.updateTask, async ({ db, platform, actor, params, body, version, etag }) => {
    const task = await inTx(db, async (tx) => {
      await changeTask(tx, actor, params.id, version, body, platform.now());
      return readTask(tx, actor, params.id, 'assets:write');
    });
    etag(task.version);
    return task;
  }),
  handle(api.deleteTask, ({ db, platform, actor, params }) =>
    inTx(db, async (tx) => {
      await removeTask(tx, actor, params.id, platform.now());
      return undefined;
    }),
  ),
];
