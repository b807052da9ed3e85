import type { CustomField, CustomFieldCreate, CustomFieldUpdate } from '@muster/api/custom-fields';
import { type FieldError, Problem } from '@muster/api/errors';
import { convertValue, type StoredValue, uniqueKey } from '@muster/core/custom-fields';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { rowsWithValue } from '../../platform/db/custom-values.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { convertType, previewType, type TypePreview } from './change-type.ts';
import { definitionErrors } from './check-definition.ts';
import { enqueueIndex } from './jobs.ts';
import { ownerOf } from './registry.ts';
import { claimMany, findByKey, findField, lockField, putField, releaseAll } from './store.ts';

/** @throws Problem not_found */
export async function readField(db: Db, id: string): Promise<CustomField> {
  const field = await findField(db, id);
  if (!field) throw new Problem('not_found', 'There is no custom field with this id.');
  return field;
}

/** Defines a field. @throws Problem validation_failed with everything that is wrong, conflict when the key is taken, also by an archived field */
export async function createField(platform: Platform, actor: Actor, input: CustomFieldCreate): Promise<CustomField> {
  const now = platform.now();
  const at = now.toISOString();
  const field: CustomField = {
    ...input,
    id: newId(now.getTime()),
    indexState: input.indexed ? 'building' : 'none',
    archived: false,
    createdAt: at,
    updatedAt: at,
    version: 1,
  };
  return inTx(platform.db, async (tx) => {
    refuse(await definitionErrors(tx, field, null));
    if (await findByKey(tx, field.resource, field.key)) throw takenKey();
    await putField(tx, field, now).catch((error: unknown) => {
      throw (error as { code?: unknown }).code === '23505' ? takenKey(error) : error;
    });
    if (field.indexed) await enqueueIndex(platform, tx, actor, field);
    await audit(tx, actor, {
      action: 'custom_field.created',
      resource: 'custom-fields',
      resourceId: field.id,
      summary: `Defined the custom field “${field.label}” of ${field.resource}`,
      after: input,
    });
    return field;
  });
}

const takenKey = (cause?: unknown): Problem =>
  new Problem('conflict', 'Another field of this resource has this key, perhaps an archived one.', {
    errors: [{ field: 'key', code: 'taken', message: 'Another field has this key.' }],
    cause,
  });

/** Changes a definition; values follow a change of type. @throws Problem not_found, stale, validation_failed, conflict, too_large */
export async function updateField(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  input: CustomFieldUpdate,
): Promise<CustomField> {
  const now = platform.now();
  return inTx(platform.db, async (tx) => {
    const before = await lockField(tx, id);
    if (!before) throw new Problem('not_found', 'There is no custom field with this id.');
    if (before.version !== version) throw new Problem('stale');
    const after = changed(before, input, now);
    refuse(await definitionErrors(tx, after, before));
    const retyped = after.type !== before.type;
    const outcome = retyped ? await convertType(tx, before, after, input.confirm) : null;
    if (before.unique && (retyped || !after.unique)) await releaseAll(tx, id);
    if (after.unique && (retyped || !before.unique)) await claimAll(tx, after);
    const reindex = after.indexed !== before.indexed || (after.indexed && (retyped || after.archived !== before.archived));
    const stored: CustomField = reindex ? { ...after, indexState: after.indexed && !after.archived ? 'building' : 'none' } : after;
    await putField(tx, stored, now);
    if (reindex) await enqueueIndex(platform, tx, actor, stored);
    await audit(tx, actor, {
      action: stored.archived && !before.archived ? 'custom_field.archived' : 'custom_field.changed',
      resource: 'custom-fields',
      resourceId: id,
      summary: `${stored.archived && !before.archived ? 'Archived' : 'Changed'} the custom field “${stored.label}” of ${stored.resource}${
        outcome ? `: ${outcome.kept} values converted, ${outcome.lost} lost` : ''
      }`,
      before,
      after: stored,
    });
    return stored;
  });
}

/** Archives a field; doing it twice changes nothing. @throws Problem not_found */
export async function archiveField(platform: Platform, actor: Actor, id: string): Promise<void> {
  const field = await readField(platform.db, id);
  if (!field.archived) await updateField(platform, actor, id, field.version, { archived: true });
}

/** What a change of type would do. @throws Problem not_found, validation_failed, conflict, too_large */
export async function previewField(db: Db, id: string, input: Pick<CustomFieldUpdate, 'type' | 'options'>): Promise<TypePreview> {
  const before = await readField(db, id);
  return previewType(db, before, changed(before, input, new Date(before.updatedAt)));
}

/** The definition with what is given; what a new type cannot have goes, and defaults are converted with the values. */
function changed(before: CustomField, input: CustomFieldUpdate, now: Date): CustomField {
  const { confirm: _, ...given } = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as CustomFieldUpdate;
  const after = { ...before, ...given, version: before.version + 1, updatedAt: now.toISOString() } as CustomField;
  if (after.type === before.type) return after;
  const isChoice = after.type === 'choice' || after.type === 'multi_choice';
  const next: CustomField = {
    ...after,
    options: isChoice ? after.options : [],
    unit: after.type === 'number' ? after.unit : null,
    pattern: after.type === 'text' ? after.pattern : null,
  };
  const convert = (value: unknown): StoredValue | null => (value === null ? null : convertValue(before, next, value));
  const defaults = Object.entries(before.classDefaults).map(([key, value]) => [key, convert(value)] as const);
  return {
    ...next,
    default: given.default === undefined ? convert(before.default) : given.default,
    classDefaults: given.classDefaults ?? Object.fromEntries(defaults.filter(([, value]) => value !== null)),
  };
}

/** Takes the values that are there. @throws Problem conflict with values that are there twice */
async function claimAll(tx: Tx, field: CustomField): Promise<void> {
  const { table } = ownerOf(field.resource);
  const batch = 5000;
  for (let after: string | null = null; ;) {
    const rows = await rowsWithValue(tx, table, field.key, after, batch);
    const twice = await claimMany(
      tx,
      field.id,
      rows.map(({ id, value }) => ({ id, value: uniqueKey(value as StoredValue) })),
    );
    if (twice.length > 0) {
      const errors = twice
        .slice(0, 10)
        .map((value) => ({ field: 'unique', code: 'not_unique', message: `“${value}” is there more than once.` }));
      throw new Problem('conflict', `“${field.label}” cannot be unique: some values are there more than once.`, { errors });
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < batch) return;
  }
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}
