import type { ImportAction } from '@muster/api/imports';
import type { Db } from '../../platform/db/types.ts';
import type { CurrentRecord, Importable, ImportChange, ImportRef, ImportValue, RowError } from '../../platform/importing/importable.ts';
import type { CheckedMapping } from './mapping.ts';
import { changesOf, isRef, labelOf, type ReadRow } from './rows.ts';
import { referencesTo } from './targets.ts';

export interface ComparedRow {
  readonly no: number;
  readonly action: ImportAction;
  readonly recordId: string | null;
  readonly label: string;
  /** The first key of a row that makes a record: two rows with the same one contradict each other. */
  readonly matchKey: string | null;
  readonly changes: readonly ImportChange[];
  readonly errors: readonly RowError[];
}

/** What each row of a batch would do. A constant number of statements per batch, whatever its size. */
export async function compareRows(
  db: Db,
  importable: Importable,
  mapping: CheckedMapping,
  rows: readonly ReadRow[],
): Promise<ComparedRow[]> {
  const matches = await matchRows(db, importable, mapping.keys, rows);
  const ids = [...new Set([...matches.values()].flatMap((m) => (m.length === 1 ? [m[0]!.id] : [])))];
  const records = new Map((await importable.read(db, ids)).map((r) => [r.id, r]));
  const named = await resolveNames(db, mapping, rows);
  const drafts = rows.map((row) => draft(row, matches.get(row.no) ?? [], records, named, mapping));
  const open = drafts.filter((d) => d.action === 'create' || d.action === 'update');
  const found = await importable.check(
    db,
    open.map((d) => ({ current: d.current, values: Object.fromEntries(d.changes.map((c) => [c.field, c.to])) })),
  );
  for (const [i, d] of open.entries()) d.errors.push(...(found[i] ?? []));
  return drafts.map(({ current: _current, ...d }) => (d.errors.length > 0 && d.action !== 'conflict' ? { ...d, action: 'error' } : d));
}

type Matches = Map<number, { id: string; key: string }[]>;

/** Which records the keys of each row mean, each once, with the key that found it. */
export async function matchRows(
  db: Db,
  importable: Importable,
  keys: readonly string[],
  rows: readonly { readonly no: number; readonly keys: Readonly<Record<string, string>> }[],
): Promise<Matches> {
  const matches: Matches = new Map();
  for (const key of keys) {
    const values = [...new Set(rows.flatMap((r) => r.keys[key] ?? []))];
    if (values.length === 0) continue;
    const found = Map.groupBy(await importable.find(db, key, values), (hit) => hit.value);
    for (const row of rows) {
      const own = matches.get(row.no) ?? [];
      for (const hit of found.get(row.keys[key]?.toLowerCase() ?? '') ?? [])
        if (!own.some((o) => o.id === hit.id)) own.push({ id: hit.id, key });
      matches.set(row.no, own);
    }
  }
  return matches;
}

/** The ids that each way of naming means, per target. */
async function resolveNames(db: Db, mapping: CheckedMapping, rows: readonly ReadRow[]): Promise<Map<string, Map<string, string[]>>> {
  const byTarget = new Map<string, Map<string, Record<string, string>>>();
  for (const row of rows)
    for (const [field, named] of Object.entries(row.named)) {
      const to = mapping.fields.get(field)?.to ?? '';
      if (!byTarget.has(to)) byTarget.set(to, new Map());
      byTarget.get(to)!.set(JSON.stringify(named), named);
    }
  const result = new Map<string, Map<string, string[]>>();
  for (const [to, wanted] of byTarget) {
    const keys = [...wanted.keys()];
    const ids = await referencesTo(to).resolve(db, [...wanted.values()]);
    result.set(to, new Map(keys.map((key, i) => [key, ids[i] ?? []])));
  }
  return result;
}

interface Draft extends ComparedRow {
  readonly current: CurrentRecord | null;
  readonly errors: RowError[];
}

