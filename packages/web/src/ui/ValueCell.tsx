import type { Field, Ref } from '@muster/api/fields';
import type { Money } from '@muster/api/money';
import type { ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { AppLink } from './AppLink.tsx';
import { absoluteTime, money, plainDate, quantity, relativeTime } from './formatting.ts';
import { recordPath } from './links.ts';
import { StateBadge } from './StateBadge.tsx';
import { absenceOf, wordOf } from './value-words.ts';

const stateFields = new Set(['state', 'status', 'outcome']);

/** What nobody knows is said in words, never shown as 0 or as an empty place. */
export function Unknown({ word = t('none.unknown') }: { word?: string }) {
  return <span className="unknown">{word}</span>;
}

/** A moment, relative, with the absolute time on hover and for screen readers. */
export function TimeAgo({ at }: { at: string }) {
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {relativeTime(at)}
    </time>
  );
}

export function MoneyValue({ value }: { value: Money }) {
  return <span className="number">{money(value)}</span>;
}

/** A reference as a link to its record, or to the rows that name it. */
export function RefLink({ to, value }: { to: string | undefined; value: Ref }) {
  const path = recordPath(to, value.id, value.label);
  return path ? <AppLink to={path}>{value.label}</AppLink> : <>{value.label}</>;
}

function jsonText(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? t('none.none') : value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The labels of one value, or of several as lists give them. */
const labelled = (labels: Readonly<Record<string, string>>, value: string): string =>
  labels[value] ??
  value
    .split(', ')
    .map((one) => labels[one] ?? one)
    .join(', ');

/** One value by the type of its field. `resource` decides what null means. */
export function ValueCell({ resource, name, field, value }: { resource: string; name: string; field: Field; value: unknown }): ReactNode {
  if (value === null || value === undefined || value === '') return <Unknown word={absenceOf(resource, name)} />;
  switch (field.type) {
    case 'instant':
      return <TimeAgo at={value as string} />;
    case 'date':
      return <time dateTime={value as string}>{plainDate(value as string)}</time>;
    case 'integer':
    case 'number':
      return <span className="number">{quantity(value as number, field.unit)}</span>;
    case 'money':
      return <MoneyValue value={value as Money} />;
    case 'boolean':
      return value ? t('value.yes') : t('value.no');
    case 'ref':
      return <RefLink to={field.to} value={value as Ref} />;
    case 'enum':
      if (field.valueLabels) return labelled(field.valueLabels, value as string);
      return stateFields.has(name) ? <StateBadge value={value as string} /> : wordOf(value as string);
    case 'json':
      return <span className="mono">{jsonText(value)}</span>;
    case 'id':
      return <span className="mono">{value as string}</span>;
    default:
      return String(value);
  }
}

/** Whether the field's column is aligned to the right: figures and money. */
export function isFigure(field: Field): boolean {
  return field.type === 'integer' || field.type === 'number' || field.type === 'money';
}

/** The value as plain text, for copying rows. */
export function valueText(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (field.type === 'ref') return (value as Ref).label;
  if (field.type === 'money') return `${(value as Money).amount} ${(value as Money).currency}`;
  if (field.type === 'json') return JSON.stringify(value);
  return String(value);
}
