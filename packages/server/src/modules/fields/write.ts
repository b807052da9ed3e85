import type { CustomField, CustomResource, CustomValues } from '@muster/api/custom-fields';
import type { FieldError } from '@muster/api/errors';
import { lineOf } from '@muster/core/authority';
import { readValue, type StoredValue, textOf, uniqueKey } from '@muster/core/custom-fields';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { reachableIds } from '../../platform/listing/index.ts';
import { ownerOf, referenceOf } from './registry.ts';
import { claimValue, classTree, fieldsInForce, labelsOf, releaseValue } from './store.ts';

export interface CustomWrite {
  readonly resource: CustomResource;
  readonly recordId: string;
  /** The class of an asset or model; decides which fields it has. */
  readonly classKey?: string | null;
  /** What is stored now; empty for a new record. */
  readonly current: Readonly<Record<string, unknown>>;
  readonly given: CustomValues | undefined;
  /** A new record gets the defaults and must have what is required. */
  readonly creating: boolean;
  /** Values that a model gives to its assets: nothing is required there, and no default is filled in. */
  readonly forAssetsOfModel?: boolean;
}
export interface CustomChange {
  readonly key: string;
  readonly label: string;
  /** As people read them; null for none. */
  readonly from: string | null;
  readonly to: string | null;
}
export interface CustomResult {
  /** What is to be stored. */
  readonly custom: Record<string, unknown>;
  readonly changes: readonly CustomChange[];
  readonly errors: FieldError[];
}

/**
 * Checks given values against the definitions in force and answers what is to be stored, what changes, and everything that is wrong, for
 * the owner to raise together with its own errors. Unique values are taken in this transaction: of two writers at once, one gets the error.
 * No statement is spent when nothing is given for an existing record.
 */
export async function settleCustom(tx: Tx, actor: Actor, write: CustomWrite): Promise<CustomResult> {
  const given = write.given ?? {};
  const nothing = { custom: { ...write.current }, changes: [], errors: [] };
  if (!write.creating && Object.keys(given).length === 0) return nothing;
  const fields = await fieldsInForce(tx, write.resource, true);
  const applicable = await applicableTo(tx, fields, write.classKey);
  const read = readGiven(fields, applicable, given, write.current);
  const errors = [...read.errors, ...(await referenceErrors(tx, actor, read.values))];
  const values = new Map(read.values.map(({ field, value }) => [field, value]));
  if (!write.forAssetsOfModel) errors.push(...fillIn(applicable, values, write));
  if (errors.length > 0) return { ...nothing, errors };
  if (!write.forAssetsOfModel) errors.push(...(await takeUnique(tx, write.recordId, values)));
  return { ...(await merged(tx, write.current, values)), errors };
}

/** Gives a new record the defaults; answers what is required and missing. */
export function fillIn(
  applicable: readonly CustomField[],
  values: Map<CustomField, StoredValue | null>,
  write: Pick<CustomWrite, 'creating' | 'given' | 'classKey'>,
): FieldError[] {
  const given = write.given ?? {};
  return applicable.flatMap((field): FieldError[] => {
    if (write.creating && !values.has(field) && !(field.key in given) && field.default !== null)
      values.set(field, field.default as StoredValue);
    const missing = values.has(field) ? values.get(field) === null : write.creating && !(field.key in given);
    return field.required && missing && field.classDefaults[write.classKey ?? ''] === undefined
      ? [{ field: `custom.${field.key}`, code: 'required', message: `“${field.label}” is required.` }]
      : [];
  });
}

/** Reads given values by the fields a record has; what stays as it is is left out. */
export function readGiven(
  fields: readonly CustomField[],
  applicable: readonly CustomField[],
  given: CustomValues,
  current: Readonly<Record<string, unknown>>,
): { values: { field: CustomField; value: StoredValue | null }[]; errors: FieldError[] } {
  const values: { field: CustomField; value: StoredValue | null }[] = [];
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(given)) {
    const field = fields.find((one) => one.key === key);
    const at = `custom.${key}`;
    if (!field) errors.push({ field: at, code: 'unknown', message: `There is no custom field “${key}” here.` });
    else if (!applicable.includes(field))
      errors.push({ field: at, code: 'not_applicable', message: `“${field.label}” is not a field of this class.` });
    // What stays as it is need not fit again: a choice may be retired by now, a person out of the caller's sight.
    else if (sameAs(value) === sameAs(current[key])) continue;
    else if (value === null) values.push({ field, value: null });
    else {
      const read = readValue(field, value);
      if ('error' in read) errors.push({ field: at, code: 'invalid', message: `${field.label}: ${read.error}` });
      else values.push({ field, value: read.value });
    }
  }
  return { values, errors };
}

