import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { dropAbandoned, keptFiles, removeFile } from '../../platform/files/content-store.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { lockFiles, referredHashes } from './store.ts';

const dayMs = 86_400_000;

/** Removes bytes that no attachment refers to, and uploads that a dying server left. Answers how many of each. */
export async function removeUnusedFiles(platform: Platform): Promise<{ removed: number; abandoned: number }> {
  const { dataDir } = platform.config;
  let removed = 0;
  for await (const hashes of keptFiles(dataDir))
    await inTx(platform.db, async (tx) => {
      await lockFiles(tx, 'alone');
      const used = await referredHashes(tx, hashes);
      for (const hash of hashes.filter((one) => !used.has(one))) {
        await removeFile(dataDir, hash);
        removed++;
      }
    });
  return { removed, abandoned: await dropAbandoned(dataDir, new Date(platform.now().getTime() - dayMs)) };
}

export const removeUnusedFilesJob: JobKind<unknown> = {
  kind: 'attachments.remove-unused',
  cron: '51 3 * * *',
  quiet: true,
  handler: ({ platform }) => removeUnusedFiles(platform),
};
