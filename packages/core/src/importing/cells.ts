import { type DateOrder, readDate } from './dates.ts';
import { readNumber } from './numbers.ts';

/** What a cell is read as. */
export type CellType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'enum' | 'choices' | 'money' | 'ref';

export interface CellFormats {
  readonly dateOrder: DateOrder | null;
  readonly decimal: '.' | ',';
}
export interface CellField {
  readonly type: CellType;
  /** For an enumeration: its values with the words people use for them. */
  readonly values?: readonly { readonly value: string; readonly label: string }[];
  /** Text: most characters; a number: the largest. */
  readonly max?: number;
  readonly min?: number;
}
export type ReadCell = { readonly value: string | number | boolean } | { readonly code: string; readonly message: string };

/**
 * The text that an export wrote: the apostrophe that keeps a spreadsheet from running a text is taken off again. Exactly one, so that a text
 * which begins with an apostrophe of its own comes back as it was.
 */
export const unescapeCell = (text: string): string => (/^'+[=+\-@\t\r\n＝＋－＠]/u.test(text) ? text.slice(1) : text);

const yes = new Set(['true', 'yes', 'y', '1', 'on', 'x', 'ja', 'wahr']);
const no = new Set(['false', 'no', 'n', '0', 'off', 'nein', 'falsch']);

/** The value of a cell that is not blank, or why it has none. */
export function readCell(field: CellField, text: string, formats: CellFormats): ReadCell {
  switch (field.type) {
    case 'integer':
    case 'number':
      return numeric(field, text, formats);
    case 'boolean': {
      const word = text.toLowerCase();
      if (yes.has(word)) return { value: true };
      if (no.has(word)) return { value: false };
      return { code: 'wrong_type', message: `“${short(text)}” is neither yes nor no.` };
    }
    case 'date': {
      const date = readDate(text, formats.dateOrder);
      return date === null ? { code: 'wrong_format', message: `“${short(text)}” is not a date.` } : { value: date };
    }
    case 'enum': {
      const word = text.toLowerCase();
      const found = field.values?.find((v) => v.value.toLowerCase() === word) ?? field.values?.find((v) => v.label.toLowerCase() === word);
      return found ? { value: found.value } : { code: 'not_allowed', message: `“${short(text)}” is not one of the values here.` };
    }
    case 'money':
      return money(text, formats);
    case 'choices':
      return choices(field, text);
    default: {
      if (text.includes('\0')) return { code: 'wrong_format', message: 'It holds a null character.' };
      if (field.max !== undefined && text.length > field.max)
        return { code: 'too_long', message: `It has ${text.length} characters; at most ${field.max} are kept.` };
      return { value: text };
    }
  }
}

function numeric(field: CellField, text: string, formats: CellFormats): ReadCell {
  const plain = readNumber(text, formats.decimal);
  if (plain === null) return { code: 'wrong_type', message: `“${short(text)}” is not a number.` };
  const value = Number(plain);
  if (field.type === 'integer' && !Number.isInteger(value))
    return { code: 'wrong_type', message: `“${short(text)}” is not a whole number.` };
  if (field.min !== undefined && value < field.min) return { code: 'too_small', message: `${plain} is less than ${field.min}.` };
  if (field.max !== undefined && value > field.max) return { code: 'too_big', message: `${plain} is more than ${field.max}.` };
  return { value };
}

/** Signs that mean one currency only; `$` and `¥` do not. */
const signs: Readonly<Record<string, string>> = { '€': 'EUR', '£': 'GBP' };

/** An exact amount, with its currency behind it when the cell names one: `12.50 EUR`. */
function money(text: string, formats: CellFormats): ReadCell {
  const plain = readNumber(text, formats.decimal);
  if (plain === null) return { code: 'wrong_type', message: `“${short(text)}” is not an amount.` };
  const code = /^([A-Za-z]{3})(?=[\s\d-])|([A-Za-z]{3})$/.exec(text.trim());
  const sign = Object.keys(signs).find((one) => text.includes(one));
  const currency = (code?.[1] ?? code?.[2])?.toUpperCase() ?? (sign === undefined ? undefined : signs[sign]);
  return { value: currency === undefined ? exactMoney(plain) : `${exactMoney(plain)} ${currency}` };
}

/** One way of writing an amount, so that equal ones are equal texts: no zeros at the end but those that make two decimals. */
export function exactMoney(amount: string): string {
  const [whole = '', fraction = ''] = amount.split('.');
  const kept = fraction.replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept.padEnd(2, '0')}`;
}

/** Several choices with `,`, `;` or a line end between them, in the order in which they are offered. */
function choices(field: CellField, text: string): ReadCell {
  const chosen = new Set<string>();
  for (const word of text.split(/[,;\n]/).map((one) => one.trim())) {
    if (word === '') continue;
    const read = readCell({ ...field, type: 'enum' }, word, { dateOrder: null, decimal: '.' });
    if (!('value' in read)) return read;
    chosen.add(String(read.value));
  }
  const kept = (field.values ?? []).map((one) => one.value).filter((value) => chosen.has(value));
  return kept.length === 0 ? { code: 'not_allowed', message: `“${short(text)}” names no choice.` } : { value: kept.join(', ') };
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
