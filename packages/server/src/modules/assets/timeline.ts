import { type AssetEvent, type AssetValueField, lifecycleStateLabels, type LifecycleState } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import { sourceName } from '@muster/core/authority';
import type { Db } from '../../platform/db/types.ts';
import { attachedSentence } from './attached-sentences.ts';
import { custodySentence } from './custody-sentences.ts';
import { fieldLabels } from './fields.ts';
import { eventsOf, type EventRow, findAsset, titlesOf } from './store.ts';

/** Titles named in one event; the ids of the rest stay in its data. */
const shownTitles = 50;

/**
 * A page of what happened to an asset, newest first.
 * @throws Problem not_found, bad_cursor
 */
export async function readTimeline(
  db: Db,
  assetId: string,
  query: { limit: number; cursor?: string | undefined; kind?: string | undefined },
): Promise<{ items: AssetEvent[]; nextCursor: string | null }> {
  if (!(await findAsset(db, assetId))) throw new Problem('not_found', 'There is no asset with this id.');
  const rows = await eventsOf(db, assetId, { limit: query.limit + 1, before: readCursor(query.cursor), kind: query.kind ?? null });
  const page = rows.slice(0, query.limit);
  const evidence = [...new Set(page.flatMap((e) => [...idsOf(e.data['added']), ...idsOf(e.data['removed'])]))];
  const titles = await titlesOf(db, evidence);
  const last = page.at(-1);
  return {
    items: page.map((e) => presentEvent(e, titles)),
    nextCursor: rows.length > query.limit && last ? `${last.at.toISOString()}_${last.id}` : null,
  };
}

