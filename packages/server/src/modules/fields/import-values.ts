import type { CustomField, CustomInput, CustomResource, CustomValues } from '@muster/api/custom-fields';
import { maxTextLength } from '@muster/core/custom-fields';
import { type CellType, exactMoney } from '@muster/core/importing';
import type { Db } from '../../platform/db/types.ts';
import type { ImportField, ImportValue } from '../../platform/importing/importable.ts';
import { referenceOf } from './registry.ts';
import { fieldsInForce, labelsOf } from './store.ts';

// Custom values as files have them: money as an amount with its currency behind it, several choices with commas between them, references
// by what people call them.

const cellTypes: Record<CustomField['type'], CellType> = {
  text: 'text',
  url: 'text',
  number: 'number',
  money: 'money',
  date: 'date',
  boolean: 'boolean',
  choice: 'enum',
  multi_choice: 'choices',
  person: 'ref',
  place: 'ref',
  asset: 'ref',
  encrypted: 'text',
};

/** The custom fields in force of a resource as columns of a file. Encrypted ones are among them only to be refused with the reason. */
export async function customImportFields(db: Db, resource: CustomResource): Promise<ImportField[]> {
  return (await fieldsInForce(db, resource)).flatMap((field): ImportField[] => {
    const name = `custom.${field.key}`;
    const to = referenceOf[field.type];
    const one: ImportField = {
      name,
      label: field.label,
      type: cellTypes[field.type],
      ...(field.type === 'text' || field.type === 'url' ? { max: maxTextLength } : {}),
      ...(to ? { to, max: 320 } : {}),
      ...(field.options.length > 0 ? { values: field.options } : {}),
      ...(field.type === 'encrypted'
        ? {
            refused: `“${field.label}” is encrypted: its values are set one by one, so that no file and no comparison holds them in clear.`,
          }
        : {}),
    };
    if (field.type !== 'money') return [one];
    const label = `${field.label} (currency)`;
    return [one, { name: `${name}_currency`, label, type: 'text', max: 3, part: { of: name, named: 'currency' } }];
  });
}

/** Stored values as a file would give them, by `custom.<key>`; one statement more when there are references. */
export async function customImportValues(
  db: Db,
  resource: CustomResource,
  records: readonly Readonly<Record<string, unknown>>[],
): Promise<Record<string, ImportValue>[]> {
  if (records.every((custom) => Object.keys(custom).length === 0)) return records.map(() => ({}));
  const fields = await fieldsInForce(db, resource);
  const refs = fields.filter((field) => referenceOf[field.type]);
  const ids = records.flatMap((custom) => refs.flatMap(({ key }) => (typeof custom[key] === 'string' ? [custom[key]] : [])));
  const labels = ids.length === 0 ? new Map<string, string>() : await labelsOf(db, [...new Set(ids)]);
  return records.map((custom) =>
    Object.fromEntries(
      fields.flatMap((field) =>
        custom[field.key] === undefined ? [] : [[`custom.${field.key}`, importValue(field, custom[field.key], labels)] as const],
      ),
    ),
  );
}

function importValue(field: CustomField, value: unknown, labels: ReadonlyMap<string, string>): ImportValue {
  if (Array.isArray(value)) return value.join(', ');
  if (field.type === 'money') {
    const { amount, currency } = value as { amount: string; currency: string };
    return `${exactMoney(amount)} ${currency}`;
  }
  if (referenceOf[field.type] && typeof value === 'string') return { id: value, label: labels.get(value) ?? value };
  return value as ImportValue;
}

/** The custom values among a row's, in the form in which records take them. */
export function givenCustom(values: Readonly<Record<string, ImportValue>>, fields: readonly ImportField[]): CustomValues {
  const types = new Map(fields.map((field) => [field.name, field.type]));
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith('custom.') ? [[name.slice('custom.'.length), inputOf(types.get(name), value)] as const] : [],
    ),
  );
}

function inputOf(type: CellType | undefined, value: ImportValue): CustomInput | null {
  if (value === null) return null;
  if (typeof value === 'object') return value.id;
  if (type === 'money' && typeof value === 'string') {
    const [amount = '', currency = ''] = value.split(' ');
    return { amount, currency };
  }
  return type === 'choices' && typeof value === 'string' ? value.split(', ') : value;
}
