import type { Limits } from '../envelope/limits.ts';
import type { Json } from '../report.ts';
import { isoDate } from './dates.ts';
import { type FieldRule, type SectionRule, sectionRenames, sectionRules } from './format.ts';
import { isObject, saysNothing, textOf, wholeNumber, yesNo } from './values.ts';
import { shown, type Warnings } from './warnings.ts';

type Obj = { [key: string]: Json };

/** Names are stored as keys and shown; longer ones are no names. */
const MOST_NAME = 200;

/**
 * The sections of a report under the names and types of the inventory format. Each section is either in the result or in a warning;
 * each value that cannot be read is dropped with a warning that names its path. Unknown sections are kept as they came.
 */
export function normaliseSections(content: Obj, warnings: Warnings, limits: Limits): Record<string, Json> {
  const sections: Record<string, Json> = {};
  for (const [key, value] of Object.entries(content)) {
    const lower = cleanText(key.toLowerCase(), '', warnings).slice(0, MOST_NAME);
    if (lower === '__proto__') {
      warnings.add('name_refused', lower, 'A section of this name is not accepted.');
      continue;
    }
    const name = sectionRenames[lower] ?? lower;
    const normal = normaliseSection(name, value, warnings, limits);
    if (normal === undefined) continue;
    const earlier = sections[name];
    // FIREWALL beside FIREWALLS, or a key in two cases.
    if (Array.isArray(earlier) && Array.isArray(normal)) sections[name] = [...earlier, ...normal];
    else if (earlier === undefined) sections[name] = normal;
    else warnings.add('duplicate_section', name, 'The section came twice; the first is kept.');
  }
  return sections;
}

function normaliseSection(name: string, value: Json, warnings: Warnings, limits: Limits): Json | undefined {
  const rule = sectionRules[name];
  if (rule === undefined) return unknownSection(name, value, warnings, limits);
  if (rule.shape === 'text') {
    const text = textOf(Array.isArray(value) ? (value[0] ?? null) : value);
    if (text === null) warnings.add('wrong_type', name, `Expected text; dropped ${shown(value)}.`);
    return text === null ? undefined : cleanText(text, name, warnings);
  }
  if (rule.shape === 'object') return oneObject(name, value, rule, warnings);
  if (saysNothing(value)) return [];
  const list = Array.isArray(value) ? value : [value];
  const kept: Json[] = [];
  for (let i = 0; i < list.length && i < limits.maxRows; i++) {
    const row = normaliseRow(`${name}[${i}]`, list[i] as Json, rule, warnings);
    if (row !== null) kept.push(row);
  }
  if (list.length > limits.maxRows) warnings.add('too_many_rows', name, `${list.length} rows; the first ${limits.maxRows} are kept.`);
  return kept;
}

function oneObject(name: string, value: Json, rule: SectionRule, warnings: Warnings): Json | undefined {
  if (saysNothing(value)) return {};
  const list = Array.isArray(value) ? value : [value];
  const first = list.find(isObject);
  if (first === undefined) {
    warnings.add('wrong_type', name, `Expected an object; dropped ${shown(value)}.`);
    return undefined;
  }
  if (list.length > 1) warnings.add('row_dropped', name, `${list.length} came where one is expected; the first is kept.`);
  return normaliseRow(name, first, rule, warnings) ?? undefined;
}

function unknownSection(name: string, value: Json, warnings: Warnings, limits: Limits): Json {
  const kept = cleanValue(value, name, warnings);
  if (Array.isArray(kept) && kept.length > limits.maxRows) {
    warnings.add('too_many_rows', name, `${kept.length} rows; the first ${limits.maxRows} are kept.`);
    return kept.slice(0, limits.maxRows);
  }
  return isObject(kept) ? [kept] : kept;
}

function normaliseRow(path: string, row: Json, rule: SectionRule, warnings: Warnings): Obj | null {
  if (!isObject(row)) {
    if (!saysNothing(row)) warnings.add('row_dropped', path, `Expected an object; dropped ${shown(row)}.`);
    return null;
  }
  const out: Obj = {};
  // Rows come from JSON.parse or the XML reader and inherit nothing that could be enumerated.
  for (const rawKey in row) {
    const value = row[rawKey] as Json;
    if (value === null) continue;
    const lower = fieldName(rawKey, path, warnings);
    const renamed = rule.renames?.[lower];
    const key = renamed !== undefined && row[renamed] === undefined ? renamed : lower;
    if (key === '__proto__') {
      warnings.add('name_refused', `${path}.${key}`, 'A field of this name is not accepted.');
      continue;
    }
    const kept = normaliseField(path, key, value, rule.fields[key], warnings);
    if (kept !== undefined) out[key] = kept;
  }
  if (rule.needs !== undefined && textOf(out[rule.needs]) === null) {
    warnings.add('row_dropped', path, `A row without ${rule.needs} was dropped: ${shown(out)}.`);
    return null;
  }
  return out;
}

