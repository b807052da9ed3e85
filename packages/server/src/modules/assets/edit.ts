import type { AssetValueField, CreateAssetBody, UpdateAssetBody } from '@muster/api/assets';
import { type FieldError, Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { loadAuthority } from './authority-rules.ts';
import { applyAssetCustom, customAudit, settleAssetCustom } from './custom.ts';
import { setCustom } from './store-custom.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { type AssetColumn, fieldColumns, fieldLabels, type FieldValue } from './fields.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { changesOf, winners } from './observed-values.ts';
import {
  type AssetRow,
  checkReferences,
  dropManualValue,
  fieldValuesOf,
  insertAsset,
  lockAsset,
  putManualValue,
  setColumns,
  sourceTimesOf,
} from './store.ts';
import { recordEvents } from './store-ingest.ts';
import { withTag } from './tag-giver.ts';

/**
 * Enters an asset by hand; every given value is a manual value. Returns its id.
 * @throws Problem validation_failed with every bad field; conflict when the tag is taken.
 */
export async function createAsset(tx: Tx, actor: Actor, entered: CreateAssetBody, now: Date): Promise<string> {
  const body = await withTag(tx, entered);
  const { state, custom: givenCustom, ...given } = body;
  const values = Object.entries(given).filter((e): e is [AssetValueField, FieldValue] => e[1] !== undefined);
  const errors = await referenceErrors(tx, given, null);
  if (given.name === undefined && given.tag === undefined && given.serial === undefined)
    errors.push({ field: 'name', code: 'required', message: 'Give a name, a tag or a serial number.' });
  if (state === 'assigned' && given.person === undefined)
    errors.push({ field: 'person', code: 'required', message: 'Say who has it: an assigned asset has a person.' });
  const id = newId(now.getTime());
  const custom = await settleAssetCustom(tx, actor, { id, classKey: given.class, given: givenCustom, creating: true });
  refuse([...errors, ...custom.errors]);
  const columns = Object.fromEntries(values.map(([f, v]) => [fieldColumns[f], v])) as Partial<Record<AssetColumn, FieldValue>>;
  await catchTakenTag(() => insertAsset(tx, { id, state, now, values: columns }));
  for (const [field, value] of values) await putManualValue(tx, id, field, value, now, actor.label);
  await setCustom(tx, id, custom.custom);
  await tellSetByHand(tx, actor, id, body, now);
  await recordEvents(tx, [
    {
      assetId: id,
      at: now,
      kind: 'created',
      source: 'manual',
      actor: actor.label,
      data: { state, class: body.class, name: body.name ?? null },
    },
  ]);
  await audit(tx, actor, {
    action: 'asset.created',
    resource: 'assets',
    resourceId: id,
    summary: `Entered the asset ${body.name ?? body.tag ?? body.serial ?? id} by hand`,
    after: body,
  });
  return id;
}

/**
 * Sets values by hand; `null` releases a manual value. `version` is the one the caller edits.
 * @throws Problem not_found, stale, validation_failed with every bad field, conflict.
 */
export async function updateAsset(tx: Tx, actor: Actor, id: string, version: number, input: UpdateAssetBody, now: Date): Promise<void> {
  const { custom: givenCustom, ...body } = input;
  const asset = await editable(tx, id);
  if (asset.version !== version) throw new Problem('stale', 'Someone changed this asset in the meantime. Read it again.');
  const given = Object.entries(body).filter((e): e is [AssetValueField, FieldValue | null] => e[1] !== undefined);
  const errors = await referenceErrors(tx, body, id);
  const classKey = body.class ?? asset.class_key;
  const custom = await settleAssetCustom(tx, actor, { id, classKey, given: givenCustom, creating: false });
  refuse([...errors, ...custom.errors]);
  for (const [field, value] of given) {
    if (value === null) await dropManualValue(tx, id, field);
    else await putManualValue(tx, id, field, value, now, actor.label);
  }
  await applyAssetCustom(tx, actor, id, custom, now);
  const changes = await settle(tx, actor, asset, now);
  keepPerson(asset, changes);
  await tellSetByHand(tx, actor, id, body, now);
  const released = given.filter(([, v]) => v === null).map(([f]) => f);
  await audit(tx, actor, {
    action: 'asset.updated',
    resource: 'assets',
    resourceId: id,
    summary: `Changed ${[...given.map(([f]) => fieldLabels[f].toLowerCase()), ...custom.changes.map((c) => c.label)].join(', ') || 'nothing'} of ${nameOf(asset)}`,
    before: { ...Object.fromEntries(changes.map((c) => [c.field, c.from])), ...customAudit(custom, 'from') },
    after: {
      ...Object.fromEntries(changes.map((c) => [c.field, c.to])),
      ...customAudit(custom, 'to'),
      ...(released.length > 0 ? { released } : {}),
    },
  });
}

/**
 * Gives a field back to the sources.
 * @throws Problem not_found; conflict when it has no manual value.
 */
export async function releaseField(tx: Tx, actor: Actor, id: string, field: AssetValueField, now: Date): Promise<void> {
  const asset = await editable(tx, id);
  const manual = (await fieldValuesOf(tx, [id])).find((v) => v.field === field && v.source === 'manual');
  if (!manual) throw new Problem('conflict', `${fieldLabels[field]} has no value set by hand.`);
  await dropManualValue(tx, id, field);
  await recordEvents(tx, [
    { assetId: id, at: now, kind: 'value_released', source: 'manual', actor: actor.label, data: { field, from: manual.value } },
  ]);
  const changes = await settle(tx, actor, asset, now);
  keepPerson(asset, changes);
  await tellSetByHand(tx, actor, id, { [field]: null }, now);
  await audit(tx, actor, {
    action: 'asset.field_released',
    resource: 'assets',
    resourceId: id,
    summary: `Released ${fieldLabels[field].toLowerCase()} of ${nameOf(asset)}`,
    before: { [field]: manual.value },
    after: Object.fromEntries(changes.map((c) => [c.field, c.to])),
  });
}

/** Nobody takes the person of an assigned asset away without moving it. */
function keepPerson(asset: AssetRow, changes: ReturnType<typeof changesOf>): void {
  if (asset.state !== 'assigned' || !changes.some((c) => c.field === 'person' && c.to === null)) return;
  const message = 'An assigned asset has a person: move it to another state first.';
  throw new Problem('conflict', message, { errors: [{ field: 'person', code: 'needs_person', message }] });
}

/** The asset, locked. @throws Problem not_found; conflict when it was merged. */
export async function editable(tx: Tx, id: string): Promise<AssetRow> {
  const asset = await lockAsset(tx, id);
  if (!asset) throw new Problem('not_found', 'There is no asset with this id.');
  if (asset.redirected_to) throw new Problem('conflict', `This asset was merged into ${asset.redirected_to}.`);
  return asset;
}

/** Chooses the values anew after manual ones came or went, and writes what changed. */
export async function settle(tx: Tx, actor: Actor, asset: AssetRow, now: Date): Promise<ReturnType<typeof changesOf>> {
  const values = await fieldValuesOf(tx, [asset.id]);
  const times = new Map((await sourceTimesOf(tx, [asset.id])).map((t) => [t.source, t.last_received_at.getTime()]));
  const next = winners(asset, values, (source) => times.get(source), now.getTime(), await loadAuthority(tx));
  const changes = changesOf(asset, next);
  await catchTakenTag(() => setColumns(tx, asset.id, Object.fromEntries(changes.map((c) => [fieldColumns[c.field], c.to])), now));
  await recordEvents(
    tx,
    changes.map((c) => ({ assetId: asset.id, at: now, kind: 'field_changed', source: 'manual', actor: actor.label, data: { ...c } })),
  );
  await noteLicenceFacts(
    tx,
    changes.map((c) => ({ assetId: asset.id, field: c.field })),
  );
  return changes;
}

/** What of the given values points at nothing, or is a tag that another asset than `except` has. */
export async function referenceErrors(tx: Db, given: UpdateAssetBody, except: string | null): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const found = await checkReferences(tx, {
    classKey: given.class ?? null,
    person: given.person ?? null,
    place: given.place ?? null,
    orgUnit: given.orgUnit ?? null,
    tag: given.tag ?? null,
    except,
  });
  if (given.class && !found.class_ok) errors.push({ field: 'class', code: 'unknown', message: 'There is no asset class with this key.' });
  if (given.person && !found.person_ok) errors.push({ field: 'person', code: 'unknown', message: 'There is no person with this id.' });
  if (given.place && !found.place_ok) errors.push({ field: 'place', code: 'unknown', message: 'There is no place with this id.' });
  if (given.orgUnit && !found.org_unit_ok)
    errors.push({ field: 'orgUnit', code: 'unknown', message: 'There is no org unit with this id.' });
  if (given.tag && found.tag_of) errors.push(takenTag);
  return errors;
}

const takenTag: FieldError = { field: 'tag', code: 'taken', message: 'Another asset has this tag.' };

function refuse(errors: FieldError[]): void {
  if (errors.length === 0) return;
  const onlyTaken = errors.every((e) => e.code === 'taken');
  throw new Problem(onlyTaken ? 'conflict' : 'validation_failed', onlyTaken ? takenTag.message : undefined, { errors });
}

/** Two people can type one tag at the same moment: then the unique index decides. */
export async function catchTakenTag(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof Error && 'constraint' in error && error.constraint === 'assets_tag')
      throw new Problem('conflict', takenTag.message, { errors: [takenTag], cause: error });
    throw error;
  }
}

export const nameOf = (asset: AssetRow): string => String(asset.name ?? asset.tag ?? asset.serial ?? asset.id);
