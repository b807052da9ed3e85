import { personCreateSchema, type PersonUpdate, personUpdateSchema } from '@muster/api/people';
import { audit } from '../../platform/audit/audit.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import type {
  CheckedRow,
  CurrentRecord,
  Importable,
  ImportChange,
  ImportContext,
  ImportField,
  ImportValue,
  RowError,
} from '../../platform/importing/importable.ts';
import {
  type CustomRow,
  type CustomUndo,
  type CustomVerdict,
  customImportFields,
  customImportValues,
  dropCustomClaims,
  givenCustom,
  judgeCustomRestore,
  judgeCustomRows,
  takeCustomRows,
} from '../fields/index.ts';
import { createPerson, updatePerson } from './people.ts';
import type { PersonValues } from './store.ts';
import { deleteUnusedPeople } from './store-import.ts';
import { type NamedPerson, namedPeople, peopleByKey, putPersonBack } from './store-import-people.ts';

/** The fields of a person beside the custom ones: the name in a file, the column, and the name in the verbs. */
const own = {
  name: ['name', 'name'],
  email: ['email', 'email'],
  login: ['login', 'login'],
  employeeNumber: ['employee_number', 'employeeNumber'],
  jobTitle: ['job_title', 'jobTitle'],
  orgUnit: ['org_unit_id', 'orgUnitId'],
  place: ['place_id', 'placeId'],
  active: ['active', 'active'],
} as const satisfies Record<string, readonly [keyof PersonValues, keyof PersonUpdate]>;
type Own = keyof typeof own;
const isOwn = (field: string): field is Own => Object.hasOwn(own, field);

async function fields(db: Db): Promise<ImportField[]> {
  return [
    { name: 'id', label: 'Id', type: 'text', keyOnly: true },
    { name: 'name', label: 'Name', type: 'text', max: 200, required: true, aliases: ['full name', 'display name'] },
    { name: 'email', label: 'E-mail', type: 'text', max: 320, aliases: ['mail', 'e-mail address'] },
    { name: 'login', label: 'Login', type: 'text', max: 200, aliases: ['username', 'user', 'account'] },
    { name: 'employeeNumber', label: 'Employee number', type: 'text', max: 100, aliases: ['employee no.', 'personalnummer'] },
    { name: 'jobTitle', label: 'Job title', type: 'text', max: 200, aliases: ['title', 'position'] },
    { name: 'orgUnit', label: 'Org unit', type: 'ref', to: 'org-units', max: 200, aliases: ['department', 'company', 'abteilung'] },
    { name: 'place', label: 'Place', type: 'ref', to: 'places', max: 200, aliases: ['location', 'site', 'standort'] },
    { name: 'active', label: 'Active', type: 'boolean', aliases: ['activated'] },
    ...(await customImportFields(db, 'people')),
  ];
}

function current(row: NamedPerson, custom: Readonly<Record<string, ImportValue>>): CurrentRecord {
  const ref = (id: string | null, label: string | null): ImportValue => (id === null ? null : { id, label: label ?? id });
  const { id, name, email, login, active } = row;
  const values = { ...custom, id, name, email, login, active, employeeNumber: row.employee_number, jobTitle: row.job_title };
  return { id, label: name, values: { ...values, orgUnit: ref(row.org_unit_id, row.org_unit), place: ref(row.place_id, row.place) } };
}

/** What the verbs are given for a row. A login is kept in lower case, as they do. */
function inputOf(values: Readonly<Record<string, ImportValue>>, custom: readonly ImportField[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(values))
    if (isOwn(field)) input[own[field][1]] = value !== null && typeof value === 'object' ? value.id : value;
  const given = givenCustom(values, custom);
  return Object.keys(given).length > 0 ? { ...input, custom: given } : input;
}

