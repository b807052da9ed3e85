import type { UpdateAssetBody } from '@muster/api/assets';
import type { CustomValues } from '@muster/api/custom-fields';
import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { checkCustomValues, type CustomRow, type CustomUndo, type CustomVerdict, judgeCustomRows } from '../fields/index.ts';
import { type CustomWriter, judgeRestore, writeCustomMany } from './custom-many.ts';
import { referenceErrors } from './edit.ts';
import type { FieldValue } from './fields.ts';
import { type FieldVerdict, judgeFields, type ManualUndo, restoreFields, setFields } from './set-fields.ts';
import { lockAssets } from './store.ts';
import { customOfMany } from './store-custom.ts';

// The fields of an asset and the organisation's own, set together on many assets: an asset gets all of the values or none.

/** What taking such a change back needs. */
export type SetUndo = ManualUndo & { custom?: CustomUndo };
export interface SetVerdict extends Omit<FieldVerdict, 'changes' | 'undo'> {
  /** Custom values by `custom.<key>`, in words. */
  readonly changes: { field: string; from: FieldValue | null; to: FieldValue | null }[];
  readonly undo: SetUndo;
}

const split = ({ custom = {}, ...fields }: UpdateAssetBody): { custom: CustomValues; fields: UpdateAssetBody } => ({ custom, fields });

/** @throws Problem validation_failed with everything that can be right for no asset; fields get `prefix` */
export async function checkSetValues(db: Db, actor: Actor, values: UpdateAssetBody, prefix: string): Promise<void> {
  const { custom, fields } = split(values);
  const found = [...(await referenceErrors(db, fields, null)), ...(await checkCustomValues(db, actor, 'assets', custom))];
  if (found.length > 0)
    throw new Problem('validation_failed', undefined, { errors: found.map((e) => ({ ...e, field: `${prefix}${e.field}` })) });
}

/** What `setValues` would do now; nothing is locked or written. */
export async function judgeValues(db: Db, actor: Actor, ids: readonly string[], values: UpdateAssetBody, now: Date): Promise<SetVerdict[]> {
  const { fields } = split(values);
  const custom = await judgeCustom(db, ids, values);
  return together(await judgeFields(db, actor, ids, fields, now), custom);
}

/** Sets or releases (null) the same values on many assets, as `setFields` does; the caller has checked them and writes the audit row. */
export async function setValues(tx: Tx, actor: Actor, ids: readonly string[], values: UpdateAssetBody, now: Date): Promise<SetVerdict[]> {
  const { fields } = split(values);
  await lockAssets(tx, ids);
  const custom = await judgeCustom(tx, ids, values);
  const free = ids.filter((id) => (custom.get(id)?.errors.length ?? 0) === 0);
  const set = await setFields(tx, actor, free, fields, now);
  const written = set.flatMap(({ id, verdict }) => {
    const own = custom.get(id);
    return own && verdict !== 'blocked' ? [{ id, ...own }] : [];
  });
  await writeCustomMany(tx, byHand(actor, now, null), written);
  const done = new Map(together(set, custom).map((one) => [one.id, one]));
  return ids.map((id) => done.get(id) ?? blocked(id, custom.get(id)?.errors ?? []));
}

/** Puts values of many assets back as they were. An asset of which one of them was changed since is left alone. */
export async function restoreValues(
  tx: Tx,
  actor: Actor,
  items: readonly { readonly id: string; readonly undo: SetUndo }[],
  now: Date,
): Promise<SetVerdict[]> {
  await lockAssets(
    tx,
    items.map((item) => item.id),
  );
  const judged = await judgeRestore(
    tx,
    items.map(({ id, undo }) => ({ id, undo: undo.custom ?? {} })),
  );
  const custom = new Map(judged.map((one) => [one.id, { ...one, errors: [...one.kept], undo: {} }]));
  const free = items.filter(({ id }) => (custom.get(id)?.errors.length ?? 0) === 0);
  const restored = await restoreFields(
    tx,
    actor,
    free.map(({ id, undo: { custom: _custom, ...undo } }) => ({ id, undo })),
    now,
  );
  const open = new Set(restored.flatMap((one) => (one.verdict === 'blocked' ? [] : [one.id])));
  await writeCustomMany(
    tx,
    byHand(actor, now, 'Undone.'),
    judged.filter((one) => open.has(one.id)),
  );
  const refused = items.flatMap(({ id }) => (custom.get(id)?.errors.length ? [blocked(id, custom.get(id)!.errors)] : []));
  return [...together(restored, custom), ...refused];
}

async function judgeCustom(db: Db, ids: readonly string[], values: UpdateAssetBody): Promise<Map<string, CustomVerdict>> {
  const { custom, fields } = split(values);
  if (Object.keys(custom).length === 0) return new Map();
  const current = await customOfMany(db, ids);
  const rows = ids.flatMap((id): CustomRow[] => {
    const there = current.get(id);
    return there ? [{ id, classKey: fields.class ?? there.classKey, current: there.custom, given: custom, creating: false }] : [];
  });
  const verdicts = await judgeCustomRows(db, 'assets', rows);
  return new Map(rows.map(({ id }, i) => [id, verdicts[i]!]));
}

type Custom = ReadonlyMap<string, Pick<CustomVerdict, 'changes' | 'errors' | 'undo'>>;

function together(set: readonly FieldVerdict[], custom: Custom): SetVerdict[] {
  return set.map((one): SetVerdict => {
    const own = custom.get(one.id);
    if (!own || one.verdict === 'blocked') return one;
    if (own.errors.length > 0) return blocked(one.id, own.errors);
    if (own.changes.length === 0) return one;
    const changes = own.changes.map(({ key, from, to }) => ({ field: `custom.${key}`, from, to }));
    return { ...one, verdict: 'change', changes: [...one.changes, ...changes], undo: { ...one.undo, custom: own.undo } };
  });
}

const blocked = (id: string, errors: readonly { code: string; message: string }[]): SetVerdict => ({
  id,
  verdict: 'blocked',
  code: errors[0]?.code ?? 'not_allowed',
  reason: errors.map((e) => e.message).join(' '),
  changes: [],
  undo: {},
});

const byHand = (actor: Actor, now: Date, reason: string | null): CustomWriter => ({
  now,
  source: 'manual',
  actor: actor.label,
  data: reason === null ? {} : { reason },
});
