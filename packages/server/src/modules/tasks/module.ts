import type { Module } from '../../platform/context.ts';
import { registerTransitionAction } from '../assets/index.ts';
import { taskRoutes } from './routes.ts';
import { createTasks } from './tasks.ts';

export const tasksModule: Module = {
  name: 'tasks',
  routes: taskRoutes,
  start: async () => {
    registerTransitionAction(
      {
        key: 'create_task',
        label: 'Add a task',
        needs: [],
        gives: [],
        takes: [],
        parameters: [
          { key: 'title', label: 'Task', type: 'text', required: true },
          { key: 'assignee', label: 'User’s e-mail or team', type: 'text', required: false },
          { key: 'days', label: 'Days until it is due', type: 'number', required: false },
        ],
      },
      createTasks,
    );
  },
};
