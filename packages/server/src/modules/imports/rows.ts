import { readCell, unescapeCell } from '@muster/core/importing';
import type { ImportChange, ImportRef, ImportValue, RowError } from '../../platform/importing/importable.ts';
import type { CheckedMapping } from './mapping.ts';
import type { SheetRow } from './sheet.ts';

type Named = Record<string, string>;

/** What a row says, before anything is looked up. */
export interface ReadRow {
  readonly no: number;
  /** By field; null where a blank cell takes the value away. A field that is absent is left alone. */
  readonly values: Record<string, ImportValue>;
  /** References by how they are named. */
  readonly named: Record<string, Named>;
  /** The row's keys as they are written. */
  readonly keys: Record<string, string>;
  readonly errors: RowError[];
}

/** Reads the cells of a row by the mapping, with everything that is wrong with them. */
export function readRow(row: SheetRow, mapping: CheckedMapping): ReadRow {
  const read: ReadRow = { no: row.no, values: {}, named: {}, keys: {}, errors: [] };
  const extra = row.cells.findIndex((cell, i) => i >= mapping.width && cell.trim() !== '');
  if (extra >= 0)
    read.errors.push({
      field: '',
      code: 'too_many_cells',
      message: `The row has more cells than the header: ${extra + 1} instead of ${mapping.width}. A separator may be missing quotation marks.`,
    });
  const currencies = new Map<string, string>();
  for (const column of mapping.columns) {
    const { field } = column;
    const raw = (row.cells[column.index] ?? '').trim();
    const text = unescapeCell(column.words?.get(raw.toLowerCase()) ?? raw);
    const name = field.part?.of ?? field.name;
    if (text === '') {
      if (column.clear && !(name in read.named) && !(field.part && field.type !== 'ref')) read.values[name] = null;
      continue;
    }
    const cell = readCell(field, text, mapping.formats);
    if (!('value' in cell)) {
      read.errors.push({ field: field.name, ...cell });
      continue;
    }
    if (mapping.keys.includes(field.name)) read.keys[field.name] = String(cell.value);
    if (field.type === 'ref') {
      (read.named[name] ??= {})[field.part?.named ?? 'any'] = String(cell.value);
      delete read.values[name];
    } else if (field.part) currencies.set(name, String(cell.value).toUpperCase());
    else if (!field.keyOnly) read.values[field.name] = cell.value;
  }
  giveCurrencies(read, currencies, mapping);
  return read;
}

/** An amount has its currency from its own cell or from the column beside it; both must say the same. */
function giveCurrencies(read: ReadRow, currencies: ReadonlyMap<string, string>, mapping: CheckedMapping): void {
  for (const { field } of mapping.columns) {
    const value = read.values[field.name];
    if (field.type !== 'money' || typeof value !== 'string') continue;
    const [amount, own] = value.split(' ');
    const beside = currencies.get(field.name);
    const currency = own ?? beside;
    const fail = (code: string, message: string): void => {
      delete read.values[field.name];
      read.errors.push({ field: field.name, code, message });
    };
    if (own !== undefined && beside !== undefined && own !== beside)
      fail('contradiction', `The amount is in ${own} and the currency beside it is ${beside}.`);
    else if (currency === undefined || !/^[A-Z]{3}$/.test(currency))
      fail('no_currency', `${field.label} has no currency: write it behind the amount, such as 12.50 EUR, or map a column with it.`);
    else read.values[field.name] = `${amount} ${currency}`;
  }
}

/** How a reference is called to a person. */
export const labelOf = (named: Readonly<Named>): string =>
  named['any'] ??
  named['name'] ??
  ([named['firstName'], named['lastName']].filter(Boolean).join(' ') || (named['email'] ?? named['login'] ?? ''));

/** Field by field what a row would change. What differs only in line ends or outer spaces is the same. */
export function changesOf(values: Readonly<Record<string, ImportValue>>, current: Readonly<Record<string, ImportValue>>): ImportChange[] {
  return Object.entries(values).flatMap(([field, to]) => {
    const from = current[field] ?? null;
    return same(from, to) ? [] : [{ field, from, to }];
  });
}

export function same(a: ImportValue, b: ImportValue): boolean {
  if (a === null || b === null) return a === b;
  if (isRef(a) && isRef(b)) return a.id !== null && a.id === b.id;
  if (typeof a === 'string' && typeof b === 'string') return plain(a) === plain(b);
  return a === b;
}

const plain = (text: string): string => text.replaceAll(/\r\n?/g, '\n').trim();
export const isRef = (value: ImportValue | undefined): value is ImportRef => typeof value === 'object' && value !== null;
