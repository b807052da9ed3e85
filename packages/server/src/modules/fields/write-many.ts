import type { CustomField, CustomResource, CustomValues } from '@muster/api/custom-fields';
import { type FieldError, Problem } from '@muster/api/errors';
import { lineOf } from '@muster/core/authority';
import { type StoredValue, uniqueKey } from '@muster/core/custom-fields';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { claimMany, classTree, fieldsInForce, holdersOfValues, releaseMany } from './store.ts';
import { type ChangedValue, combine, type CustomResult, fillIn, inWords, readGiven, referenceErrors, sameAs } from './write.ts';

// Custom values of many records at once, in a number of statements that does not depend on how many there are.

export interface CustomRow {
  readonly id: string;
  /** The class of an asset or model; decides which fields it has. */
  readonly classKey: string | null;
  /** What is stored now; empty for a new record. */
  readonly current: Readonly<Record<string, unknown>>;
  readonly given: CustomValues;
  readonly creating: boolean;
}
/** Per key the value before and after a change, null for none: enough to take it back exactly. */
export type CustomUndo = Record<string, { before: unknown; after: unknown }>;
export interface CustomVerdict extends CustomResult {
  readonly undo: CustomUndo;
  /** The unique values among those that change, to be taken by `takeCustomRows`. */
  readonly unique: readonly { readonly field: CustomField; readonly value: StoredValue | null }[];
}

/**
 * Judges given values of many records, in their order; nothing is taken or written. The caller has looked up the references
 * (`checkCustomValues`). With `share`, the definitions stay as they are until the transaction ends.
 */
export async function judgeCustomRows(
  db: Db,
  resource: CustomResource,
  rows: readonly CustomRow[],
  { share = false }: { share?: boolean } = {},
): Promise<CustomVerdict[]> {
  const idle = rows.every((row) => !row.creating && Object.keys(row.given).length === 0);
  const fields = idle ? [] : await fieldsInForce(db, resource, share);
  if (fields.length === 0 && rows.every((row) => Object.keys(row.given).length === 0)) return rows.map(untouched);
  const fieldsOf = await fieldsByClass(db, fields);
  const read = rows.map((row) => {
    const applicable = fieldsOf(row.classKey);
    const given = readGiven(fields, applicable, row.given, row.current);
    const values = new Map(given.values.map(({ field, value }) => [field, value]));
    return { row, values, errors: [...given.errors, ...fillIn(applicable, values, row)] };
  });
  await refuseTaken(db, read);
  const combined = read.map(({ row, values }) => combine(row.current, values));
  const words = await inWords(
    db,
    combined.map((one) => one.changed),
  );
  return read.map(({ errors }, i) => {
    const { custom, changed } = combined[i]!;
    return {
      custom,
      changes: words[i] ?? [],
      errors,
      undo: Object.fromEntries(changed.map(({ field, from, to }) => [field.key, { before: from, after: to }])),
      unique: uniqueOf(changed),
    };
  });
}

const untouched = (row: CustomRow): CustomVerdict => ({ custom: { ...row.current }, changes: [], errors: [], undo: {}, unique: [] });

async function fieldsByClass(db: Db, fields: readonly CustomField[]): Promise<(classKey: string | null) => CustomField[]> {
  if (fields.every((field) => field.class === null)) return () => [...fields];
  const parents = new Map([...(await classTree(db))].map(([key, one]) => [key, one.parent]));
  const known = new Map<string | null, CustomField[]>();
  return (classKey) => {
    const found = known.get(classKey);
    if (found) return found;
    const line: (string | null)[] = classKey === null ? [] : [...lineOf(classKey, parents)];
    const own = fields.filter((field) => field.class === null || line.includes(field.class));
    known.set(classKey, own);
    return own;
  };
}

interface Read {
  readonly row: CustomRow;
  readonly values: Map<CustomField, StoredValue | null>;
  readonly errors: FieldError[];
}

/** A unique value that another record has, or that two of these would have. */
async function refuseTaken(db: Db, read: readonly Read[]): Promise<void> {
  const fields = new Set(read.flatMap(({ values }) => [...values.keys()].filter((field) => field.unique)));
  for (const field of fields) {
    const wanted = read.flatMap((one) => {
      const value = one.values.get(field) ?? null;
      return value === null ? [] : [{ one, key: uniqueKey(value) }];
    });
    const holders = await holdersOfValues(
      db,
      field.id,
      wanted.map(({ key }) => key),
    );
    const twins = Map.groupBy(wanted, ({ key }) => key);
    for (const { one, key } of wanted) {
      const holder = holders.get(key);
      const at = `custom.${field.key}`;
      if (holder !== undefined && holder !== one.row.id)
        one.errors.push({ field: at, code: 'taken', message: `${field.label}: another record has this value.` });
      else if ((twins.get(key)?.length ?? 0) > 1)
        one.errors.push({ field: at, code: 'taken', message: `${field.label}: several records here would have this value.` });
    }
  }
}

