import type { componentKinds } from '@muster/api/components';
import { readEdid } from './edid.ts';

export * from './changes.ts';
export * from './edid.ts';

/** A thing inside or at an asset, or a thing that runs on it, out of one row of a report. */
export interface Component {
  readonly kind: ComponentKind;
  /** The same for the same thing in every report of a source: its serial number, else its name and place. */
  readonly key: string;
  readonly name: string;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  /** What else the row says. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

export type ComponentKind = (typeof componentKinds)[number];

type Row = Readonly<Record<string, unknown>>;

interface Recipe {
  readonly kind: ComponentKind;
  /** Names of fields, the first that says something counts. */
  readonly name: readonly string[];
  readonly model?: readonly string[];
  readonly serial?: readonly string[];
  /** Tells things without a serial number apart. */
  readonly slot?: readonly string[];
  readonly data: readonly string[];
  /** A row without any of these is an empty slot. */
  readonly needs?: readonly string[];
  /** The rows that one row stands for. */
  readonly rowsOf?: (row: Row) => readonly Row[];
  /** What a row without a name is called. */
  readonly unnamed?: string;
}

/** What is read out of which section; the sections and fields of the GLPI inventory format. */
const recipes: Readonly<Record<string, Recipe>> = {
  cpus: {
    kind: 'cpu',
    name: ['name', 'familyname', 'description'],
    model: ['model'],
    serial: ['serial'],
    slot: ['id'],
    data: ['nbsocket', 'core', 'corecount', 'thread', 'speed', 'arch', 'stepping'],
  },
  memories: {
    kind: 'memory',
    name: ['description', 'caption', 'type'],
    model: ['model'],
    serial: ['serialnumber', 'serial'],
    slot: ['numslots', 'caption'],
    data: ['capacity', 'type', 'speed', 'formfactor', 'numslots', 'memorycorrection'],
    needs: ['capacity', 'serialnumber', 'serial', 'model'],
  },
  storages: {
    kind: 'disk',
    name: ['model', 'name', 'description'],
    model: ['model'],
    serial: ['serial'],
    slot: ['name'],
    data: ['name', 'disksize', 'type', 'interface', 'firmware', 'wwn', 'encrypt_status'],
  },
  monitors: {
    kind: 'monitor',
    name: ['name', 'caption', 'edidName', 'description', 'maker'],
    model: ['caption', 'name', 'edidName'],
    serial: ['serial', 'altserial', 'edidSerial', 'serialNumber'],
    slot: ['port'],
    data: ['port', 'description', 'type', 'maker', 'productCode', 'serialNumber', 'week', 'year', 'widthCm', 'heightCm'],
    rowsOf: withEdid,
  },
  batteries: {
    kind: 'battery',
    name: ['name', 'chemistry'],
    unnamed: 'Battery',
    needs: ['name', 'serial', 'chemistry', 'capacity'],
    serial: ['serial'],
    data: ['capacity', 'real_capacity', 'chemistry', 'voltage', 'date'],
  },
  videos: { kind: 'graphics', name: ['name', 'chipset'], model: ['chipset'], slot: ['pcislot'], data: ['memory', 'pcislot'] },
  powersupplies: {
    kind: 'power_supply',
    name: ['name', 'model', 'partnum'],
    model: ['model', 'partnum'],
    serial: ['serialnumber'],
    slot: ['location'],
    data: ['power_max', 'status', 'location', 'hotreplaceable', 'plugged'],
  },
  simcards: {
    kind: 'sim_card',
    name: ['operator_name', 'iccid', 'serial'],
    serial: ['iccid', 'serial'],
    data: ['operator_code', 'country', 'state', 'phone_number'],
  },
  usbdevices: {
    kind: 'peripheral',
    name: ['name', 'caption', 'productid'],
    serial: ['serial'],
    slot: ['vendorid', 'productid'],
    data: ['vendorid', 'productid', 'class', 'subclass'],
  },
  inputs: {
    kind: 'peripheral',
    name: ['name', 'caption', 'description'],
    slot: ['type'],
    data: ['type', 'interface', 'layout', 'pointingtype'],
  },
  virtualmachines: {
    kind: 'virtual_machine',
    name: ['name', 'uuid'],
    model: ['subsystem', 'vmtype'],
    serial: ['uuid'],
    data: ['vmtype', 'subsystem', 'status', 'memory', 'vcpu', 'mac', 'ipaddress', 'operatingsystem', 'image', 'owner'],
  },
  databases_services: {
    kind: 'database',
    name: ['name', 'type'],
    model: ['type'],
    slot: ['port', 'path', 'service'],
    data: ['service', 'type', 'version', 'port', 'path', 'size', 'is_active', 'is_onbackup', 'last_backup_date'],
    rowsOf: withDatabases,
  },
  licenseinfos: {
    kind: 'licence_key',
    name: ['fullname', 'name'],
    serial: ['key', 'productid'],
    slot: ['productid'],
    data: ['productid', 'trial', 'oem', 'activation_date'],
  },
};

