import type { Field, Resource } from '@muster/api/fields';
import { findField, snake } from '@muster/api/fields';
import type { Facets } from '@muster/api/listing';
import { fieldLabel, t } from '../../app/messages.ts';
import { quoted } from '../links.ts';
import { wordOf } from '../value-words.ts';

export interface Suggestion {
  /** What replaces the token under the caret. */
  text: string;
  label: string;
  hint: string;
  /** More is to be typed after it: no space is added and the list stays open. */
  open: boolean;
}

/** Where the token under the caret begins and ends. */
export function tokenAt(text: string, caret: number): { start: number; end: number; token: string } {
  const isBreak = (index: number): boolean => /[\s()]/.test(text[index] ?? ' ');
  let start = caret;
  // Inside quotes a space does not end the token.
  const quotesBefore = (text.slice(0, caret).match(/"/g) ?? []).length;
  if (quotesBefore % 2 === 1) start = text.lastIndexOf('"', caret - 1);
  while (start > 0 && !isBreak(start - 1)) start -= 1;
  let end = caret;
  while (end < text.length && !isBreak(end)) end += 1;
  return { start, end, token: text.slice(start, end) };
}

/** What may stand at the caret: names of fields, or after an operator the values of the field. */
export function suggestionsFor(resource: Resource, facets: Facets | undefined, token: string, limit = 12): Suggestion[] {
  const negation = token.startsWith('-') ? '-' : '';
  const body = token.slice(negation.length);
  const typed = /^([\p{L}_][\p{L}\p{N}_.]*)(:[<>]?=?|[<>]=?)(.*)$/u.exec(body);
  if (!typed) return fieldSuggestions(resource, body, negation, limit);
  const [, name = '', operator = ':', value = ''] = typed;
  const found = findField(resource, name);
  if (!found) return [];
  const wanted = value.replace(/^"/, '').toLowerCase();
  const head = `${negation}${name}${operator}`;
  return valuesOf(found[0], found[1], facets)
    .filter((v) => v.value.toLowerCase().includes(wanted) || v.label.toLowerCase().includes(wanted))
    .slice(0, limit)
    .map((v) => ({ text: `${head}${quoted(v.value)}`, label: v.label, hint: v.hint, open: false }));
}

function fieldSuggestions(resource: Resource, typed: string, negation: string, limit: number): Suggestion[] {
  const wanted = typed.toLowerCase();
  return Object.entries(resource.fields)
    .filter(([, field]) => field.filterable)
    .map(([key, field]): Suggestion & { rank: number } => {
      const name = snake(key);
      const label = fieldLabel(field.label);
      const names = [name, label.toLowerCase(), ...(field.aliases ?? [])];
      const rank = names.some((n) => n.startsWith(wanted)) ? 0 : names.some((n) => n.includes(wanted)) ? 1 : 2;
      return { text: `${negation}${name}:`, label: name, hint: operatorHint(field, label), open: true, rank };
    })
    .filter((s) => s.rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit);
}

function operatorHint(field: Field, label: string): string {
  if (field.type === 'integer' || field.type === 'number' || field.type === 'money') return `${label} · 5, >5, <=5`;
  if (field.type === 'date') return `${label} · <2027-01-01, >now-90d`;
  if (field.type === 'instant') return `${label} · >now-7d, <2026-12-31`;
  return label;
}

interface Value {
  value: string;
  label: string;
  hint: string;
}

function valuesOf(key: string, field: Field, facets: Facets | undefined): Value[] {
  const counted = facets?.facets.find((f) => f.field === key)?.values ?? [];
  const counts = new Map(counted.map((v) => [v.value, v.count]));
  const hint = (value: string): string => (counts.has(value) ? String(counts.get(value)) : '');
  if (field.type === 'boolean')
    return [true, false].map((v) => ({ value: String(v), label: v ? t('value.yes') : t('value.no'), hint: hint(String(v)) }));
  if (field.type === 'instant' || field.type === 'date')
    return ['now-1d', 'now-7d', 'now-30d', 'now-90d', 'now-365d'].map((v) => ({ value: v, label: v, hint: '' }));
  if (field.values) return field.values.map((v) => ({ value: v, label: field.valueLabels?.[v] ?? wordOf(v), hint: hint(v) }));
  return counted.flatMap((v) =>
    v.value === null
      ? []
      : [
          {
            value: field.type === 'ref' ? v.label : v.value,
            label: field.type === 'enum' ? wordOf(v.value) : v.label,
            hint: String(v.count),
          },
        ],
  );
}

/** A filter of this resource to show how one is written: a field with known values and, where there is one, a moment. */
export function exampleOf(resource: Resource): string {
  const fields = Object.entries(resource.fields).filter(([, f]) => f.filterable);
  const values = fields.find(([, f]) => f.facet && f.values) ?? fields.find(([, f]) => f.values);
  const moment = fields.findLast(([, f]) => f.type === 'instant' && f.column !== 'optional');
  const parts = [values && `${snake(values[0])}:${values[1].values?.[0] ?? ''}`, moment && `${snake(moment[0])}>now-30d`].filter(Boolean);
  return parts.length > 0 ? parts.join(' ') : `${snake(resource.titleField)}:…`;
}
