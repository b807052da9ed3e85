import type { Field } from '@muster/api/fields';
import type { Comparison, FilterIssue, GlobPiece, Test } from './ast.ts';
import type { FieldTest, Operand } from './condition.ts';
import { dateHint, readDays, readTime } from './day-span.ts';
import { nearest } from './suggest.ts';

type Issue = Pick<FilterIssue, 'code' | 'message' | 'suggestions'>;
type Checked = { test: FieldTest } | { issue: Issue };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const integer = /^[+-]?\d{1,15}$/;
const decimal = /^[+-]?(?:\d{1,20}(?:\.\d{0,10})?|\.\d{1,10})$/;
const amount = /^([+-]?\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z]{3})?$/;

/** Gives a test its types, or says what is expected. */
export function checkTest(name: string, field: Field, test: Test, now: Temporal.Instant): Checked {
  const issue = nullCharacter(test);
  if (issue) return { issue };
  if (test.op === 'null') return { test };
  if (test.op === 'like' && test.glob.every((piece) => piece === '*')) return { test: { op: 'present' } };
  if (field.type === 'json') return wrong('wrong_operator', `“${name}” can only be tested with ${name}:null or has:${name}.`);
  if (test.op === 'like') return checkGlob(name, field, test.glob);
  if (field.type === 'date' || field.type === 'instant') return checkTime(name, field.type, test, now);
  if (test.op === 'is') return checkIs(name, field, test.value);
  if (!isOrdered(field)) return wrong('wrong_operator', `“${name}” has no order, so <, > and ranges do not apply to it.`);
  return checkBounds(name, field, boundsOf(test));
}

const wrong = (code: Issue['code'], message: string, suggestions: readonly string[] = []): { issue: Issue } => ({
  issue: { code, message, ...(suggestions.length > 0 ? { suggestions } : {}) },
});
const isOrdered = (field: Field): boolean => ['integer', 'number', 'money', 'text'].includes(field.type);

function nullCharacter(test: Test): Issue | undefined {
  return JSON.stringify(test).includes(String.raw`\u0000`)
    ? { code: 'syntax', message: 'A filter cannot hold a null character.' }
    : undefined;
}

function checkIs(name: string, field: Field, value: string): Checked {
  const operand = readOperand(name, field, value);
  return 'issue' in operand ? operand : { test: { op: 'in', values: [operand] } };
}

function checkBounds(name: string, field: Field, bounds: readonly { how: Comparison; value: string }[]): Checked {
  const typed: { how: Comparison; value: Operand }[] = [];
  for (const { how, value } of bounds) {
    const operand = readOperand(name, field, value);
    if ('issue' in operand) return operand;
    typed.push({ how, value: operand });
  }
  return { test: typed.length === 0 ? { op: 'present' } : { op: 'range', bounds: typed } };
}

function boundsOf(test: Extract<Test, { op: Comparison | 'range' }>): { how: Comparison; value: string }[] {
  if (test.op !== 'range') return [{ how: test.op, value: test.value }];
  const bounds: { how: Comparison; value: string }[] = [];
  if (test.from !== null) bounds.push({ how: test.fromOpen ? '>' : '>=', value: test.from });
  if (test.to !== null) bounds.push({ how: test.toOpen ? '<' : '<=', value: test.to });
  return bounds;
}

function checkGlob(name: string, field: Field, glob: readonly GlobPiece[]): Checked {
  if (field.type === 'text' || field.type === 'ref') return { test: { op: 'like', glob } };
  if (field.type === 'enum') {
    const pattern = new RegExp(
      `^${glob.map((piece) => (piece === '*' ? '.*' : piece === '?' ? '.' : RegExp.escape(piece.text))).join('')}$`,
      'is',
    );
    const values = (field.values ?? []).filter((value) => pattern.test(value));
    if (!field.values) return { test: { op: 'like', glob } };
    if (values.length > 0) return { test: { op: 'in', values: values.map((value) => ({ type: 'text', value })) } };
    return wrong('unknown_value', `No value of “${name}” matches; it is one of ${field.values.join(', ')}.`);
  }
  return wrong('wrong_operator', `Wildcards do not apply to “${name}”; it expects ${expected(field)}.`);
}

