import type { Tx } from '../../platform/db/types.ts';
import type { Work } from './apply.ts';
import { notePages, replacePower, replaceSupplies } from './store-measures.ts';

type Linked = Work & { assetId: string };

/** Sections of a device that change by themselves from day to day. */
export const measuredSections: readonly string[] = ['supplies', 'cartridges', 'pagecounters', 'ups'];

/** Supplies, pages and battery of what a scan read. Pages are noted with each report: a day without printing is a reading too. */
export async function applyMeasures(tx: Tx, linked: readonly Linked[]): Promise<void> {
  const touches = (w: Linked, ...sections: string[]): boolean =>
    sections.some((s) => w.changed.has(s) || w.gone.includes(s) || (w.fresh && w.p.sections.has(s)));
  const scanned = linked.filter((w) => w.p.scan !== null);
  const place = (w: Linked) => ({ assetId: w.assetId, observationId: w.observationId });
  await replaceSupplies(
    tx,
    scanned.filter((w) => touches(w, 'supplies', 'cartridges')).map((w) => ({ ...place(w), supplies: w.p.scan?.supplies ?? [] })),
  );
  await notePages(
    tx,
    scanned.flatMap((w) => (w.p.scan?.pages ? [{ ...place(w), at: w.at, pages: w.p.scan.pages }] : [])),
  );
  await replacePower(
    tx,
    scanned.filter((w) => touches(w, 'ups')).map((w) => ({ ...place(w), power: w.p.scan?.power ?? null })),
  );
}