/** The sections that components are read from. */
export const componentSections: readonly string[] = Object.keys(recipes);
export const kindOfSection = (section: string): ComponentKind | null => recipes[section]?.kind ?? null;

const longest = 300;
/** Serial numbers that makers leave when they have none to give. */
const emptySerial =
  /^(0+|1?2345678?9?0?|none|n\/?a|null|unknown|not specified|default string|to be filled.*|serial ?num(ber)?|\[?empty\]?|x+|-+)$/i;

/**
 * The components a section tells. Rows of any shape are survived; two rows of the same thing are one, unless nothing tells them apart
 * but their number. A licence key is kept by its last characters only: it is a secret.
 */
export function componentsOf(section: string, content: unknown): Component[] {
  const recipe = recipes[section];
  if (!recipe || !Array.isArray(content)) return [];
  const found = new Map<string, Component>();
  for (const row of (content as unknown[]).filter(isRow).flatMap((one) => recipe.rowsOf?.(one) ?? [one])) {
    const component = read(section, recipe, row);
    if (component === null) continue;
    if (component.serial !== null) {
      found.set(component.key, component);
      continue;
    }
    let number = 1;
    while (found.has(`${component.key}#${number}`)) number += 1;
    found.set(`${component.key}#${number}`, { ...component, key: `${component.key}#${number}` });
  }
  return [...found.values()];
}

const isRow = (value: unknown): value is Row => value !== null && typeof value === 'object' && !Array.isArray(value);

/** What the monitor says of itself, beside what the agent made of it. */
function withEdid(row: Row): readonly Row[] {
  const edid = typeof row['base64'] === 'string' ? readEdid(row['base64']) : null;
  if (edid === null) return [row];
  const { name, serialText, serialNumber, ...told } = edid;
  return [{ ...row, ...told, edidName: name, edidSerial: serialText, serialNumber: serialNumber?.toString(16).padStart(8, '0') }];
}

const mostDatabases = 500;

/** A database service, and each database it serves. */
function withDatabases(row: Row): readonly Row[] {
  const list = Array.isArray(row['databases']) ? (row['databases'] as unknown[]).filter(isRow).slice(0, mostDatabases) : [];
  const service = { service: row['name'], type: row['type'], port: row['port'], manufacturer: row['manufacturer'] };
  return [row, ...list.map((database) => ({ ...database, ...service }))];
}

function read(section: string, recipe: Recipe, row: Row): Component | null {
  const first = (names: readonly string[] | undefined): string | null => {
    for (const name of names ?? []) {
      const text = textOf(row[name]);
      if (text !== null) return text;
    }
    return null;
  };
  if (recipe.needs && first(recipe.needs) === null) return null;
  const name = first(recipe.name) ?? recipe.unnamed ?? null;
  if (name === null) return null;
  const told = (recipe.serial ?? []).map((n) => textOf(row[n])).find((s) => s !== null && !emptySerial.test(s)) ?? null;
  const serial = told === null ? null : recipe.kind === 'licence_key' ? masked(told) : told;
  const slots = (recipe.slot ?? []).map((n) => textOf(row[n]) ?? '').join('|');
  return {
    kind: recipe.kind,
    key: serial === null ? `${section}:${name}|${slots}` : `${section}:s:${serial}${recipe.kind === 'licence_key' ? `|${name}` : ''}`,
    name,
    manufacturer: textOf(row['manufacturer']) ?? textOf(row['maker']),
    model: first(recipe.model),
    serial,
    data: Object.fromEntries(
      recipe.data.flatMap((n): [string, string | number | boolean][] => {
        const value = row[n];
        if (typeof value === 'number' || typeof value === 'boolean') return [[n, value]];
        const text = textOf(value);
        return text === null ? [] : [[n, text]];
      }),
    ),
  };
}

const shownCharacters = 5;
const masked = (key: string): string => `…${key.replaceAll(/\s/g, '').slice(-shownCharacters)}`;

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\0', '').trim().slice(0, longest).toWellFormed();
  return text === '' ? null : text;
}
