import { defineConfig } from 'vitest/config';

/** Two workers: the machine Muster is measured on has two cores, and the database wants some of them. */
const shared = { pool: 'forks', environment: 'node' } as const;
/** Groups run one after the other: a browser next to the database tests would only make both slow. */
const group = (groupOrder: number) => ({ sequence: { groupOrder } });
const withDatabase = { globalSetup: ['packages/server/src/testing/global-setup.ts'] };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          ...group(0),
          name: 'unit',
          testTimeout: 120_000,
          include: ['packages/{api,core,protocols,web,cli,collector,conformance}/**/*.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          ...withDatabase,
          ...group(1),
          name: 'server',
          include: ['packages/server/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      { test: { ...shared, ...group(0), name: 'architecture', include: ['test/architecture.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...shared,
          ...group(2),
          name: 'agents',
          include: ['test/agents/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          ...group(3),
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
