import { parseMapping, type MappedField } from '@muster/api/connector-kinds';
import type { Json } from '@muster/protocols';
import { parse } from 'csv-parse/sync';
import { type ConnectorContext, type ConnectorSession, type ListedDevice, type Page, VendorError } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { at, count, isObj, macOf, type Obj, section, sections, seen, text } from '../vendor-values.ts';

/** Rows of a file that are taken in one transaction. */
const CSV_ROWS = 500;
const osWords = /^(ios|ipados|android)/i;

/** Any address that answers JSON or CSV with one row for each device, read by a mapping. */
export function openRest(context: ConnectorContext): ConnectorSession {
  const { settings } = context;
  const url = new URL(String(settings['url']));
  const http = context.http({ baseUrl: url.origin, authorise: async () => signIn(context) });
  const mapping = parseMapping(String(settings['mapping'])).fields;
  const query = String(settings['query'] ?? '').replace(/^\?/, '');
  const first = `${url.pathname}${query === '' ? '' : `?${query}`}`;
  let file: Obj[] | null = null;
  return {
    page: async (_scope, cursor) => {
      if (settings['format'] === 'csv') {
        file ??= csvRows(await http.text(first, { accept: 'text/csv, text/plain' }));
        const from = Number(cursor ?? 0);
        const rows = file.slice(from, from + CSV_ROWS);
        return {
          ...pageOf(context, mapping, rows),
          next: from + CSV_ROWS < file.length ? String(from + CSV_ROWS) : null,
          total: file.length,
        };
      }
      return jsonPage(context, http, mapping, cursor ?? first);
    },
  };
}

function signIn({ settings, secrets }: ConnectorContext): Record<string, string> {
  const secret = secrets['credential'] ?? '';
  switch (settings['signIn']) {
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'header':
      return { [String(settings['signInName'] ?? 'x-api-key')]: secret };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${String(settings['signInName'] ?? '')}:${secret}`).toString('base64')}` };
    default:
      return {};
  }
}

async function jsonPage(context: ConnectorContext, http: VendorHttp, mapping: readonly MappedField[], target: string): Promise<Page> {
  const answer = await http.json(target);
  const path = context.settings['rows'];
  const rows = typeof path === 'string' && path !== '' ? at(answer, path) : answer;
  if (!Array.isArray(rows)) throw new VendorError('failed', `The answer has no list${typeof path === 'string' ? ` at ${path}` : ''}.`);
  const nextPath = context.settings['next'];
  const next = typeof nextPath === 'string' && nextPath !== '' ? at(answer, nextPath) : null;
  // A link may be relative, or no link but the value of a parameter; only links are followed.
  const link = typeof next === 'string' && /^(https?:\/\/|\/)/i.test(next) && next.length < 8000 ? next : null;
  if (typeof next === 'string' && next !== '' && link === null)
    throw new VendorError('failed', `What is at ${String(nextPath)} is no link.`);
  return { ...pageOf(context, mapping, rows.filter(isObj)), next: link };
}

function csvRows(content: string): Obj[] {
  try {
    return parse(content, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
      delimiter: [',', ';', '\t'],
      max_record_size: 1_000_000,
    });
  } catch (cause) {
    throw new VendorError('failed', `The file is not CSV: ${(cause as Error).message.slice(0, 200)}`, { cause });
  }
}

function pageOf(context: ConnectorContext, mapping: readonly MappedField[], rows: readonly Obj[]): Pick<Page, 'items' | 'warnings'> {
  const items = rows.flatMap((row) => device(context, mapping, row) ?? []);
  const left = rows.length - items.length;
  return { items, warnings: left > 0 ? [`${left} rows without an id were left out.`] : [] };
}

function device(context: ConnectorContext, mapping: readonly MappedField[], row: Obj): ListedDevice | null {
  const found = new Map(mapping.map(({ field, path }) => [field, valueAt(row, path)]));
  const get = (field: MappedField['field']): string | null => text(found.get(field) ?? undefined);
  const id = get('id');
  if (id === null) return null;
  const [mac, user, os] = [macOf(get('mac')), get('user'), get('os')];
  const ip = get('ip');
  return {
    type: 'device',
    // Ids of a system are unique in it only.
    nativeId: `${context.connectorId}:${id}`,
    itemType: os !== null && osWords.test(os) ? 'Phone' : 'Computer',
    partial: context.settings['creates'] === false,
    sections: sections({
      accesslog: seen(get('seenAt')),
      hardware: section({
        name: get('name'),
        uuid: get('uuid'),
        workgroup: get('domain'),
        lastloggeduser: user,
        memory: count(found.get('memoryMb')),
        chassis_type: get('chassis'),
      }),
      bios: section({ smanufacturer: get('manufacturer'), smodel: get('model'), ssn: get('serial'), assettag: get('assetTag') }),
      operatingsystem: section({ name: os, version: get('osVersion') }),
      networks: mac === null && ip === null ? null : [section({ description: 'Ethernet', mac, ipaddress: ip, type: 'ethernet' })],
      users: user === null ? null : [{ login: user }],
      row,
    }),
  };
}

/** A column may have dots in its name: the whole name is tried before the path. */
const valueAt = (row: Obj, path: string): Json | undefined => (Object.hasOwn(row, path) ? row[path] : at(row, path));
