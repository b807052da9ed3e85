import type { CustomField, CustomInherited, CustomResource } from '@muster/api/custom-fields';
import type { Db } from '../../platform/db/types.ts';
import { referenceOf } from './registry.ts';
import { classTree, fieldsInForce, labelsOf, secretsOf } from './store.ts';
import { applicableTo, classLine } from './write.ts';

/** What gives a record values that it has not of its own. */
export interface Inheritance {
  readonly model: { readonly label: string; readonly values: Readonly<Record<string, unknown>> } | null;
}
export interface ShownCustom {
  /** The record's own values: references as `{id, label}`, encrypted ones as when and by whom they were set. */
  readonly custom: Record<string, unknown>;
  readonly inherited: CustomInherited;
}

/** A record's custom values as it shows them: only of fields in force that its class has. */
export async function showCustom(
  db: Db,
  resource: CustomResource,
  record: { id: string; custom: Readonly<Record<string, unknown>>; classKey?: string | null; inheritance?: Inheritance },
): Promise<ShownCustom> {
  const all = await fieldsInForce(db, resource);
  if (all.length === 0) return { custom: {}, inherited: {} };
  const fields = await applicableTo(db, all, record.classKey);
  const own = new Map(
    fields.flatMap((field) => (record.custom[field.key] === undefined ? [] : [[field, record.custom[field.key]] as const])),
  );
  const secrets = fields.some((field) => field.type === 'encrypted') ? await secretsOf(db, record.id) : new Map<string, unknown>();
  const inherited = record.inheritance
    ? await inheritedBy(
        db,
        fields.filter((field) => !own.has(field)),
        record.classKey,
        record.inheritance,
      )
    : [];
  const ids = [...own, ...inherited.map((one) => [one.field, one.value] as const)].flatMap(([field, value]) =>
    referenceOf[field.type] && typeof value === 'string' ? [value] : [],
  );
  const labels = ids.length === 0 ? new Map<string, string>() : await labelsOf(db, ids);
  const shown = (field: CustomField, value: unknown): unknown =>
    referenceOf[field.type] && typeof value === 'string' ? { id: value, label: labels.get(value) ?? value } : value;
  const custom = Object.fromEntries([...own].map(([field, value]) => [field.key, shown(field, value)]));
  for (const field of fields) if (field.type === 'encrypted' && secrets.has(field.id)) custom[field.key] = secrets.get(field.id);
  return {
    custom,
    inherited: Object.fromEntries(
      inherited.map(({ field, value, from, label }) => [field.key, { value: shown(field, value), from, label }]),
    ),
  };
}

interface Inherited {
  readonly field: CustomField;
  readonly value: unknown;
  readonly from: 'model' | 'class' | 'field';
  readonly label: string;
}

/** The model stands before the class, the nearest class before one above it, and the field's default comes last. */
async function inheritedBy(
  db: Db,
  fields: readonly CustomField[],
  classKey: string | null | undefined,
  { model }: Inheritance,
): Promise<Inherited[]> {
  const line = fields.some((field) => Object.keys(field.classDefaults).length > 0) ? await classLine(db, classKey) : [];
  const tree = line.length > 0 ? await classTree(db) : new Map<string, { label: string }>();
  return fields.flatMap((field): Inherited[] => {
    const ofModel = model?.values[field.key];
    if (model && ofModel !== undefined) return [{ field, value: ofModel, from: 'model', label: model.label }];
    const key = line.find((one) => field.classDefaults[one] !== undefined);
    if (key !== undefined) return [{ field, value: field.classDefaults[key], from: 'class', label: tree.get(key)?.label ?? key }];
    return field.default === null ? [] : [{ field, value: field.default, from: 'field', label: field.label }];
  });
}