/** Takes the unique values of judged records. @throws Problem conflict when somebody took one since they were judged */
export async function takeCustomRows(tx: Tx, rows: readonly ({ readonly id: string } & Pick<CustomVerdict, 'unique'>)[]): Promise<void> {
  const claims = rows.flatMap(({ id, unique }) => unique.map((one) => ({ id, ...one })));
  const byField = [...Map.groupBy(claims, (one) => one.field.id)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [fieldId, of] of byField) {
    const taken = await claim(tx, fieldId, of);
    if (taken.length > 0)
      throw new Problem('conflict', `${of[0]!.field.label}: another record took the value “${taken[0]}” at the same moment. Try again.`);
  }
}

/** Lets go of what the records had and takes what they are to have; answers the values that others have. */
async function claim(
  tx: Tx,
  fieldId: string,
  of: readonly { readonly id: string; readonly value: StoredValue | null }[],
): Promise<string[]> {
  await releaseMany(
    tx,
    of.map(({ id }) => id),
    fieldId,
  );
  const wanted = of.flatMap(({ id, value }) => (value === null ? [] : [{ id, value: uniqueKey(value) }]));
  wanted.sort((a, b) => (a.value < b.value ? -1 : 1));
  return wanted.length === 0 ? [] : claimMany(tx, fieldId, wanted);
}

export interface CustomRestore extends Pick<CustomVerdict, 'custom' | 'changes' | 'unique'> {
  readonly id: string;
  /** The keys that stay as they are now, with the reason. */
  readonly kept: readonly FieldError[];
}

/**
 * What putting back what was there before a change means, exactly as it was stored. What was changed since stays, and so does what another
 * record has taken since. Nothing is written: the caller takes the unique values (`takeCustomRows`), writes `custom`, and holds the records.
 */
export async function judgeCustomRestore(
  db: Db,
  resource: CustomResource,
  rows: readonly { readonly id: string; readonly current: Readonly<Record<string, unknown>>; readonly undo: CustomUndo }[],
): Promise<CustomRestore[]> {
  if (rows.every((row) => Object.keys(row.undo).length === 0))
    return rows.map(({ id, current }) => ({ id, custom: { ...current }, changes: [], unique: [], kept: [] }));
  const fields = new Map((await fieldsInForce(db, resource, true)).map((field) => [field.key, field]));
  const plans = rows.map(({ id, current, undo }) => {
    const values = new Map<CustomField, unknown>();
    const kept: FieldError[] = [];
    for (const [key, { before, after }] of Object.entries(undo)) {
      const field = fields.get(key);
      const at = `custom.${key}`;
      const name = field?.label ?? key;
      if (!field) kept.push({ field: at, code: 'changed_since', message: `The custom field “${name}” is archived, so its value stays.` });
      else if (sameAs(current[key] ?? null) !== sameAs(after))
        kept.push({ field: at, code: 'changed_since', message: `${name} was changed since and stays as it is now.` });
      else values.set(field, before);
    }
    return { id, current, values, kept };
  });
  await keepTaken(db, plans);
  const combined = plans.map(({ current, values }) => combine(current, values));
  const words = await inWords(
    db,
    combined.map((one) => one.changed),
  );
  return plans.map(({ id, kept }, i) => {
    const { custom, changed } = combined[i]!;
    return { id, custom, changes: words[i] ?? [], unique: uniqueOf(changed), kept };
  });
}

/** A value that another record has by now cannot come back; one that its holder gives up within the same undo can. */
async function keepTaken(db: Db, plans: readonly { id: string; values: Map<CustomField, unknown>; kept: FieldError[] }[]): Promise<void> {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  for (const field of new Set(plans.flatMap(({ values }) => [...values.keys()].filter((one) => one.unique)))) {
    const of = plans.flatMap((plan) => {
      const value = plan.values.get(field) ?? null;
      return value === null ? [] : [{ plan, key: uniqueKey(value as StoredValue) }];
    });
    const holders = await holdersOfValues(
      db,
      field.id,
      of.map(({ key }) => key),
    );
    for (const { plan, key } of of) {
      const holder = holders.get(key);
      if (holder === undefined || holder === plan.id || byId.get(holder)?.values.has(field)) continue;
      plan.values.delete(field);
      const message = `${field.label}: another record has the earlier value now, so this one keeps what it has.`;
      plan.kept.push({ field: `custom.${field.key}`, code: 'taken', message });
    }
  }
}

const uniqueOf = (changed: readonly ChangedValue[]): CustomVerdict['unique'] =>
  changed.flatMap(({ field, to }) => (field.unique ? [{ field, value: to as StoredValue | null }] : []));

/**
 * What of the same values for many records can be right for none of them: unknown keys, values of another type, references out of reach.
 * Which records have the fields at all is judged per record.
 */
export async function checkCustomValues(db: Db, actor: Actor, resource: CustomResource, given: CustomValues): Promise<FieldError[]> {
  if (Object.keys(given).length === 0) return [];
  const fields = await fieldsInForce(db, resource);
  const read = readGiven(fields, fields, given, {});
  return [...read.errors, ...(await referenceErrors(db, actor, read.values))];
}

/** Lets go of every unique value of records that are removed. */
export const dropCustomClaims = (tx: Tx, ids: readonly string[]): Promise<void> => releaseMany(tx, ids, null);
