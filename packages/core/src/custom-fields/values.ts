import type { CustomFieldType, CustomOption } from '@muster/api/custom-fields';
import { readPattern } from './pattern.ts';

/** What decides whether a value fits: the part of a definition that a value is read by. */
export interface ValueRule {
  readonly type: CustomFieldType;
  readonly options: readonly CustomOption[];
  readonly pattern: string | null;
}

/** A value as it is stored: numbers and booleans as themselves, dates `YYYY-MM-DD`, money as an exact decimal with its currency. */
export type StoredValue = string | number | boolean | string[] | { amount: string; currency: string };
export type ReadValue = { readonly value: StoredValue } | { readonly error: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const amount = /^-?\d{1,15}(?:\.\d{1,6})?$/;
export const maxTextLength = 2000;

/** A given value in the form it is stored in, or why it does not fit. A reference is only checked for its form here. */
export function readValue(rule: ValueRule, given: unknown): ReadValue {
  switch (rule.type) {
    case 'text':
      return readText(rule, given);
    case 'url':
      return readUrl(given);
    case 'number':
      return typeof given === 'number' && Number.isFinite(given) ? { value: given } : { error: 'Give a number.' };
    case 'boolean':
      return typeof given === 'boolean' ? { value: given } : { error: 'Give true or false.' };
    case 'date':
      return typeof given === 'string' && isDate(given) ? { value: given } : { error: 'Give a date as YYYY-MM-DD.' };
    case 'money':
      return readMoney(given);
    case 'choice':
      return readChoice(rule.options, given);
    case 'multi_choice':
      return readChoices(rule.options, given);
    case 'encrypted':
      return { error: 'An encrypted value is set by its own route, so that it is never kept in clear.' };
    default:
      return typeof given === 'string' && uuid.test(given)
        ? { value: given.toLowerCase() }
        : { error: `Give the id of a ${rule.type === 'asset' ? 'n asset' : rule.type}.`.replace('a n ', 'an ') };
  }
}

function readText(rule: ValueRule, given: unknown): ReadValue {
  if (typeof given !== 'string' || given.trim() === '') return { error: 'Give a text.' };
  const value = given.trim();
  if (value.length > maxTextLength) return { error: `A text has at most ${maxTextLength.toLocaleString('en')} characters.` };
  if (value.includes('\0')) return { error: 'A text cannot hold a null character.' };
  if (rule.pattern !== null && !readPattern(rule.pattern).test(value)) return { error: `It must match the pattern ${rule.pattern}` };
  return { value };
}

function readUrl(given: unknown): ReadValue {
  if (typeof given !== 'string' || given.length > maxTextLength || !URL.canParse(given))
    return { error: 'Give a whole address, with https:// in front.' };
  // Other schemes (javascript:, data:) would run in the page that shows the link.
  return /^https?:$/.test(new URL(given).protocol) ? { value: given } : { error: 'Only http and https addresses are accepted.' };
}

function readMoney(given: unknown): ReadValue {
  const money = (typeof given === 'object' && given !== null ? given : {}) as { amount?: unknown; currency?: unknown };
  if (typeof money.amount !== 'string' || !amount.test(money.amount)) return { error: 'Give an amount such as "1200.50".' };
  if (typeof money.currency !== 'string' || !/^[A-Z]{3}$/.test(money.currency))
    return { error: 'Give the currency as three capital letters, such as EUR.' };
  return { value: { amount: money.amount, currency: money.currency } };
}

function readChoice(options: readonly CustomOption[], given: unknown): ReadValue {
  const option = options.find((one) => one.value === given);
  if (!option)
    return {
      error: `It is one of ${options
        .filter((one) => !one.retired)
        .map((one) => one.value)
        .join(', ')}.`,
    };
  return option.retired ? { error: `“${option.label}” is no longer offered.` } : { value: option.value };
}

function readChoices(options: readonly CustomOption[], given: unknown): ReadValue {
  if (!Array.isArray(given) || given.length === 0) return { error: 'Give a list of at least one choice.' };
  for (const one of given) {
    const read = readChoice(options, one);
    if ('error' in read) return read;
  }
  const chosen = new Set(given);
  return { value: options.filter((one) => chosen.has(one.value)).map((one) => one.value) };
}

function isDate(text: string): boolean {
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}

/** Types that no other type can be made of or into: their values are ids or sealed. */
const fixed: readonly CustomFieldType[] = ['person', 'place', 'asset', 'encrypted'];
/** Whether a field of one type may become another at all; values may still be lost. */
export const mayConvert = (from: CustomFieldType, to: CustomFieldType): boolean =>
  from !== to && !fixed.includes(from) && !fixed.includes(to);

/** The value under another definition, or null when it would be lost. Everything goes by way of its text, as a person would type it. */
export function convertValue(from: ValueRule, to: ValueRule, value: unknown): StoredValue | null {
  const single =
    from.type === 'choice' && to.type === 'multi_choice'
      ? [value]
      : from.type === 'multi_choice' && to.type === 'choice'
        ? only(value)
        : undefined;
  const read = readValue(
    { ...to, options: to.options.map(({ value: v, label }) => ({ value: v, label })) },
    single ?? fromText(to, textOf(from, value)),
  );
  return 'value' in read ? read.value : null;
}

const only = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : null);

/** A stored value as people read it: choices by their labels. */
export function textOf(rule: Pick<ValueRule, 'type' | 'options'>, value: unknown): string {
  const labelOf = (one: unknown): string => rule.options.find((option) => option.value === one)?.label ?? String(one);
  if (Array.isArray(value)) return value.map(labelOf).join(', ');
  if (value !== null && typeof value === 'object') {
    const money = value as { amount?: string; currency?: string; label?: string };
    return money.label ?? `${money.amount ?? ''} ${money.currency ?? ''}`.trim();
  }
  return rule.type === 'choice' ? labelOf(value) : String(value);
}

function fromText(to: ValueRule, text: string): unknown {
  const trimmed = text.trim();
  const choice = (one: string): string | undefined =>
    to.options.find((o) => o.value.toLowerCase() === one.toLowerCase() || o.label.toLowerCase() === one.toLowerCase())?.value;
  switch (to.type) {
    case 'number':
      return /^[+-]?\d{1,15}(?:\.\d{1,10})?$/.test(trimmed) ? Number(trimmed) : null;
    case 'boolean':
      return /^(?:true|yes)$/i.test(trimmed) ? true : /^(?:false|no)$/i.test(trimmed) ? false : null;
    case 'money': {
      const [value, currency] = trimmed.split(/\s+/);
      return { amount: value, currency: currency?.toUpperCase() };
    }
    case 'choice':
      return choice(trimmed);
    case 'multi_choice':
      return trimmed.split(',').map((one) => choice(one.trim()));
    default:
      return trimmed;
  }
}

/** What two values must differ in to be different: text without case, everything else as it is. */
export function uniqueKey(value: StoredValue): string {
  return (typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value)).normalize('NFC');
}