function readCursor(cursor: string | undefined): { at: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [at = '', id = ''] = cursor.split('_');
  const date = new Date(at);
  if (Number.isNaN(date.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw new Problem('bad_cursor');
  return { at: date, id };
}

const idsOf = (value: unknown): number[] => (Array.isArray(value) ? value.filter((v) => typeof v === 'number').slice(0, shownTitles) : []);

type Titles = ReadonlyMap<number, { name: string; version: string | null }>;

function presentEvent(event: EventRow, titles: Titles): AssetEvent {
  const named = (value: unknown): string[] =>
    idsOf(value).map((id) => [titles.get(id)?.name ?? `#${id}`, titles.get(id)?.version].filter(Boolean).join(' '));
  const software =
    event.kind === 'software_changed' ? { addedTitles: named(event.data['added']), removedTitles: named(event.data['removed']) } : {};
  const data = { ...event.data, ...software };
  return {
    id: event.id,
    at: event.at.toISOString(),
    kind: event.kind,
    source: event.source,
    actor: event.actor,
    summary: sentence(event, data),
    data,
  };
}

function sentence(event: EventRow, data: Record<string, unknown>): string {
  const show = (value: unknown): string =>
    typeof value === 'string' && value !== '' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'nothing';
  const state = (value: unknown): string => lifecycleStateLabels[value as LifecycleState] ?? show(value);
  const field = (value: unknown): string => fieldLabels[value as AssetValueField] ?? show(value);
  switch (event.kind) {
    case 'created':
      return event.source === 'manual'
        ? `Entered by hand as ${state(data['state']).toLowerCase()}.`
        : event.source === 'import'
          ? `Imported from a file as ${state(data['state']).toLowerCase()}.`
          : `Discovered by ${sourceName(event.source)}.`;
    case 'field_changed':
      return `${typeof data['label'] === 'string' ? data['label'] : field(data['field'])} changed from ${show(data['from'])} to ${show(data['to'])}.${typeof data['reason'] === 'string' ? ` ${data['reason']}` : ''}`;
    case 'value_released':
      return `${field(data['field'])} set by hand (${show(data['from'])}) was released.`;
    case 'value_restored':
      return `${field(data['field'])} was set by hand to what it was before (${show(data['to'])}).`;
    case 'transitioned':
      return `Moved from ${state(data['from']).toLowerCase()}${part(data['fromSubstate'])} to ${state(data['to']).toLowerCase()}${part(data['toSubstate'])}.`;
    case 'transition_planned':
      return `“${show(data['label'])}” was planned for ${show(data['dueOn'])}.`;
    case 'planned_transition_cancelled':
      return `“${show(data['label'])}”, planned for ${show(data['dueOn'])}, was cancelled.`;
    case 'planned_transition_failed':
      return `“${show(data['label'])}”, planned for ${show(data['dueOn'])}, was not made: ${show(data['problem'])}`;
    case 'warranty_started':
      return `The warranty starts on ${show(data['on'])}.`;
    case 'rack_mounted':
      return `Mounted in ${show(data['rack'])} at unit ${show(data['unit'])}, ${show(data['height'])} high.`;
    case 'rack_unmounted':
      return `Taken out of unit ${show(data['unit'])} of ${show(data['rack'])}.`;
    case 'software_changed':
      return `${count(data['added'])} titles installed, ${count(data['removed'])} removed.`;
    case 'section_changed':
      return `${(Array.isArray(data['sections']) ? data['sections'] : [data['section']]).map(show).join(', ')} changed.`;
    case 'components_changed':
      return componentSentence(data);
    case 'component_moved':
      return capital(`${componentName(data['component'])} went to another asset.`);
    case 'linked':
      return `${sourceName(event.source)} reports it too: ${show(data['reason'])}`;
    case 'relation_added':
      return `Entered by hand: ${show(data['relation']).toLowerCase()} another asset.`;
    case 'relation_removed':
      return `No longer by hand: ${show(data['relation']).toLowerCase()} another asset.`;
    case 'merged':
      return `${show(data['mergedName'])} was merged into ${show(data['survivorName'])}: ${show(data['reason'])}`;
    case 'split':
      return `${count(data['observations'])} observations were split from ${show(data['fromName'])}: ${show(data['reason'])}`;
    case 'merge_undone':
      return `The merge was undone: ${show(data['reason'])}`;
    case 'split_undone':
      return `The split was undone: ${show(data['reason'])}`;
    case 'user_seen':
      return `${show(data['login'])} was seen on it for the first time.`;
    case 'code_added':
      return `The code ${show(data['code'])} was added.`;
    case 'sticker_claimed':
      return `The sticker ${show(data['code'])} was put on it.`;
    case 'code_removed':
      return `The code ${show(data['code'])} was taken off.`;
    case 'found_reported':
      return `Someone who found it wrote: ${show(data['message'])}${data['contact'] ? ` (${show(data['contact'])})` : ''}`;
    default:
      return custodySentence(event.kind, data) ?? attachedSentence(event.kind, data) ?? event.kind.replaceAll('_', ' ');
  }
}

/** A sub-state, in brackets. */
const part = (label: unknown): string => (typeof label === 'string' ? ` (${label.toLowerCase()})` : '');
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** Components named in one sentence. */
const namedComponents = 3;
const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((v): v is Record<string, unknown> => v !== null && typeof v === 'object') : [];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function componentName(value: unknown): string {
  const c = (value ?? {}) as Record<string, unknown>;
  const serial = textOf(c['serial']);
  return `${textOf(c['kind']).replaceAll('_', ' ')} ${textOf(c['name'])}${serial === '' ? '' : ` (${serial})`}`.trim();
}

/** What came, went and was replaced; the rest is counted. */
function componentSentence(data: Record<string, unknown>): string {
  const where = (c: Record<string, unknown>, word: string): string => {
    const label = textOf((c['asset'] as Record<string, unknown> | undefined)?.['label']);
    return label === '' ? '' : `, ${word} ${label}`;
  };
  const said = [
    ...listOf(data['replaced']).map((r) => `${componentName(r['from'])} was replaced by ${componentName(r['to'])}`),
    ...listOf(data['cameIn']).map((c) => `${componentName(c)} was added${where(c, 'before on')}`),
    ...listOf(data['wentOut']).map((c) => `${componentName(c)} is gone${where(c, 'now on')}`),
  ];
  const counts = Object.values((data['counts'] ?? {}) as Record<string, unknown>).reduce<number>(
    (n, v) => n + (typeof v === 'number' ? v : 0),
    0,
  );
  const rest = counts - Math.min(said.length, namedComponents);
  const text = said.slice(0, namedComponents).join('; ');
  return capital(`${text}${rest > 0 ? `; ${rest} more` : ''}.`);
}

const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
