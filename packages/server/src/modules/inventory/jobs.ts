import { componentSections, kindOfSection } from '@muster/core/components';
import type { Platform } from '../../platform/context.ts';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { lockAssetRows } from '../assets/index.ts';
import { takeSections } from './apply-components.ts';
import { unpackSection } from './prepare.ts';
import { lacksComponents, linkVirtualMachines, sectionsOfComponents } from './store-components.ts';

const atOnce = 200;
const start = { assetId: '00000000-0000-0000-0000-000000000000', observationId: '00000000-0000-0000-0000-000000000000', section: '' };

/** Reads components out of the sections that were stored before components were read: sections that do not change are not reported anew. */
export const readComponentsJob: JobKind<unknown> = {
  kind: 'inventory.read-components',
  handler: async ({ platform, progress, signal }) => {
    let after = start;
    let done = 0;
    while (!signal.aborted) {
      const from = after;
      const page = await sectionsOfComponents(platform.db, { sections: componentSections, after: from, limit: atOnce });
      const last = page.at(-1);
      if (!last) break;
      await inTx(platform.db, async (tx) => {
        const ids = [...new Set(page.map((s) => s.asset_id))].toSorted();
        await lockAssetRows(tx, ids);
        // Read again under the lock: a report may have come in between.
        const sections = await sectionsOfComponents(tx, { sections: componentSections, after: from, limit: atOnce });
        const locked = sections.filter((s) => ids.includes(s.asset_id));
        await takeSections(
          tx,
          locked.map((s) => ({
            assetId: s.asset_id,
            observationId: s.observation_id,
            section: s.section,
            kind: kindOfSection(s.section) ?? s.section,
            content: unpackSection(s.content),
            at: s.changed_at,
          })),
        );
        await linkVirtualMachines(tx, ids, platform.now());
      });
      after = { assetId: last.asset_id, observationId: last.observation_id, section: last.section };
      done += page.length;
      await progress(done, null, `${done} sections read`);
    }
    return { sections: done };
  },
};

/** Starts it when there are sections and no components: after an update of the program. */
export async function readComponentsOnce(platform: Platform): Promise<void> {
  if (!(await lacksComponents(platform.db, componentSections))) return;
  await inTx(platform.db, (tx) =>
    platform.jobs.enqueue(
      tx,
      readComponentsJob.kind,
      {},
      { title: 'Read components out of stored reports', actor: systemActor, singletonKey: 'all' },
    ),
  );
}