async function check(db: Db, rows: readonly CheckedRow[]): Promise<RowError[][]> {
  const errors = rows.map((row) => wrongValues(row));
  for (const key of ['email', 'login'] as const) {
    const wanted = rows.map(({ values: { [key]: v } }) => (typeof v === 'string' ? v.toLowerCase() : null));
    const given = wanted.filter((v) => v !== null);
    const holders = new Map((await peopleByKey(db, key, given)).map((hit) => [hit.value, hit.id]));
    const twins = Map.groupBy(given, (v) => v);
    for (const [i, value] of wanted.entries()) {
      const holder = value === null ? undefined : holders.get(value);
      const what = key === 'email' ? 'e-mail address' : 'login';
      if (value === null) continue;
      if (holder !== undefined && holder !== rows[i]?.current?.id)
        errors[i]?.push({ field: key, code: 'taken', message: `Another person has this ${what}.` });
      else if ((twins.get(value)?.length ?? 0) > 1)
        errors[i]?.push({ field: key, code: 'taken', message: `Two rows give this ${what} to different people.` });
    }
  }
  const judged = await judge(
    db,
    rows.map(({ current: c, values }, i) => ({ id: c?.id ?? `new ${i}`, creating: c === null, values })),
  );
  for (const [i, { errors: found }] of judged.entries())
    errors[i]?.push(...found.map(({ field, code, message }) => ({ field, code, message })));
  return errors;
}

const fieldOf = (key: unknown): string => Object.entries(own).find(([, [, input]]) => input === key)?.[0] ?? String(key);

/** What the verbs' own schemas refuse, said of the columns. References that are made when the import is applied have no id yet. */
function wrongValues({ current: there, values }: CheckedRow): RowError[] {
  const input = Object.fromEntries(Object.entries(inputOf(values, [])).filter(([key, v]) => key !== 'custom' && v !== undefined));
  for (const [field, value] of Object.entries(values))
    if (isOwn(field) && value !== null && typeof value === 'object' && value.id === null) delete input[own[field][1]];
  for (const field of ['name', 'active'])
    if (input[field] === null)
      return [{ field, code: 'required', message: `${field === 'name' ? 'The name' : 'Active'} cannot be taken away.` }];
  const read = (there ? personUpdateSchema : personCreateSchema).safeParse(input);
  if (read.success) return [];
  const bad = read.error.issues.filter((issue) => there || issue.path[0] !== 'name' || input['name'] !== undefined);
  return bad.map((issue) => ({ field: fieldOf(issue.path[0]), code: 'wrong_format', message: issue.message }));
}

type Row = { readonly id: string; readonly creating: boolean; readonly values: Readonly<Record<string, ImportValue>> };

async function judge(db: Db, rows: readonly Row[]): Promise<CustomVerdict[]> {
  const columns = await customImportFields(db, 'people');
  const there = await namedPeople(
    db,
    rows.flatMap((row) => (row.creating ? [] : [row.id])),
    false,
  );
  const stored = new Map(there.map((one) => [one.id, one.custom]));
  return judgeCustomRows(
    db,
    'people',
    rows.map(({ id, creating, values }): CustomRow => {
      return { id, creating, classKey: null, current: stored.get(id) ?? {}, given: givenCustom(values, columns) };
    }),
  );
}

/** What undoing needs: per own column and custom key what was there and what the import wrote. */
interface Before {
  readonly values: Partial<Record<keyof PersonValues, { before: unknown; after: unknown }>>;
  readonly custom: CustomUndo;
}

async function update(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; changes: readonly ImportChange[] }[],
): Promise<Map<string, Before>> {
  const given = rows.map(({ id, changes }): Row => ({
    id,
    creating: false,
    values: Object.fromEntries(changes.map((c) => [c.field, c.to])),
  }));
  const ids = rows.map((row) => row.id);
  const was = new Map((await namedPeople(tx, ids, true)).map((one) => [one.id, one]));
  const judged = await judge(tx, given);
  const columns = await customImportFields(tx, 'people');
  for (const { id, values } of given)
    await updatePerson(tx, context.actor, id, was.get(id)!.version, personUpdateSchema.parse(inputOf(values, columns)), context.now);
  const is = new Map((await namedPeople(tx, ids, false)).map((one) => [one.id, one]));
  return new Map(
    rows.map(({ id, changes }, i) => {
      const names = changes.flatMap((c) => (isOwn(c.field) ? [own[c.field][0]] : []));
      const values = Object.fromEntries(names.map((column) => [column, { before: was.get(id)![column], after: is.get(id)![column] }]));
      return [id, { values, custom: judged[i]!.undo }];
    }),
  );
}

