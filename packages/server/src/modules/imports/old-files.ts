import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobKind } from '../../platform/jobs/jobs.ts';

const keepDays = 90;
const dayMs = 86_400_000;

/** Each night: files that were uploaded long ago go; what became of their rows stays, and with it the undo. */
export const removeFilesJob: JobKind<unknown> = {
  kind: 'imports.remove-files',
  cron: '41 3 * * *',
  quiet: true,
  handler: async ({ platform }) => {
    const folder = join(platform.config.dataDir, 'imports');
    const names = await readdir(folder).catch(() => []);
    const before = platform.now().getTime() - keepDays * dayMs;
    for (const name of names) {
      const file = join(folder, name);
      if ((await stat(file)).mtimeMs < before) await rm(file, { force: true });
    }
  },
};
