import { defineConfig } from 'vitest/config';

/** Two workers: the machine Muster is measured on has two cores, and the database wants some of them. */
const shared = { pool: 'forks', environment: 'node', sequence: { concurrent: false } } as const;
const withDatabase = { globalSetup: ['packages/server/src/testing/global-setup.ts'] };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'unit', include: ['packages/{api,core,protocols,web,cli}/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          ...withDatabase,
          name: 'server',
          include: ['packages/server/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { ...shared, name: 'architecture', include: ['test/architecture.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...shared,
          name: 'agents',
          include: ['test/agents/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
