import { type FieldError, Problem } from '@muster/api/errors';
import type { ImportMapping } from '@muster/api/imports';
import { type CellFormats, dateOrderOf, readCell } from '@muster/core/importing';
import type { Importable, ImportField, ImportValue } from '../../platform/importing/importable.ts';

export interface MappedColumn {
  readonly index: number;
  readonly field: ImportField;
  readonly clear: boolean;
  /** Words of the file with what they mean, in lower case. */
  readonly words: ReadonlyMap<string, string> | null;
}
/** A mapping that was checked against the file and the resource. */
export interface CheckedMapping {
  readonly columns: readonly MappedColumn[];
  readonly fields: ReadonlyMap<string, ImportField>;
  readonly keys: readonly string[];
  readonly defaults: ReadonlyMap<string, ImportValue>;
  readonly formats: CellFormats;
  readonly width: number;
  readonly mapping: ImportMapping;
}

/** @throws Problem validation_failed with everything that does not fit */
export function checkMapping(
  mapping: ImportMapping,
  headers: readonly string[],
  samples: readonly (readonly string[])[],
  importable: Importable,
  fields: readonly ImportField[],
): CheckedMapping {
  const byName = new Map(fields.map((f) => [f.name, f]));
  const errors: FieldError[] = [];
  const fail = (field: string, code: string, message: string): void => void errors.push({ field, code, message });
  const columns = mapping.columns.flatMap((column, i): MappedColumn[] => {
    const field = byName.get(column.field);
    if (!field) fail(`columns[${i}].field`, 'unknown', `There is no field ${column.field} here.`);
    else if (field.refused !== undefined) fail(`columns[${i}].field`, 'not_allowed', field.refused);
    if (column.column >= headers.length) fail(`columns[${i}].column`, 'unknown', `The file has only ${headers.length} columns.`);
    if (mapping.columns.some((other, k) => k < i && other.column === column.column))
      fail(`columns[${i}].column`, 'twice', `Column ${column.column + 1} is mapped twice.`);
    if (mapping.columns.some((other, k) => k < i && other.field === column.field))
      fail(`columns[${i}].field`, 'twice', `Two columns are mapped to ${field?.label ?? column.field}.`);
    if (!field) return [];
    if (column.blank === 'clear' && (field.required || field.keyOnly))
      fail(`columns[${i}].blank`, 'not_allowed', `${field.label} cannot be taken away.`);
    const words = column.values ? new Map(Object.entries(column.values).map(([from, to]) => [from.trim().toLowerCase(), to])) : null;
    return [{ index: column.column, field, clear: column.blank === 'clear', words }];
  });
  const mapped = new Set(columns.map((c) => c.field.name));
  for (const [i, key] of mapping.keys.entries()) {
    if (!importable.keys.includes(key))
      fail(`keys[${i}]`, 'not_allowed', `${key} does not tell which record a row means; ${importable.keys.join(', ')} do.`);
    else if (!mapped.has(key)) fail(`keys[${i}]`, 'not_mapped', `No column is mapped to ${byName.get(key)?.label ?? key}.`);
  }
  const formats = { dateOrder: dateOrder(mapping, columns, samples, fail), decimal: mapping.decimal };
  const defaults = new Map<string, ImportValue>();
  for (const [name, text] of Object.entries(mapping.defaults)) {
    const field = byName.get(name);
    if (!field || field.keyOnly || field.type === 'ref' || field.part || field.refused !== undefined)
      fail(`defaults.${name}`, 'unknown', `There is no field ${name} that can have a default here.`);
    else {
      const read = readCell(field, text, formats);
      if ('value' in read) defaults.set(name, read.value);
      else fail(`defaults.${name}`, read.code, read.message);
    }
  }
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  return { columns, fields: byName, keys: mapping.keys, defaults, formats, width: headers.length, mapping };
}

/** The order of dates: as chosen, else as the columns show it; one that could be either is asked for. */
function dateOrder(
  mapping: ImportMapping,
  columns: readonly MappedColumn[],
  samples: readonly (readonly string[])[],
  fail: (field: string, code: string, message: string) => void,
): 'dmy' | 'mdy' | null {
  if (mapping.dateOrder) return mapping.dateOrder;
  const dates = columns.filter((c) => c.field.type === 'date');
  const shown = dateOrderOf(dates.flatMap((c) => samples.map((row) => row[c.index] ?? '')));
  if (shown === 'ambiguous') fail('dateOrder', 'ambiguous', 'The dates can be read with the day first or the month first. Say which.');
  if (shown === 'mixed') fail('dateOrder', 'mixed', 'Some dates have the day first and others the month. Say how to read them.');
  return shown === 'dmy' || shown === 'mdy' ? shown : null;
}
