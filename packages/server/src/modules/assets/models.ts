import type { Model, ModelCreate, ModelUpdate } from '@muster/api/models';
import { type FieldError, Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { settleCustom, showCustom } from '../fields/index.ts';
import { findClass } from './store-classes.ts';
import { findModel, insertModel, type ModelValues, updateModelRow } from './store-models.ts';

/** @throws Problem not_found */
export async function readModel(db: Db, id: string): Promise<Model> {
  const row = await findModel(db, id);
  if (!row) throw noModel();
  const own = await showCustom(db, 'models', { id, custom: row.custom, classKey: row.class_key });
  const inheritance = { model: null };
  const ofAssets = await showCustom(db, 'assets', { id, custom: row.asset_custom, classKey: row.class_key, inheritance });
  return {
    id,
    manufacturer: row.manufacturer,
    name: row.name,
    class: row.class_key,
    custom: own.custom,
    assetCustom: ofAssets.custom,
    assetInherited: ofAssets.inherited,
    createdAt: row.created_at.toISOString(),
    version: row.version,
  };
}

/** Adds a model. @throws Problem validation_failed, conflict when the maker has a model of this name */
export async function createModel(tx: Tx, actor: Actor, input: ModelCreate, now: Date): Promise<string> {
  const id = newId(now.getTime());
  const base = { manufacturer: input.manufacturer, name: input.name, class_key: input.class, custom: {}, asset_custom: {} };
  const values = await settled(tx, actor, id, base, input, true);
  await insertModel(tx, id, values, now).catch(refuseTwin);
  await audit(tx, actor, {
    action: 'model.created',
    resource: 'models',
    resourceId: id,
    summary: `Added the model ${nameOf(values)}`,
    after: values,
  });
  return id;
}

/** Changes a model. @throws Problem not_found, stale, validation_failed, conflict */
export async function updateModel(tx: Tx, actor: Actor, id: string, version: number, input: ModelUpdate, now: Date): Promise<void> {
  const row = await findModel(tx, id, true);
  if (!row) throw noModel();
  if (row.version !== version) throw new Problem('stale');
  const base = {
    manufacturer: input.manufacturer ?? row.manufacturer,
    name: input.name ?? row.name,
    class_key: input.class ?? row.class_key,
    custom: row.custom,
    asset_custom: row.asset_custom,
  };
  const values = await settled(tx, actor, id, base, input, false);
  await updateModelRow(tx, id, values, now).catch(refuseTwin);
  const { id: _, created_at: __, version: ___, ...before } = row;
  await audit(tx, actor, {
    action: 'model.changed',
    resource: 'models',
    resourceId: id,
    summary: `Changed the model ${nameOf(values)}`,
    before,
    after: values,
  });
}

async function settled(tx: Tx, actor: Actor, id: string, base: ModelValues, input: ModelUpdate, creating: boolean): Promise<ModelValues> {
  const shared = { recordId: id, classKey: base.class_key };
  const errors: FieldError[] = [];
  const of = await findClass(tx, base.class_key);
  if (!of || of.retired) errors.push({ field: 'class', code: 'unknown', message: 'There is no asset class with this key.' });
  const own = await settleCustom(tx, actor, { ...shared, resource: 'models', current: base.custom, given: input.custom, creating });
  const wanted = {
    resource: 'assets',
    current: base.asset_custom,
    given: input.assetCustom,
    creating: false,
    forAssetsOfModel: true,
  } as const;
  const ofAssets = await settleCustom(tx, actor, { ...shared, ...wanted });
  errors.push(...own.errors, ...ofAssets.errors.map((error) => ({ ...error, field: error.field.replace(/^custom/, 'assetCustom') })));
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  return { ...base, custom: own.custom, asset_custom: ofAssets.custom };
}

function refuseTwin(error: unknown): never {
  if ((error as { code?: unknown }).code === '23505')
    throw new Problem('conflict', 'This manufacturer has a model of this name already.', {
      errors: [{ field: 'name', code: 'taken', message: 'There is a model of this name.' }],
      cause: error,
    });
  throw error;
}

const nameOf = (values: ModelValues): string => `${values.manufacturer} ${values.name}`;
const noModel = (): Problem => new Problem('not_found', 'There is no model with this id.');