async function undoUpdate(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; before: unknown }[],
): Promise<Map<string, RowError[]>> {
  const ids = rows.map((row) => row.id);
  const is = new Map((await namedPeople(tx, ids, true)).map((one) => [one.id, one]));
  const there = rows.filter((row) => is.has(row.id));
  const restored = await judgeCustomRestore(
    tx,
    'people',
    there.map(({ id, before }) => ({ id, current: is.get(id)!.custom, undo: (before as Before).custom })),
  );
  await takeCustomRows(tx, restored);
  const kept = new Map<string, RowError[]>(
    rows.flatMap(({ id }) =>
      is.has(id) ? [] : [[id, [{ field: 'id', code: 'gone', message: 'The person was removed since the import.' }]]],
    ),
  );
  for (const [i, { id, before }] of there.entries()) {
    const person = is.get(id)!;
    const custom = restored[i]!;
    const errors: RowError[] = custom.kept.map(({ field, code, message }) => ({ field, code, message }));
    const values: Record<string, unknown> = {};
    for (const [column, was] of Object.entries((before as Before).values)) {
      const reason = await whyKept(tx, person, column as keyof PersonValues, was);
      if (reason) errors.push(reason);
      else values[column] = was.before;
    }
    if (errors.length > 0) kept.set(id, errors);
    await putPersonBack(tx, id, { ...person, ...values, custom: custom.custom }, context.now);
    const told = { ...values, ...Object.fromEntries(custom.changes.map((c) => [`custom.${c.key}`, c.to])) };
    await audit(tx, context.actor, {
      action: 'person.changed',
      resource: 'people',
      resourceId: id,
      summary: `Took back what an import changed of ${person.name}`,
      after: { ...told, import: context.importId },
    });
  }
  return kept;
}

/** Why a value cannot go back: somebody set another one since, or somebody else has the earlier login or address by now. */
async function whyKept(
  tx: Tx,
  person: NamedPerson,
  column: keyof PersonValues,
  { before, after }: { before: unknown; after: unknown },
): Promise<RowError | null> {
  const field = Object.entries(own).find(([, [one]]) => one === column)?.[0] ?? column;
  if (person[column] !== after)
    return { field, code: 'changed_since', message: `${field} was changed since the import and stays as it is now.` };
  if ((column === 'email' || column === 'login') && typeof before === 'string') {
    const holder = (await peopleByKey(tx, column, [before])).find((hit) => hit.id !== person.id);
    if (holder) return { field, code: 'taken', message: `Another person has the earlier ${column} now, so this one keeps what it has.` };
  }
  return null;
}

async function undoCreate(tx: Tx, context: ImportContext, ids: readonly string[]): Promise<Map<string, string>> {
  const gone = await deleteUnusedPeople(tx, ids);
  await dropCustomClaims(tx, [...gone]);
  for (const id of gone)
    await audit(tx, context.actor, {
      action: 'person.removed',
      resource: 'people',
      resourceId: id,
      summary: 'Removed a person whom an import had added',
      after: { import: context.importId },
    });
  return new Map(
    ids.filter((id) => !gone.has(id)).map((id) => [id, 'The person has something, signs in or was changed since, and so stays.']),
  );
}

/** People as files are imported into them: each row goes through the same verbs as the form, with its audit row. */
export const personImportable: Importable = {
  resource: 'people',
  label: 'People',
  permission: 'people:write',
  keys: ['id', 'email', 'login', 'employeeNumber', 'name'],
  fields,
  find: peopleByKey,
  read: async (db, ids, lock = false) => {
    const rows = await namedPeople(db, ids, lock);
    const custom = await customImportValues(
      db,
      'people',
      rows.map((row) => row.custom),
    );
    return rows.map((row, i) => current(row, custom[i] ?? {}));
  },
  check,
  create: async (tx, context, rows) => {
    const columns = await customImportFields(tx, 'people');
    for (const { id, values } of rows) {
      const given = Object.fromEntries(Object.entries(inputOf(values, columns)).filter(([, value]) => value !== null));
      await createPerson(tx, context.actor, personCreateSchema.parse(given), context.now, id);
    }
  },
  update,
  undoCreate,
  undoUpdate,
};
