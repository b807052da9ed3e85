import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { CurrentRecord, Importable, ImportContext, ImportValue, RowError } from '../../platform/importing/importable.ts';
import { matchRows } from './compare.ts';
import type { CheckedMapping } from './mapping.ts';
import { isRef, same } from './rows.ts';
import { noteMade, type RowOutcome, type StoredRow, writeOutcomes } from './store-rows.ts';
import { referencesTo } from './targets.ts';

interface Step {
  readonly row: StoredRow;
  readonly id: string;
  readonly current: CurrentRecord | null;
  readonly changes: { field: string; from: ImportValue; to: ImportValue }[];
  readonly errors: RowError[];
  /** Something it names was made. */
  made: boolean;
}

/**
 * Applies a batch of compared rows in one transaction. What is no longer as it was compared fails with the reason instead of being written
 * over. Answers how many failed.
 */
export async function applyBatch(
  tx: Tx,
  importable: Importable,
  mapping: CheckedMapping,
  context: ImportContext,
  rows: readonly StoredRow[],
): Promise<number> {
  const steps = await lockedSteps(tx, importable, rows, context.now);
  await refuseKnown(tx, importable, mapping, steps);
  await makeReferences(tx, mapping, context, steps);
  const found = await importable.check(
    tx,
    steps.map((s) => ({ current: s.current, values: valuesOf(s) })),
  );
  for (const [i, step] of steps.entries()) step.errors.push(...(found[i] ?? []));
  const good = steps.filter((s) => s.errors.length === 0);
  const made = good.filter((s) => s.row.action === 'create');
  const changed = good.filter((s) => s.row.action === 'update');
  if (made.length > 0)
    await importable.create(
      tx,
      context,
      made.map((s) => ({ id: s.id, values: valuesOf(s) })),
    );
  const before =
    changed.length > 0
      ? await importable.update(
          tx,
          context,
          changed.map((s) => ({ id: s.id, changes: s.changes })),
        )
      : new Map<string, unknown>();
  const outcomes = steps.map((s): RowOutcome =>
    s.errors.length > 0
      ? { no: s.row.no, outcome: 'failed', recordId: null, before: null, errors: s.errors }
      : {
          no: s.row.no,
          outcome: 'applied',
          recordId: s.id,
          before: before.get(s.id) ?? null,
          errors: [],
          ...(s.made ? { changes: s.changes } : {}),
        },
  );
  await writeOutcomes(tx, context.importId, outcomes, context.now);
  return steps.length - good.length;
}

const valuesOf = (step: Step): Record<string, ImportValue> => Object.fromEntries(step.changes.map((c) => [c.field, c.to]));

async function lockedSteps(tx: Tx, importable: Importable, rows: readonly StoredRow[], now: Date): Promise<Step[]> {
  const ids = rows.flatMap((r) => (r.action === 'update' && r.record_id ? [r.record_id] : []));
  const records = new Map((ids.length === 0 ? [] : await importable.read(tx, ids, true)).map((r) => [r.id, r]));
  return rows.map((row): Step => {
    const errors: RowError[] = [];
    const changes = row.changes.map((c) => ({ ...c }));
    if (row.action === 'create') return { row, id: newId(now.getTime()), current: null, changes, errors, made: false };
    const current = records.get(row.record_id ?? '') ?? null;
    if (!current) errors.push({ field: '', code: 'gone', message: 'The record was removed or merged since the comparison.' });
    for (const change of current ? changes : [])
      if (!same(change.from, current?.values[change.field] ?? null))
        errors.push({
          field: change.field,
          code: 'changed_since',
          message: 'The record was changed since the comparison. Compare the file again.',
        });
    return { row, id: row.record_id ?? '', current, changes, errors, made: false };
  });
}

/** Nobody may have made meanwhile what a row would make. */
async function refuseKnown(tx: Tx, importable: Importable, mapping: CheckedMapping, steps: readonly Step[]): Promise<void> {
  const made = steps.filter((s) => s.row.action === 'create');
  const keyed = made.map((s) => ({
    no: s.row.no,
    keys: Object.fromEntries(
      s.changes.flatMap((c) => (mapping.keys.includes(c.field) && typeof c.to === 'string' ? [[c.field, c.to]] : [])),
    ) as Record<string, string>,
  }));
  const matches = await matchRows(tx, importable, mapping.keys, keyed);
  for (const step of made)
    if ((matches.get(step.row.no)?.length ?? 0) > 0)
      step.errors.push({
        field: mapping.keys[0] ?? '',
        code: 'taken',
        message: 'Somebody made this record since the comparison. Compare the file again.',
      });
}

/** Makes what good rows name and is not there, each once, and puts its id into the rows. */
async function makeReferences(tx: Tx, mapping: CheckedMapping, context: ImportContext, steps: readonly Step[]): Promise<void> {
  const wanted = new Map<string, Map<string, Record<string, string>>>();
  const open: { step: Step; change: { to: ImportValue }; to: string; key: string }[] = [];
  for (const step of steps) {
    if (step.errors.length > 0) continue;
    for (const change of step.changes) {
      if (!isRef(change.to) || change.to.id !== null) continue;
      const to = mapping.fields.get(change.field)?.to ?? '';
      const named = { ...(change.to.named ?? { any: change.to.label }) };
      const key = JSON.stringify(Object.entries(named).map(([k, v]) => [k, v.toLowerCase()]));
      if (!wanted.has(to)) wanted.set(to, new Map());
      wanted.get(to)!.set(key, named);
      open.push({ step, change, to, key });
    }
  }
  const ids = new Map<string, string>();
  for (const [to, byKey] of wanted) {
    const target = referencesTo(to);
    const keys = [...byKey.keys()];
    const there = await target.resolve(tx, [...byKey.values()]);
    const missing = keys.filter((_, i) => there[i]?.length !== 1);
    for (const [i, key] of keys.entries()) if (there[i]?.length === 1) ids.set(`${to} ${key}`, there[i][0]!);
    const made = await target.create(
      tx,
      context,
      missing.map((key) => byKey.get(key)!),
    );
    for (const [i, key] of missing.entries()) ids.set(`${to} ${key}`, made[i]!);
    await noteMade(tx, context.importId, to, made);
  }
  for (const { step, change, to, key } of open) {
    step.made = true;
    change.to = { id: ids.get(`${to} ${key}`) ?? null, label: (change.to as { label: string }).label };
  }
}
