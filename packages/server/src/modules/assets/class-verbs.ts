import {
  type AssetCapability,
  assetCapabilities,
  type createAssetClass,
  type updateAssetClass,
  type AssetClass,
} from '@muster/api/asset-classes';
import { type FieldError, Problem } from '@muster/api/errors';
import type { BodyOf } from '@muster/api/route';
import { lineOf } from '@muster/core/authority';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { refreshStaleness } from './staleness.ts';
import { type ClassRow, findClass, insertClass, lockClassTree, updateClassRow } from './store-classes.ts';

/** @throws Problem not_found */
export async function readClass(db: Db, key: string): Promise<AssetClass> {
  return presentClass(await mustFind(db, key));
}

export const presentClass = ({ parent_key: parent, ...row }: ClassRow): AssetClass => ({ ...row, parent });

/** Defines a class of one's own. @throws Problem conflict when the key is taken, validation_failed for a parent that is not there */
export async function createClass(tx: Tx, actor: Actor, body: BodyOf<typeof createAssetClass>): Promise<void> {
  const tree = await lockClassTree(tx);
  if (await findClass(tx, body.key))
    throw new Problem('conflict', 'Another class has this key.', {
      errors: [{ field: 'key', code: 'taken', message: 'Another class has this key.' }],
    });
  if (body.parent !== null && !tree.has(body.parent)) refuse([unknownParent]);
  await insertClass(tx, body);
  await refreshStaleness(tx);
  await audit(tx, actor, {
    action: 'asset_class.created',
    resource: 'asset-classes',
    resourceId: body.key,
    summary: `Defined the asset class “${body.label}”`,
    after: body,
  });
}

/** Changes a class. @throws Problem not_found, stale, validation_failed, conflict when it is to be retired and is not empty */
export async function changeClass(
  tx: Tx,
  actor: Actor,
  key: string,
  version: number,
  body: BodyOf<typeof updateAssetClass>,
  now: Date,
): Promise<void> {
  const tree = await lockClassTree(tx);
  const before = await mustFind(tx, key);
  if (before.version !== version) throw new Problem('stale');
  const after = {
    label: body.label ?? before.label,
    parent: body.parent === undefined ? before.parent_key : body.parent,
    capabilities: body.capabilities ?? before.capabilities,
    retired: body.retired ?? before.retired,
  };
  refuse(changeErrors(before, after, tree));
  if (after.retired && !before.retired) mustBeEmpty(before, tree);
  if (!(await updateClassRow(tx, key, version, after, now))) throw new Problem('stale');
  if (after.parent !== before.parent_key) await refreshStaleness(tx);
  await audit(tx, actor, {
    action: after.retired && !before.retired ? 'asset_class.retired' : 'asset_class.changed',
    resource: 'asset-classes',
    resourceId: key,
    summary: `${after.retired && !before.retired ? 'Retired' : 'Changed'} the asset class “${after.label}”`,
    before: { label: before.label, parent: before.parent_key, capabilities: before.capabilities, retired: before.retired },
    after,
  });
}

/** What another set of capabilities would show and hide. @throws Problem not_found */
export async function previewClass(
  db: Db,
  key: string,
  capabilities: readonly AssetCapability[],
): Promise<{ assets: number; off: { capability: string; hides: string }[]; on: string[] }> {
  const row = await mustFind(db, key);
  const known = Object.keys(assetCapabilities) as AssetCapability[];
  const off = known.filter((one) => row.capabilities.includes(one) && !capabilities.includes(one));
  return {
    assets: row.assets,
    off: off.map((one) => ({ capability: one, hides: assetCapabilities[one].hides })),
    on: capabilities.filter((one) => !row.capabilities.includes(one)),
  };
}

const unknownParent: FieldError = { field: 'parent', code: 'unknown', message: 'There is no asset class with this key.' };

function changeErrors(
  before: ClassRow,
  after: { label: string; parent: string | null; retired: boolean },
  tree: ReadonlyMap<string, string | null>,
): FieldError[] {
  const errors: FieldError[] = [];
  const shipped = (field: string): void =>
    void errors.push({ field, code: 'shipped', message: 'A class that is shipped keeps it; define one of your own.' });
  if (!before.own && after.label !== before.label) shipped('label');
  if (!before.own && after.parent !== before.parent_key) shipped('parent');
  if (!before.own && after.retired) shipped('retired');
  if (after.parent !== null && !tree.has(after.parent)) errors.push(unknownParent);
  else if (after.parent !== null && lineOf(after.parent, tree).includes(before.key))
    errors.push({ field: 'parent', code: 'cycle', message: 'A class cannot be below itself.' });
  return errors;
}

function mustBeEmpty(row: ClassRow, tree: ReadonlyMap<string, string | null>): void {
  const below = [...tree].filter(([, parent]) => parent === row.key).length;
  const rest = [...(row.assets > 0 ? [`${row.assets} assets`] : []), ...(below > 0 ? [`${below} classes`] : [])];
  if (rest.length > 0) throw new Problem('conflict', `“${row.label}” still has ${rest.join(' and ')}. Move them first.`);
}

async function mustFind(db: Db, key: string): Promise<ClassRow> {
  const row = await findClass(db, key);
  if (!row) throw new Problem('not_found', 'There is no asset class with this key.');
  return row;
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}
