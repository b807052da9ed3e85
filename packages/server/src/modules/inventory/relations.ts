import { type Impact, type Relation, type RelationKind, relationKinds } from '@muster/api/components';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset, reachableAssets, recordEvents } from '../assets/index.ts';
import { connectedTo, deleteRelation, dependants, findRelation, type ImpactRow, insertRelation, relationsOf } from './store-relations.ts';

const mostRelations = 1000;
const mostSteps = 8;
const mostAffected = 500;

/** What an asset is to others and they to it; the caller was let to the asset before. */
export async function readRelations(db: Db, assetId: string, actor: Actor): Promise<{ items: Relation[] }> {
  const rows = await relationsOf(db, assetId, mostRelations);
  const visible = await reachableAssets(
    db,
    rows.map((r) => r.other_id),
    actor,
    'assets:read',
  );
  return {
    items: rows
      .filter((r) => visible.has(r.other_id))
      .map((r) => ({
        id: r.id,
        kind: r.kind,
        outgoing: r.outgoing,
        label: r.outgoing ? relationKinds[r.kind].label : relationKinds[r.kind].inverse,
        other: { id: r.other_id, label: r.other_label, class: r.other_class },
        source: r.source,
        actor: r.actor,
        firstSeenAt: r.first_seen_at.toISOString(),
        lastSeenAt: r.last_seen_at.toISOString(),
        note: r.note,
        ports: (r.ports ?? []).map((p) => (r.outgoing ? p : { port: p.otherPort, otherPort: p.port })),
      })),
  };
}

export interface NewRelation {
  kind: RelationKind;
  other: string;
  outgoing: boolean;
  note?: string | undefined;
}

/**
 * Says by hand what an asset is to another.
 * @throws Problem not_found, validation_failed for itself, conflict when it was said already.
 */
export async function addRelation(tx: Tx, actor: Actor, assetId: string, body: NewRelation, now: Date): Promise<void> {
  if (body.other === assetId)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.other', code: 'same', message: 'An asset has no relation to itself.' }],
    });
  await mustFindAsset(tx, body.other, actor, 'assets:write');
  const [from, to] = body.outgoing ? [assetId, body.other] : [body.other, assetId];
  const id = newId(now.getTime());
  const made = await insertRelation(tx, {
    assetId: from,
    id,
    kind: body.kind,
    otherId: to,
    actor: actor.label,
    note: body.note ?? null,
    now,
  });
  if (!made) throw new Problem('conflict', 'This relation was entered by hand already.');
  await note(tx, actor, 'relation_added', { from, to, kind: body.kind }, now);
  await audit(tx, actor, {
    action: 'relation.added',
    resource: 'assets',
    resourceId: from,
    summary: `Entered the relation “${relationKinds[body.kind].label.toLowerCase()}” to ${to}`,
    after: { id, kind: body.kind, other: to, note: body.note ?? null },
  });
}

/**
 * Takes back a relation that was made by hand.
 * @throws Problem not_found; conflict when a source tells it.
 */
export async function removeRelation(tx: Tx, actor: Actor, assetId: string, id: string, now: Date): Promise<void> {
  const found = await findRelation(tx, assetId, id);
  if (!found) throw new Problem('not_found', 'This asset has no such relation.');
  if (found.source !== 'manual') throw new Problem('conflict', 'A source tells this relation; it goes when the source no longer tells it.');
  await mustFindAsset(tx, found.asset_id === assetId ? found.other_id : found.asset_id, actor, 'assets:write');
  await deleteRelation(tx, found.asset_id, id);
  await note(tx, actor, 'relation_removed', { from: found.asset_id, to: found.other_id, kind: found.kind }, now);
  await audit(tx, actor, {
    action: 'relation.removed',
    resource: 'assets',
    resourceId: found.asset_id,
    summary: `Removed the relation “${relationKinds[found.kind].label.toLowerCase()}” to ${found.other_id}`,
    before: { id, kind: found.kind, other: found.other_id },
  });
}

/** An event on both timelines, each from its own side. */
async function note(tx: Tx, actor: Actor, kind: string, r: { from: string; to: string; kind: RelationKind }, at: Date): Promise<void> {
  const { label, inverse } = relationKinds[r.kind];
  const base = { at, kind, source: 'manual', actor: actor.label };
  await recordEvents(tx, [
    { ...base, assetId: r.from, data: { relation: label, other: r.to } },
    { ...base, assetId: r.to, data: { relation: inverse, other: r.from } },
  ]);
}

const depending = (Object.keys(relationKinds) as RelationKind[]).filter((kind) => relationKinds[kind].depends);

/** What would be affected if an asset failed: step by step, each asset once, bounded in steps and number. */
export async function readImpact(db: Db, assetId: string, actor: Actor): Promise<Impact> {
  const seen = new Set([assetId]);
  const found: ImpactRow[] = [];
  let from = [assetId];
  for (let depth = 1; depth <= mostSteps && from.length > 0 && found.length <= mostAffected; depth += 1) {
    const depends = await dependants(db, from, depending, mostAffected + seen.size + 1);
    const attached = depth === 1 ? await connectedTo(db, assetId, mostAffected + 1) : [];
    const rows = [...depends, ...attached.filter((a) => !depends.some((r) => r.id === a.id))].filter((r) => !seen.has(r.id));
    for (const r of rows) {
      seen.add(r.id);
      found.push({ ...r, depth });
    }
    from = rows.map((r) => r.id);
  }
  const visible = await reachableAssets(
    db,
    found.map((r) => r.id),
    actor,
    'assets:read',
  );
  return {
    items: found
      .filter((r) => visible.has(r.id))
      .slice(0, mostAffected)
      .map((r) => ({
        asset: { id: r.id, label: r.label, class: r.class_key },
        depth: r.depth,
        through: r.through,
        kind: r.kind,
        label: relationKinds[r.kind].label,
      })),
    more: found.length > mostAffected || from.length > 0,
  };
}