function draft(
  row: ReadRow,
  matched: readonly { id: string; key: string }[],
  records: ReadonlyMap<string, CurrentRecord>,
  names: ReadonlyMap<string, ReadonlyMap<string, string[]>>,
  mapping: CheckedMapping,
): Draft {
  const errors = [...row.errors];
  const label =
    [row.values['name'], row.values['tag'], ...Object.values(row.keys), `Row ${row.no}`].find((v) => typeof v === 'string') ?? '';
  const empty = { no: row.no, recordId: null, label, matchKey: null, changes: [], errors, current: null };
  if (matched.length > 1) {
    errors.push({ field: mapping.keys[0] ?? '', code: 'several', message: severalSentence(matched, mapping) });
    return { ...empty, action: 'conflict' };
  }
  const current = matched[0] ? (records.get(matched[0].id) ?? null) : null;
  if (current && mapping.mapping.matched === 'skip') return { ...empty, recordId: current.id, label: current.label, action: 'skip' };
  if (!current) unmatchedErrors(row, mapping, errors);
  const values: Record<string, ImportValue> = { ...row.values };
  for (const [field, named] of Object.entries(row.named)) {
    const to = mapping.fields.get(field)?.to ?? '';
    const value = refOf(field, named, names.get(to)?.get(JSON.stringify(named)) ?? [], current?.values[field], mapping, errors);
    if (value) values[field] = value;
  }
  if (!current) {
    for (const [field, value] of mapping.defaults) values[field] ??= value;
    for (const field of mapping.fields.values())
      if (field.required && (values[field.name] ?? null) === null && !errors.some((e) => e.field === field.name))
        errors.push({ field: field.name, code: 'required', message: `A new record needs a value for ${field.label}.` });
    const key = mapping.keys.find((k) => row.keys[k] !== undefined);
    const changes = changesOf(values, {});
    return { ...empty, action: 'create', matchKey: key === undefined ? null : `${key}:${row.keys[key]!.toLowerCase()}`, changes };
  }
  const changes = changesOf(values, current.values);
  return { ...empty, recordId: current.id, label: current.label, changes, current, action: changes.length > 0 ? 'update' : 'unchanged' };
}

function severalSentence(matched: readonly { id: string; key: string }[], mapping: CheckedMapping): string {
  const by = (key: string): string => mapping.fields.get(key)?.label ?? key;
  const keys = [...new Set(matched.map((m) => m.key))];
  return keys.length === 1
    ? `${matched.length} records have this ${by(keys[0]!)}, so it is not clear which is meant.`
    : `The row means different records: ${matched.map((m) => `${m.id} by ${by(m.key)}`).join(', ')}.`;
}

function unmatchedErrors(row: ReadRow, mapping: CheckedMapping, errors: RowError[]): void {
  const key = mapping.keys[0] ?? '';
  const labels = mapping.keys.map((k) => mapping.fields.get(k)?.label ?? k).join(', ');
  if (Object.keys(row.keys).length === 0) {
    if (!errors.some((e) => mapping.keys.includes(e.field)))
      errors.push({ field: key, code: 'required', message: `Nothing tells which record the row means: ${labels} are blank.` });
  } else if (mapping.mapping.unmatched === 'error') errors.push({ field: key, code: 'unknown', message: `No record has this ${labels}.` });
  else {
    const id = mapping.keys.find((k) => mapping.fields.get(k)?.keyOnly && row.keys[k] !== undefined);
    if (id !== undefined)
      errors.push({ field: id, code: 'unknown', message: 'There is no record with this id, and none is made with a given id.' });
  }
}

function refOf(
  field: string,
  named: Record<string, string>,
  ids: readonly string[],
  current: ImportValue | undefined,
  mapping: CheckedMapping,
  errors: RowError[],
): ImportRef | null {
  const label = labelOf(named);
  // The name of what is there already means it, however many have that name.
  if (isRef(current) && (current.label.toLowerCase() === label.toLowerCase() || (current.id !== null && ids.includes(current.id))))
    return current;
  if (ids.length === 1) return { id: ids[0]!, label };
  const about = mapping.fields.get(field);
  if (ids.length > 1) errors.push({ field, code: 'several', message: `${ids.length} are called “${label}”.` });
  else if ((mapping.mapping.makeMissing as readonly string[]).includes(about?.to ?? '')) return { id: null, label, named };
  else errors.push({ field, code: 'unknown', message: `There is nothing called “${label}” for ${about?.label ?? field}.` });
  return null;
}
