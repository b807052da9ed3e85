import type { AssetRecord, AssetValueField, FieldProvenance } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import { type Authority, resolveField, type SourcedValue } from '@muster/core/authority';
import { freshnessOf } from '@muster/core/freshness';
import { offersOf } from '@muster/core/lifecycle';
import { type Actor, systemActor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { showAssetCustom } from './custom.ts';
import { loadAuthority } from './authority-rules.ts';
import { fieldColumns, type FieldValue, valueFields } from './fields.ts';
import { factsOf } from './lifecycle-facts.ts';
import { loadMachine, substateOf } from './lifecycle-machine.ts';
import { type AssetRow, fieldValuesOf, type FieldValueRow, findAsset, sourceTimesOf, surroundingsOf, type Surroundings } from './store.ts';

/** For a class that is not known to the limits yet. */
const unlimited = { staleDays: 14, missingDays: 30, retireDays: 90 };
const references: readonly AssetValueField[] = ['person', 'place', 'orgUnit'];

/** What the record says of its life to whoever reads it: nothing is offered to those who may not change it. */
async function lifeOf(db: Db, asset: AssetRow, actor: Actor): Promise<Pick<AssetRecord, 'substate' | 'transitions'>> {
  const machine = await loadMachine(db);
  const facts = (await factsOf(db, actor, machine, [asset])).get(asset.id);
  return {
    substate: substateOf(machine.data, asset.state, asset.substate),
    transitions: (facts ? offersOf(machine, facts) : []).map(({ transition, to, inputs, blocks }) => ({
      key: transition.key,
      to: to.state,
      toSubstate: to.substate,
      label: transition.label,
      inputs: [...inputs],
      blocked: blocks.map(({ code, reason }) => ({ code, reason })),
    })),
  };
}

/**
 * An asset with, per field, where its value comes from and what other sources say.
 * @param actor Whose transitions are offered.
 * @throws Problem not_found
 */
export async function readAsset(db: Db, id: string, now: Date, actor: Actor = systemActor): Promise<AssetRecord> {
  const asset = await findAsset(db, id);
  if (!asset) throw new Problem('not_found', 'There is no asset with this id.');
  const values = await fieldValuesOf(db, [id]);
  const times = new Map((await sourceTimesOf(db, [id])).map((t) => [t.source, t.last_received_at.getTime()]));
  const ids = new Set(values.filter((v) => references.includes(v.field as AssetValueField)).map((v) => String(v.value)));
  for (const field of references) if (asset[fieldColumns[field]] !== null) ids.add(String(asset[fieldColumns[field]]));
  const around = await surroundingsOf(db, asset, [...ids]);
  const life = await lifeOf(db, asset, actor);
  return { ...present(asset, values, times, around, now, await loadAuthority(db)), ...life, ...(await showAssetCustom(db, asset)) };
}

function present(
  asset: AssetRow,
  values: readonly FieldValueRow[],
  times: ReadonlyMap<string, number>,
  around: Surroundings,
  now: Date,
  authority: Authority,
): Omit<AssetRecord, 'substate' | 'transitions' | 'custom' | 'customInherited'> {
  const ref = (id: FieldValue | null): { id: string; label: string } | null =>
    id === null ? null : { id: String(id), label: around.names[String(id)] ?? String(id) };
  const text = (value: FieldValue | null): string | null => (value === null ? null : String(value));
  const byField = Map.groupBy(values, (v) => v.field);
  return {
    id: asset.id,
    tag: text(asset.tag),
    name: text(asset.name),
    class: around.class,
    state: asset.state,
    manufacturer: text(asset.manufacturer),
    model: text(asset.model),
    serial: text(asset.serial),
    osName: text(asset.os_name),
    osVersion: text(asset.os_version),
    osFamily: text(asset.os_family),
    cpu: text(asset.cpu),
    cores: asset.cores as number | null,
    memoryMb: asset.memory_mb as number | null,
    lastUser: text(asset.last_user),
    person: ref(asset.person_id),
    place: ref(asset.place_id),
    orgUnit: ref(asset.org_unit_id),
    warrantyStartsOn: text(asset.warranty_starts_on),
    warrantyEndsOn: text(asset.warranty_ends_on),
    domain: text(asset.domain),
    notes: text(asset.notes),
    firstSeenAt: asset.first_seen_at?.toISOString() ?? null,
    lastSeenAt: asset.last_seen_at?.toISOString() ?? null,
    createdAt: asset.created_at.toISOString(),
    updatedAt: asset.updated_at.toISOString(),
    redirectedTo: asset.redirected_to,
    version: asset.version,
    fields: Object.fromEntries(
      valueFields.map((field) => [field, provenance(asset, field, byField.get(field) ?? [], times, around, now, authority)]),
    ),
    sources: around.sources.map((s) => ({
      ...s,
      firstReceivedAt: new Date(s.firstReceivedAt).toISOString(),
      lastReceivedAt: new Date(s.lastReceivedAt).toISOString(),
    })),
    freshness: {
      state: freshnessOf(asset.last_seen_at?.getTime() ?? null, around.limits ?? unlimited, now.getTime()),
      ...(around.limits ?? unlimited),
    },
    sections: around.sections.map((s) => ({
      ...s,
      changedAt: new Date(s.changedAt).toISOString(),
      seenAt: new Date(s.seenAt).toISOString(),
    })),
    installedTitles: around.installed_titles,
    asOf: null,
  };
}

function provenance(
  asset: AssetRow,
  field: AssetValueField,
  stored: readonly FieldValueRow[],
  times: ReadonlyMap<string, number>,
  around: Surroundings,
  now: Date,
  authority: Authority,
): FieldProvenance {
  const sourced = stored.map((v): SourcedValue => {
    const at = v.observed_at.getTime();
    return { source: v.source, value: v.value, observedAtMs: at, seenAtMs: v.source === 'manual' ? at : (times.get(v.source) ?? at) };
  });
  const { winner, reason, losing } = resolveField(asset.class_key, field, sourced, now.getTime(), authority);
  const value = winner ? winner.value : asset[fieldColumns[field]];
  const label =
    value === null
      ? null
      : references.includes(field)
        ? (around.names[String(value)] ?? null)
        : field === 'class' && value === around.class.key
          ? around.class.label
          : null;
  return {
    value,
    label,
    source: winner?.source ?? null,
    observedAt: winner ? new Date(winner.observedAtMs).toISOString() : null,
    actor: winner ? (stored.find((v) => v.source === winner.source)?.actor ?? null) : null,
    manual: winner?.source === 'manual',
    reason,
    losing: losing.map((l) => ({ value: l.value, source: l.source, observedAt: new Date(l.observedAtMs).toISOString(), reason: l.reason })),
  };
}
