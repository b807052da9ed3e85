import type { TestProject } from 'vitest/node';
import { startTestServer } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server on which tests may create databases, and the migrated database they are cloned from. */
    testServer: { url: string; template: string };
  }
}

/** One PostgreSQL for the whole run of a project; every test file clones its own database from the template. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  project.provide('testServer', { url: server.url, template: server.template });
  return server.stop;
}