/** The fields that a record of this class has: those of its class and of every class above it. */
export async function applicableTo(db: Db, fields: readonly CustomField[], classKey: string | null | undefined): Promise<CustomField[]> {
  if (fields.every((field) => field.class === null)) return [...fields];
  const line = await classLine(db, classKey);
  return fields.filter((field) => field.class === null || line.includes(field.class));
}

/** A class and the classes above it, nearest first. */
export async function classLine(db: Db, classKey: string | null | undefined): Promise<string[]> {
  if (!classKey) return [];
  const tree = await classTree(db);
  return [...lineOf(classKey, new Map([...tree].map(([key, one]) => [key, one.parent])))].filter((key): key is string => key !== null);
}

/** What of the values names a record that is not there, or that the actor may not see. */
export async function referenceErrors(
  tx: Db,
  actor: Actor,
  values: readonly { field: CustomField; value: StoredValue | null }[],
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const named = values.filter(({ field, value }) => referenceOf[field.type] && value !== null);
  for (const [resource, of] of Map.groupBy(named, ({ field }) => referenceOf[field.type])) {
    if (!resource) continue;
    const { listing, read } = ownerOf(resource);
    const there = await reachableIds(
      tx,
      listing,
      of.map(({ value }) => idOf(value)),
      actor,
      read,
    );
    for (const { field, value } of of)
      if (!there.has(idOf(value)))
        errors.push({ field: `custom.${field.key}`, code: 'unknown', message: `${field.label}: there is no ${field.type} with this id.` });
  }
  return errors;
}

async function takeUnique(tx: Tx, recordId: string, values: ReadonlyMap<CustomField, StoredValue | null>): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  // In one order for every writer, so that two never wait for each other.
  for (const [field, value] of [...values].filter(([one]) => one.unique).sort(([a], [b]) => (a.id < b.id ? -1 : 1))) {
    if (value === null) await releaseValue(tx, field.id, recordId);
    else if (!(await claimValue(tx, field.id, uniqueKey(value), recordId)))
      errors.push({ field: `custom.${field.key}`, code: 'taken', message: `${field.label}: another record has this value.` });
  }
  return errors;
}

async function merged(
  tx: Tx,
  current: Readonly<Record<string, unknown>>,
  values: ReadonlyMap<CustomField, StoredValue | null>,
): Promise<Pick<CustomResult, 'custom' | 'changes'>> {
  const { custom, changed } = combine(current, values);
  return { custom, changes: (await inWords(tx, [changed]))[0] ?? [] };
}

/** One value before and after, as stored. */
export interface ChangedValue {
  readonly field: CustomField;
  readonly from: unknown;
  readonly to: unknown;
}

/** What is to be stored, and what of it differs from what is. */
export function combine(
  current: Readonly<Record<string, unknown>>,
  values: ReadonlyMap<CustomField, unknown>,
): { custom: Record<string, unknown>; changed: ChangedValue[] } {
  const custom: Record<string, unknown> = { ...current };
  const changed: ChangedValue[] = [];
  for (const [field, value] of values) {
    const from = current[field.key] ?? null;
    if (value === null) delete custom[field.key];
    else custom[field.key] = value;
    // jsonb orders the keys of an object; money has two.
    if (sameAs(from) !== sameAs(value)) changed.push({ field, from, to: value });
  }
  return { custom, changed };
}

/** The changes of several records as people read them, in one statement. */
export async function inWords(db: Db, records: readonly (readonly ChangedValue[])[]): Promise<CustomChange[][]> {
  const ids = records
    .flat()
    .flatMap(({ field, from, to }) => (referenceOf[field.type] ? [from, to].filter((id) => typeof id === 'string') : []));
  const labels = ids.length === 0 ? new Map<string, string>() : await labelsOf(db, [...new Set(ids)]);
  const words = (field: CustomField, value: unknown): string | null =>
    value === null ? null : (labels.get(idOf(value)) ?? textOf(field, value));
  return records.map((changed) =>
    changed.map(({ field, from, to }) => ({ key: field.key, label: field.label, from: words(field, from), to: words(field, to) })),
  );
}

/** A reference is stored as its id. */
const idOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Equal for equal values, whatever the order of their keys. */
export const sameAs = (value: unknown): string =>
  JSON.stringify(
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      : value,
  );
