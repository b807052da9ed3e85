import type { AssetRecord, AssetValueField, FieldProvenance } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import type { LifecycleMachine } from '@muster/api/lifecycle';
import { sourceName } from '@muster/core/authority';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { canReach, mustBeInstant } from '../../platform/listing/index.ts';
import { showCustom } from '../fields/index.ts';
import { fieldColumns, type FieldValue, valueFields } from './fields.ts';
import { mustFindAsset } from './reach.ts';
import { type ChangeRow, changesUntil, findAssetAt, type PastRow, surroundingsAt } from './store-history.ts';
import { loadMachine, substateOf } from './lifecycle-machine.ts';
import { assetListing } from './store-listing.ts';
import { findAsset } from './store.ts';

/** Parts of the record that no version keeps. */
const notKnown = ['customInherited', 'firstSeenAt', 'lastSeenAt', 'freshness', 'sources', 'sections', 'fields.losing', 'transitions'];

/**
 * An asset as it was at a day's end or an instant, with the changes that the timeline tells about each value. Role scopes are applied to the
 * asset as it was then, as in the list.
 * @throws Problem not_found, which says so when the asset was entered later; validation_failed
 */
export async function readAssetAsOf(db: Db, actor: Actor, id: string, asOf: string): Promise<AssetRecord> {
  const at = mustBeInstant(asOf);
  const row = await findAssetAt(db, id, at);
  if (!row) {
    await mustFindAsset(db, id, actor, 'assets:read');
    const entered = (await findAsset(db, id))?.created_at.toISOString().slice(0, 10) ?? 'later';
    throw new Problem('not_found', `This asset was entered on ${entered}: there is nothing to show of the time before.`);
  }
  if (!(await canReach(db, assetListing, id, actor, 'assets:read', at))) throw new Problem('not_found', 'There is no asset with this id.');
  const machine = (await loadMachine(db)).data;
  const { custom } = await showCustom(db, 'assets', { id, custom: row.custom, classKey: row.class_key });
  return { ...present(row, at, await surroundingsAt(db, row, at), await changesUntil(db, id, at), machine), custom };
}

function present(
  row: PastRow,
  at: string,
  around: Awaited<ReturnType<typeof surroundingsAt>>,
  changes: readonly ChangeRow[],
  machine: LifecycleMachine,
): Omit<AssetRecord, 'custom'> {
  const ref = (id: FieldValue | null): { id: string; label: string } | null =>
    id === null ? null : { id: String(id), label: around.names[String(id)] ?? String(id) };
  const text = (value: FieldValue | null): string | null => (value === null ? null : String(value));
  return {
    id: row.id,
    tag: text(row.tag),
    name: text(row.name),
    class: around.class,
    state: row.state,
    substate: substateOf(machine, row.state, row.substate),
    manufacturer: text(row.manufacturer),
    model: text(row.model),
    serial: text(row.serial),
    osName: text(row.os_name),
    osVersion: text(row.os_version),
    osFamily: text(row.os_family),
    cpu: text(row.cpu),
    cores: row.cores as number | null,
    memoryMb: row.memory_mb as number | null,
    lastUser: text(row.last_user),
    person: ref(row.person_id),
    place: ref(row.place_id),
    orgUnit: ref(row.org_unit_id),
    warrantyStartsOn: text(row.warranty_starts_on),
    warrantyEndsOn: text(row.warranty_ends_on),
    domain: text(row.domain),
    notes: text(row.notes),
    firstSeenAt: null,
    lastSeenAt: null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    redirectedTo: row.redirected_to,
    version: 0,
    fields: Object.fromEntries(valueFields.map((field) => [field, provenanceThen(row, field, around, changes)])),
    sources: [],
    freshness: null,
    sections: [],
    installedTitles: around.installed_titles,
    transitions: [],
    customInherited: {},
    asOf: {
      at,
      since: row.since.toISOString(),
      until: row.until?.toISOString() ?? null,
      keptSince: row.kept_since.toISOString(),
      exact: row.created_at >= row.kept_since || Date.parse(at) >= row.kept_since.getTime(),
      notKnown,
    },
  };
}

/** Who brought a value, as far as the timeline tells: the last change that made it what it was, or the asset's first report or entry. */
function provenanceThen(
  row: PastRow,
  field: AssetValueField,
  around: { names: Record<string, string>; class: { label: string } },
  changes: readonly ChangeRow[],
): FieldProvenance {
  const value = row[fieldColumns[field]];
  const change = changes.find((c) => c.field === field) ?? changes.find((c) => c.field === null);
  const known = change !== undefined && value !== null && (change.field === null || change.to === value) ? change : null;
  const who = known ? (known.actor ?? sourceName(known.source)) : null;
  return {
    value,
    label: value === null ? null : field === 'class' ? around.class.label : (around.names[String(value)] ?? null),
    source: known?.source ?? null,
    observedAt: known?.at.toISOString() ?? null,
    actor: known?.actor ?? null,
    manual: known?.source === 'manual',
    reason: who === null ? null : `It came with a change by ${who}. What other sources said then is not kept.`,
    losing: [],
  };
}
