import { lifecycleStateLabels, lifecycleStates, type LifecycleState } from '@muster/api/assets';
import { type Inputs, judgeTransition, type LifecycleFacts, type Machine } from '@muster/core/lifecycle';
import type { Tx, Db } from '../../platform/db/types.ts';
import type {
  CheckedRow,
  CurrentRecord,
  Importable,
  ImportChange,
  ImportContext,
  ImportField,
  ImportRef,
  ImportValue,
  RowError,
} from '../../platform/importing/importable.ts';
import { type AssetColumn, fieldColumns, fieldLabels, type FieldValue } from './fields.ts';
import { isCustom, judgeImportedCustom, writeImportedCustom } from './import-custom.ts';
import { undoAssetCreate, undoAssetUpdate } from './import-undo.ts';
import { applyManual, type AssetBefore, moveStates, stored } from './import-values.ts';
import { systemActor } from '../../platform/context.ts';
import { customImportFields, customImportValues } from '../fields/index.ts';
import { factsOf } from './lifecycle-facts.ts';
import { loadMachine } from './lifecycle-machine.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { assetRows } from './store.ts';
import { recordEvents } from './store-ingest.ts';
import {
  assetsByKey,
  holdersOfTags,
  importClasses,
  insertImported,
  manualValues,
  type NamedAssetRow,
  namedAssets,
  putManualValues,
} from './store-import.ts';

/** States that an entered asset may begin in; as `createAssetBody`. */
const firstStates = new Set<string>(['requested', 'on_order', 'in_stock', 'assigned', 'in_use']);

const textField = (name: keyof typeof fieldLabels, max: number, aliases: string[] = []): ImportField => ({
  name,
  label: fieldLabels[name],
  type: 'text',
  max,
  aliases,
});
const personPart = (named: string, label: string, aliases: string[]): ImportField => ({
  name: `person.${named}`,
  label: `Person: ${label}`,
  type: 'ref',
  to: 'people',
  max: 320,
  part: { of: 'person', named },
  aliases,
});

async function fields(db: Db): Promise<ImportField[]> {
  return [
    { name: 'id', label: 'Id', type: 'text', keyOnly: true },
    textField('tag', 100, ['tag', 'inventory number', 'inventarnummer', 'barcode']),
    textField('name', 255, ['hostname', 'host name', 'item name', 'device name', 'computer name']),
    { name: 'class', label: 'Class', type: 'enum', values: await importClasses(db), required: true, aliases: ['type', 'asset type'] },
    {
      name: 'state',
      label: 'State',
      type: 'enum',
      values: lifecycleStates.map((value) => ({ value, label: lifecycleStateLabels[value] })),
      aliases: ['status'],
    },
    textField('manufacturer', 200, ['vendor', 'make', 'hersteller']),
    textField('model', 200, ['model name', 'modell']),
    textField('serial', 200, ['serial', 'serial no.', 's/n', 'seriennummer']),
    textField('osName', 200, ['os']),
    textField('osVersion', 100),
    textField('cpu', 200, ['cpu']),
    { name: 'cores', label: fieldLabels.cores, type: 'integer', min: 1, max: 100_000 },
    { name: 'memoryMb', label: 'Memory (MB)', type: 'integer', min: 1, max: 2_000_000_000, aliases: ['memory'] },
    textField('lastUser', 200),
    {
      name: 'person',
      label: fieldLabels.person,
      type: 'ref',
      to: 'people',
      max: 320,
      aliases: ['holder', 'owner', 'full name', 'assigned to'],
    },
    personPart('email', 'e-mail', ['email', 'e-mail']),
    personPart('login', 'login', ['username', 'login']),
    personPart('firstName', 'first name', ['first name']),
    personPart('lastName', 'last name', ['last name']),
    { name: 'place', label: fieldLabels.place, type: 'ref', to: 'places', max: 200, aliases: ['location', 'site', 'standort'] },
    {
      name: 'orgUnit',
      label: fieldLabels.orgUnit,
      type: 'ref',
      to: 'org-units',
      max: 200,
      aliases: ['department', 'company', 'abteilung'],
    },
    { name: 'warrantyStartsOn', label: fieldLabels.warrantyStartsOn, type: 'date', aliases: ['warranty start', 'garantiebeginn'] },
    {
      name: 'warrantyEndsOn',
      label: fieldLabels.warrantyEndsOn,
      type: 'date',
      aliases: ['warranty end', 'warranty expiration', 'warranty expires', 'garantieende'],
    },
    textField('domain', 255),
    textField('notes', 10_000, ['asset notes', 'comment', 'comments']),
    ...(await customImportFields(db, 'assets')),
  ];
}