/** A typed date may stand for a whole day, month or year: `>` means after its end, `:` anywhere in it. */
function checkTime(name: string, type: 'date' | 'instant', test: Exclude<Test, { op: 'null' | 'like' }>, now: Temporal.Instant): Checked {
  const bounds: { how: Comparison; value: Operand }[] = [];
  const asked = test.op === 'is' ? [{ how: '>=', value: test.value } as const, { how: '<=', value: test.value } as const] : boundsOf(test);
  for (const { how, value } of asked) {
    const bound = type === 'date' ? dayBound(how, value, now) : instantBound(how, value, now);
    if (!bound) return wrong('wrong_type', `“${name}” expects ${dateHint}; “${shortened(value)}” is none.`);
    bounds.push(bound);
  }
  return { test: bounds.length === 0 ? { op: 'present' } : { op: 'range', bounds } };
}

function dayBound(how: Comparison, text: string, now: Temporal.Instant): { how: Comparison; value: Operand } | undefined {
  const days = readDays(text, now);
  const day = days && (how === '>' || how === '<=' ? days.last : days.first);
  return day === undefined || !storable(day) ? undefined : { how, value: { type: 'date', value: day } };
}

function instantBound(how: Comparison, text: string, now: Temporal.Instant): { how: Comparison; value: Operand } | undefined {
  const span = readTime(text, now);
  if (!span) return undefined;
  const isMoment = Temporal.Instant.compare(span.from, span.to) === 0;
  const late = how === '>' || how === '<=';
  const exact: Comparison = isMoment ? how : how === '>' ? '>=' : how === '<=' ? '<' : how;
  const value = (late ? span.to : span.from).toString();
  return storable(value) ? { how: exact, value: { type: 'instant', value } } : undefined;
}

/** Four-digit years only: a database need not read the extended ones. */
const storable = (text: string): boolean => /^\d{4}-/.test(text) && !text.startsWith('0000');

function readOperand(name: string, field: Field, text: string): Operand | { issue: Issue } {
  const value = text.trim();
  switch (field.type) {
    case 'integer':
      if (integer.test(value)) return { type: 'integer', value };
      break;
    case 'number':
      if (decimal.test(value)) return { type: 'number', value };
      break;
    case 'money': {
      const match = amount.exec(value);
      if (match?.[1] !== undefined) return { type: 'money', value: match[1], currency: match[2]?.toUpperCase() ?? null };
      break;
    }
    case 'boolean':
      if (/^(?:true|yes|1)$/i.test(value)) return { type: 'boolean', value: true };
      if (/^(?:false|no|0)$/i.test(value)) return { type: 'boolean', value: false };
      break;
    case 'id':
      if (uuid.test(value)) return { type: 'id', value: value.toLowerCase() };
      break;
    case 'enum':
      return readEnum(name, field, value);
    case 'ref':
      return uuid.test(value) ? { type: 'id', value: value.toLowerCase() } : { type: 'text', value: text };
    default:
      return { type: 'text', value: text };
  }
  return wrong('wrong_type', `“${name}” expects ${expected(field)}; “${shortened(text)}” is none.`);
}

function readEnum(name: string, field: Field, text: string): Operand | { issue: Issue } {
  if (!field.values) return { type: 'text', value: text };
  const wanted = text.toLowerCase().replaceAll(/[\s-]+/g, '_');
  const value = field.values.find((known) => known.toLowerCase() === text.toLowerCase() || known.toLowerCase() === wanted);
  if (value !== undefined) return { type: 'text', value };
  const suggestions = nearest(text, field.values);
  const hint = suggestions.length > 0 ? `did you mean ${suggestions.join(' or ')}?` : `It is one of ${field.values.join(', ')}.`;
  return wrong('unknown_value', `“${name}” has no value “${shortened(text)}”; ${hint}`, suggestions);
}

function expected(field: Field): string {
  if (field.type === 'integer') return 'a whole number';
  if (field.type === 'number') return 'a number';
  if (field.type === 'money') return 'an amount such as 1200 or "1200.50 EUR"';
  if (field.type === 'boolean') return 'true or false';
  if (field.type === 'id') return 'an id';
  return field.type === 'enum' ? `one of ${(field.values ?? []).join(', ')}` : dateHint;
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