/** The field's name as it is kept. Nearly all are plain lower case already, which costs no new text. */
function fieldName(rawKey: string, path: string, warnings: Warnings): string {
  if (plainName.test(rawKey)) return rawKey;
  return cleanText(rawKey.toLowerCase(), path, warnings).slice(0, MOST_NAME);
}
const plainName = /^[a-z0-9_]{1,60}$/;

function normaliseField(path: string, key: string, value: Json, rule: FieldRule | undefined, warnings: Warnings): Json | undefined {
  if (rule === undefined) return typeof value === 'string' ? cleanText(value, path, warnings, key) : plainField(path, key, value, warnings);
  if (rule === 'texts') return texts(`${path}.${key}`, value, warnings);
  if (rule === 'rows') return innerRows(`${path}.${key}`, value, warnings);
  if (saysNothing(value)) return undefined;
  if (rule === 'object') return cleanValue(value, `${path}.${key}`, warnings);
  if (rule === 'lower') return lowerText(`${path}.${key}`, value, warnings);
  if (rule === 'bool') return yesNo(value) ?? dropped('bad_boolean', `${path}.${key}`, value, warnings);
  if (rule === 'date') return dateField(`${path}.${key}`, value, 'dmy', warnings);
  if (rule === 'dateMdy') return dateField(`${path}.${key}`, value, 'mdy', warnings);
  return wholeNumber(value, rule.int) ?? dropped('bad_number', `${path}.${key}`, value, warnings);
}

/** A field that is text in the format: numbers and booleans are written out; what has structure is kept, as agents add fields. */
function plainField(path: string, key: string, value: Json, warnings: Warnings): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'object' ? cleanValue(value, `${path}.${key}`, warnings) : value;
}

function dateField(path: string, value: Json, order: 'dmy' | 'mdy', warnings: Warnings): string | undefined {
  const text = textOf(value);
  const date = text === null ? null : isoDate(text, order);
  return date ?? dropped('bad_date', path, value, warnings);
}

function lowerText(path: string, value: Json, warnings: Warnings): string | undefined {
  const text = textOf(value);
  return text === null ? dropped('wrong_type', path, value, warnings) : cleanText(text, path, warnings).toLowerCase();
}

function dropped(code: string, path: string, value: Json, warnings: Warnings): undefined {
  warnings.add(code, path, `Dropped ${shown(value)}.`);
  return undefined;
}

function texts(path: string, value: Json, warnings: Warnings): Json {
  const out: Json[] = [];
  // `IPS/IP[]` and `AGGREGATE/PORT[]` of the XML formats nest the list in an element of its own.
  const list = Array.isArray(value)
    ? value
    : isObject(value) && Object.keys(value).length === 1
      ? [Object.values(value)[0] as Json].flat()
      : [value];
  for (const item of list) {
    const text = textOf(item);
    if (text !== null) out.push(cleanText(text, path, warnings));
    else if (!saysNothing(item)) warnings.add('wrong_type', path, `Expected text; dropped ${shown(item)}.`);
  }
  return out;
}

function innerRows(path: string, value: Json, warnings: Warnings): Json {
  if (saysNothing(value)) return [];
  return (Array.isArray(value) ? value : [value]).flatMap((item): Json[] => {
    if (isObject(item)) return [cleanValue(item, path, warnings)];
    if (!saysNothing(item)) warnings.add('row_dropped', path, `Expected an object; dropped ${shown(item)}.`);
    return [];
  });
}

/** Any value with its texts made storable and its keys in lower case; itself when it is so already, as nearly all are: large answers are not copied. */
export function cleanValue(value: Json, path: string, warnings: Warnings): Json {
  return isClean(value) ? value : cleaned(value, path, warnings);
}

function isClean(value: Json): boolean {
  if (typeof value === 'string') return !unstorable.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isClean);
  for (const key in value) if (!plainName.test(key) || key === '__proto__' || !isClean(value[key] as Json)) return false;
  return true;
}

function cleaned(value: Json, path: string, warnings: Warnings): Json {
  if (typeof value === 'string') return cleanText(value, path, warnings);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item, i) => cleanValue(item, `${path}[${i}]`, warnings));
  const out: Obj = {};
  for (const [rawKey, item] of Object.entries(value)) {
    const key = cleanText(rawKey.toLowerCase(), path, warnings).slice(0, MOST_NAME);
    if (key === '__proto__') warnings.add('name_refused', `${path}.${key}`, 'A field of this name is not accepted.');
    else out[key] = cleanValue(item, `${path}.${key}`, warnings);
  }
  return out;
}

// oxlint-disable-next-line no-control-regex
const unstorable = /[\0\ud800-\udfff]/;

/** PostgreSQL's text and jsonb refuse NUL and lone surrogates: they are taken out, with a warning. */
export function cleanText(text: string, path: string, warnings: Warnings, key?: string): string {
  if (!unstorable.test(text)) return text;
  const where = key === undefined ? path : `${path}.${key}`;
  let out = text;
  if (out.includes('\0')) {
    out = out.replaceAll('\0', '');
    warnings.add('nul_removed', where, 'NUL characters were removed.');
  }
  if (!out.isWellFormed()) {
    out = out.toWellFormed();
    warnings.add('invalid_unicode', where, 'Half characters were replaced.');
  }
  return out;
}
