import type { Tx } from '../../platform/db/types.ts';
import type { Work } from './apply.ts';
import { linkNeighbours } from './store-links.ts';
import { noteNeighbours, replaceComponents } from './store-network.ts';

type Linked = Work & { assetId: string };

/** Components and neighbours of what a scan found. Statements do not grow with the batch; an unchanged section writes nothing. */
export async function applyNetwork(tx: Tx, linked: readonly Linked[]): Promise<void> {
  const touches = (w: Linked, section: string): boolean => w.fresh || w.changed.has(section) || w.gone.includes(section);
  const scanned = linked.filter((w) => w.p.scan !== null);
  const components = scanned.filter((w) => touches(w, 'network_components') && (w.p.scan?.components ?? null) !== null);
  const neighbours = scanned.filter((w) => touches(w, 'network_ports') && (w.p.scan?.neighbours ?? null) !== null);
  await replaceComponents(
    tx,
    components.map((w) => ({
      assetId: w.assetId,
      observationId: w.observationId,
      replaces: !w.fresh,
      components: w.p.scan?.components ?? [],
    })),
  );
  await noteNeighbours(
    tx,
    neighbours.map((w) => ({
      assetId: w.assetId,
      observationId: w.observationId,
      neighbours: w.p.scan?.neighbours ?? [],
      seenAt: w.at,
      before: w.known?.last_received_at ?? null,
    })),
  );
  const rekeyed = linked.filter((w) => w.keysChanged && w.keys.some((k) => k.kind === 'mac'));
  const last = linked.at(-1);
  // Every scan that has its ports says anew what is connected; a computer matters when its addresses are new.
  const ids = new Set([...scanned.filter((w) => (w.p.scan?.neighbours ?? null) !== null), ...rekeyed].map((w) => w.assetId));
  if (last) await linkNeighbours(tx, [...ids].toSorted(), last.at);
}