const ref = (id: FieldValue | null, label: string | null): ImportRef | null =>
  id === null ? null : { id: String(id), label: label ?? String(id) };

function current(row: NamedAssetRow, custom: Readonly<Record<string, ImportValue>>): CurrentRecord {
  const values: Record<string, ImportValue> = { ...custom, id: row.id, state: row.state };
  for (const [field, column] of Object.entries(fieldColumns)) values[field] = row[column];
  values['person'] = ref(row.person_id, row.person_name);
  values['place'] = ref(row.place_id, row.place_name);
  values['orgUnit'] = ref(row.org_unit_id, row.org_unit_name);
  return { id: row.id, label: String(row.name ?? row.tag ?? row.serial ?? row.id), values };
}

async function check(db: Db, rows: readonly CheckedRow[]): Promise<RowError[][]> {
  const tagOf = (row: CheckedRow): string | null => (typeof row.values['tag'] === 'string' ? row.values['tag'].toLowerCase() : null);
  const wanted = rows.map(tagOf);
  const counts = new Map<string, number>();
  for (const tag of wanted) if (tag !== null) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const holders = await holdersOfTags(db, [...counts.keys()]);
  const { machine, facts } = await movable(db, rows);
  const custom = await judgeImportedCustom(
    db,
    rows.map(({ current: c, values }, i) => ({ id: c?.id ?? `new ${i}`, creating: c === null, values })),
  );
  return rows.map((row, i) => {
    const errors: RowError[] = (custom[i]?.errors ?? []).map(({ field, code, message }) => ({ field, code, message }));
    errors.push(...(row.current ? movesOf(machine, facts.get(row.current.id), row.values) : newErrors(row.values)));
    const tag = wanted[i] ?? null;
    const holder = tag === null ? undefined : holders.get(tag);
    if (holder !== undefined && holder !== row.current?.id)
      errors.push({ field: 'tag', code: 'taken', message: 'Another asset has this tag.' });
    else if (tag !== null && (counts.get(tag) ?? 0) > 1 && row.current)
      errors.push({ field: 'tag', code: 'taken', message: 'Two rows give this tag to different assets.' });
    return errors;
  });
}

function newErrors(values: Readonly<Record<string, ImportValue>>): RowError[] {
  const errors: RowError[] = [];
  if (!values['name'] && !values['tag'] && !values['serial'])
    errors.push({ field: 'name', code: 'required', message: 'A new asset needs a name, a tag or a serial number.' });
  const { state } = values;
  if (typeof state === 'string' && !firstStates.has(state))
    errors.push({ field: 'state', code: 'not_allowed', message: `A new asset cannot begin as ${word(state)}.` });
  if (state === 'assigned' && !values['person'])
    errors.push({ field: 'person', code: 'required', message: 'Say who has it: an assigned asset has a person.' });
  return errors;
}

/** What the machine knows of the assets that rows move; the right to import whole files holds for every role that a transition may ask for. */
async function movable(db: Db, rows: readonly CheckedRow[]): Promise<{ machine: Machine; facts: Map<string, LifecycleFacts> }> {
  const machine = await loadMachine(db);
  const ids = rows.flatMap((r) => (r.current && typeof r.values['state'] === 'string' ? [r.current.id] : []));
  return { machine, facts: ids.length === 0 ? new Map() : await factsOf(db, systemActor, machine, await assetRows(db, ids)) };
}

const told = ['tag', 'name', 'manufacturer', 'model', 'serial', 'person', 'place', 'orgUnit'] as const;

/** Why a row's state cannot be reached, judged by the values the row leaves behind. */
function movesOf(machine: Machine, facts: LifecycleFacts | undefined, values: Readonly<Record<string, ImportValue>>): RowError[] {
  const to = values['state'];
  if (typeof to !== 'string' || !facts) return [];
  const has = new Set(facts.has);
  for (const field of told)
    if (field in values) {
      if (values[field] === null || values[field] === '') has.delete(field);
      else has.add(field);
    }
  const { person } = values;
  const inputs: Inputs = person && typeof person === 'object' && person.id !== null ? { person: person.id } : {};
  const answer = judgeTransition(machine, { ...facts, has }, { to: to as LifecycleState }, inputs);
  return answer.ok ? [] : answer.blocks.map(({ code, reason }) => ({ field: 'state', code, message: reason }));
}

