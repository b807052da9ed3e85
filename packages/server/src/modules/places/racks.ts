import { Problem } from '@muster/api/errors';
import type { Elevation, RackMount, RackSide } from '@muster/api/racks';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { mustFindAsset, reachableAssets, recordEvents, updateAsset } from '../assets/index.ts';
import { readPlace } from './places.ts';
import { dropMount, forgetFormer, lockRack, mountableAsset, mountsOf, putMount, unmountedIn } from './store-racks.ts';

const mostUnmounted = 200;

/** Whether two things would be in the same unit at the same depth. */
export const collide = (a: Pick<RackMount, 'unit' | 'height' | 'side'>, b: Pick<RackMount, 'unit' | 'height' | 'side'>): boolean =>
  a.unit < b.unit + b.height && b.unit < a.unit + a.height && (a.side === b.side || a.side === 'both' || b.side === 'both');

/** What is mounted in a rack, from the top down. Problems `not_found`, and `conflict` for a place that is no rack. */
export async function readElevation(db: Db, id: string, actor: Actor): Promise<Elevation> {
  const rack = await readPlace(db, id, actor, 'people:read');
  if (rack.kind !== 'rack' || rack.rackUnits === null) throw new Problem('conflict', `“${rack.name}” is not a rack.`);
  const mounts = await mountsOf(db, id);
  const loose = await unmountedIn(db, id, mostUnmounted);
  const reachable = await reachableAssets(db, [...mounts.map((m) => m.asset_id), ...loose.map((l) => l.id)], actor, 'assets:read');
  const taken = new Set(mounts.flatMap((m) => Array.from({ length: m.height }, (_, i) => m.unit + i)));
  const seen = mounts.filter((m) => reachable.has(m.asset_id));
  return {
    rack: { id, label: rack.name },
    units: rack.rackUnits,
    mounts: seen.map((m) => ({
      asset: { id: m.asset_id, label: m.label },
      class: m.class,
      unit: m.unit,
      height: m.height,
      side: m.side,
    })),
    unmounted: loose.filter((l) => reachable.has(l.id)),
    freeUnits: rack.rackUnits - taken.size,
    hidden: mounts.length - seen.length,
  };
}

/**
 * Mounts an asset and places it in the rack. The rack is locked first, so that of two mounts at once the second sees the first.
 * Problems `not_found`, `validation_failed` with everything that does not fit, `conflict` naming what is in the way.
 */
export async function mountAsset(
  tx: Tx,
  actor: Actor,
  assetId: string,
  body: { rackId: string; unit: number; height: number; side: RackSide },
  now: Date,
): Promise<void> {
  await mustFindAsset(tx, assetId, actor, 'assets:write');
  await readPlace(tx, body.rackId, actor, 'people:read').catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') throw bad([['rackId', 'unknown', 'There is no such place.']]);
    throw error;
  });
  const rack = await lockRack(tx, body.rackId);
  const asset = await mountableAsset(tx, assetId);
  const top = body.unit + body.height - 1;
  const errors: [string, string, string][] = [];
  if (rack?.kind !== 'rack' || rack.rack_units === null) errors.push(['rackId', 'not_a_rack', `“${rack?.name ?? ''}” is not a rack.`]);
  else if (top > rack.rack_units)
    errors.push(['unit', 'too_high', `It would reach unit ${top}; “${rack.name}” has ${rack.rack_units} units.`]);
  if (!asset.rackable) errors.push(['id', 'not_rackable', `A ${asset.class.toLowerCase()} is not mounted in racks.`]);
  if (errors.length > 0) throw bad(errors);
  const wanted = { unit: body.unit, height: body.height, side: body.side };
  const inTheWay = (await mountsOf(tx, body.rackId)).filter((m) => m.asset_id !== assetId && collide(m, wanted));
  if (inTheWay.length > 0) {
    const known = await reachableAssets(
      tx,
      inTheWay.map((m) => m.asset_id),
      actor,
      'assets:read',
    );
    const names = inTheWay.map((m) => `${known.has(m.asset_id) ? m.label : 'something'} (unit ${m.unit}, ${m.height} high)`);
    throw new Problem('conflict', `In the way: ${names.join(', ')}.`);
  }
  await forgetFormer(tx, body.rackId, body.unit, top);
  await putMount(tx, { assetId, ...body, at: now, by: actor.label });
  await updateAsset(tx, actor, assetId, asset.version, { place: body.rackId }, now);
  await recordEvents(tx, [
    {
      assetId,
      at: now,
      kind: 'rack_mounted',
      source: 'manual',
      actor: actor.label,
      data: { rack: rack?.name ?? '', ...body },
    },
  ]);
  await audit(tx, actor, {
    action: 'asset.rack_mounted',
    resource: 'assets',
    resourceId: assetId,
    summary: `Mounted ${asset.label} in “${rack?.name ?? ''}” at unit ${body.unit}`,
    after: { ...body },
  });
}

/** Takes an asset out of its position; it stays in the rack. Problems `not_found`, `conflict` when it has none. */
export async function unmountAsset(tx: Tx, actor: Actor, assetId: string, now: Date): Promise<void> {
  await mustFindAsset(tx, assetId, actor, 'assets:write');
  const former = await dropMount(tx, assetId);
  if (!former) throw new Problem('conflict', 'It has no position in a rack.');
  await recordEvents(tx, [
    { assetId, at: now, kind: 'rack_unmounted', source: 'manual', actor: actor.label, data: { rack: former.rack, unit: former.unit } },
  ]);
  await audit(tx, actor, {
    action: 'asset.rack_unmounted',
    resource: 'assets',
    resourceId: assetId,
    summary: `Took an asset out of unit ${former.unit} of “${former.rack}”`,
    before: { rackId: former.rack_id, unit: former.unit },
  });
}

const bad = (errors: readonly [field: string, code: string, message: string][]): Problem =>
  new Problem('validation_failed', undefined, { errors: errors.map(([field, code, message]) => ({ field, code, message })) });