const word = (state: string): string => (lifecycleStateLabels[state as LifecycleState] ?? state).toLowerCase();

async function create(tx: Tx, context: ImportContext, rows: readonly { id: string; values: Record<string, ImportValue> }[]): Promise<void> {
  const at = context.now.toISOString();
  const made = rows.map(({ id, values: { state, ...rest } }) => {
    const values = Object.entries(rest).flatMap(([field, value]) => {
      if (isCustom(field)) return [];
      const v = stored(value);
      return v === null ? [] : [[field, v] as const];
    });
    return { id, state: typeof state === 'string' ? state : 'in_stock', values };
  });
  await insertImported(
    tx,
    made.map((m) => ({
      ...m,
      values: Object.fromEntries(m.values.map(([f, v]) => [fieldColumns[f as keyof typeof fieldColumns], v])) as Partial<
        Record<AssetColumn, FieldValue>
      >,
    })),
    context.now,
  );
  await putManualValues(
    tx,
    made.flatMap((m) => m.values.map(([f, v]) => ({ a: m.id, f, v, o: at, w: context.by }))),
  );
  await recordEvents(
    tx,
    made.map((m) => {
      const values = Object.fromEntries(m.values);
      return {
        assetId: m.id,
        at: context.now,
        kind: 'created',
        source: 'import',
        actor: context.actor.label,
        data: { state: m.state, class: values.class, name: values.name ?? null, import: context.importId },
      };
    }),
  );
  await writeImportedCustom(
    tx,
    context,
    rows.map(({ id, values }) => ({ id, creating: true, values })),
  );
  for (const m of made) {
    const { person, place } = Object.fromEntries(m.values);
    const given = { ...(typeof person === 'string' ? { person } : {}), ...(typeof place === 'string' ? { place } : {}) };
    if (Object.keys(given).length > 0) await tellSetByHand(tx, context.actor, m.id, given, context.now);
  }
}

async function update(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; changes: readonly ImportChange[] }[],
): Promise<Map<string, AssetBefore>> {
  const before = new Map<string, AssetBefore>(rows.map((r) => [r.id, { manual: {}, custom: {} }]));
  const touched = new Map(rows.map((r) => [r.id, new Set(r.changes.map((c) => c.field))]));
  for (const m of await manualValues(
    tx,
    rows.map((r) => r.id),
  ))
    if (touched.get(m.a)?.has(m.f)) before.get(m.a)!.manual[m.f] = { v: m.v, o: m.o, w: m.w };
  const at = context.now.toISOString();
  const custom = await writeImportedCustom(
    tx,
    context,
    rows.map(({ id, changes }) => ({ id, creating: false, values: Object.fromEntries(changes.map((c) => [c.field, c.to])) })),
  );
  for (const [id, undo] of custom) before.get(id)!.custom = undo;
  const values = rows.flatMap((r) =>
    r.changes.filter((c) => c.field !== 'state' && !isCustom(c.field)).map((c) => ({ a: r.id, f: c.field, v: stored(c.to) })),
  );
  await applyManual(tx, context, {
    put: values.filter((v) => v.v !== null).map((v) => ({ ...v, o: at, w: context.by })),
    drop: values.filter((v) => v.v === null).map(({ a, f }) => ({ a, f })),
    undo: false,
  });
  await moveStates(tx, context, rows, false);
  return before;
}

/** Assets as files are imported into them: every given value becomes a manual value, as if the person had typed it. */
export const assetImportable: Importable = {
  resource: 'assets',
  label: 'Assets',
  permission: 'assets:write',
  keys: ['id', 'tag', 'serial', 'name'],
  fields,
  find: assetsByKey,
  read: async (db, ids, lock = false) => {
    const rows = await namedAssets(db, ids, lock);
    const custom = await customImportValues(
      db,
      'assets',
      rows.map((row) => row.custom),
    );
    return rows.map((row, i) => current(row, custom[i] ?? {}));
  },
  check,
  create,
  update,
  undoCreate: undoAssetCreate,
  undoUpdate: undoAssetUpdate,
};
