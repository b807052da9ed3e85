import type { Json } from '../report.ts';
import { colourIn } from '../snmp/printer.ts';
import { batteryStatuses, type PageCounts, type PrinterSupply, supplyKinds, type UpsFacts } from '../snmp/types.ts';
import { isObject, textOf } from './values.ts';

type Obj = { [key: string]: Json };
export type PowerFacts = Omit<UpsFacts, 'manufacturer' | 'model' | 'firmware'>;

/** What a printer or UPS measures of itself; null for a section that is absent. */
export interface MeasuredFacts {
  readonly supplies: PrinterSupply[] | null;
  readonly pages: PageCounts | null;
  readonly power: PowerFacts | null;
}

/** No printer has more. */
const mostSupplies = 200;

/** Supplies and pages of an answer to SNMPQUERY or of a walk, and what a walk of a UPS tells. */
export function measuredFacts(sections: Record<string, Json>): MeasuredFacts {
  const own = sections['supplies'];
  const cartridges = sections['cartridges'];
  const pages = [sections['pagecounters']].flat().find(isObject);
  const power = sections['ups'];
  return {
    supplies: Array.isArray(own)
      ? own.filter(isObject).slice(0, mostSupplies).map(supplyOf)
      : Array.isArray(cartridges)
        ? cartridges.filter(isObject).flatMap(suppliesOfCartridges).slice(0, mostSupplies)
        : null,
    pages: pages ? pagesOfCounters(pages) : null,
    power: isObject(power) ? powerOf(power) : null,
  };
}

const short = (value: Json | undefined): string | null => textOf(value)?.slice(0, 255).toWellFormed() ?? null;

/** A count that a column of 64 bits holds; agents give it as text or number. */
function count(value: Json | undefined): number | null {
  const text = textOf(value)?.replace(/\s*%$/, '') ?? '';
  const number = /^\d{1,15}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text)) : null;
  return number;
}
const share = (value: Json | undefined): number | null => {
  const number = count(value);
  return number !== null && number <= 200 ? number : null;
};

function supplyOf(row: Obj): PrinterSupply {
  return {
    description: short(row['description']) ?? '',
    kind: supplyKinds.find((k) => k === row['kind']) ?? 'other',
    colour: short(row['colour']),
    percent: share(row['percent']),
    state: row['state'] === 'ok' ? 'ok' : null,
    capacity: count(row['capacity']),
    level: count(row['level']),
    unit: short(row['unit']),
  };
}

const kindsByName: readonly [RegExp, PrinterSupply['kind'], string][] = [
  [/^wastetoner/, 'waste_toner', 'Waste toner'],
  [/^waste(ink)?/, 'waste_ink', 'Waste ink'],
  [/^toner/, 'toner', 'Toner'],
  [/^(cartridge|ink)/, 'ink', 'Ink'],
  [/^drum/, 'drum', 'Drum'],
  [/^developer/, 'developer', 'Developer'],
  [/^fuser/, 'fuser', 'Fuser'],
  [/^transfer/, 'transfer', 'Transfer unit'],
  [/^clean/, 'cleaner', 'Cleaner'],
  [/^stapl/, 'staples', 'Staples'],
  [/^maintenance/, 'other', 'Maintenance kit'],
];
const words: Record<string, PrinterSupply['state']> = { ok: 'ok', warning: 'low', low: 'low', bad: 'empty', empty: 'empty' };

/**
 * CARTRIDGES of agents: a name such as `tonerblack` with a percentage, a word (OK, WARNING, BAD) or pages left (`1200pages`). Older ones
 * tell `tonerblackmax`, `-used` and `-remaining` besides.
 */
function suppliesOfCartridges(row: Obj): PrinterSupply[] {
  const names = new Map<string, { value?: Json; max?: Json; remaining?: Json; used?: Json }>();
  for (const [key, value] of Object.entries(row)) {
    const m = /^([a-z]+?)(max|used|remaining)?$/.exec(key.toLowerCase());
    if (!m || typeof value === 'object') continue;
    const name = m[1] as string;
    const known = kindsByName.some(([pattern]) => pattern.test(name));
    if (!known) continue;
    const told = names.get(name) ?? {};
    told[(m[2] as 'max' | 'used' | 'remaining' | undefined) ?? 'value'] = value;
    names.set(name, told);
  }
  return [...names].map(([name, told]) => {
    const [, kind, label] = kindsByName.find(([pattern]) => pattern.test(name)) as (typeof kindsByName)[number];
    const colour = colourIn(name);
    const text = textOf(told.value)?.toLowerCase() ?? '';
    const pages = /^(\d{1,9})\s*pages?$/.exec(text);
    const [capacity, remaining] = [count(told.max), count(told.remaining)];
    const counted = capacity !== null && capacity > 0 && remaining !== null;
    const percent = share(told.value) ?? (counted ? Math.round((100 * remaining) / capacity) : null);
    return {
      description: colour === null ? label : `${label} ${colour}`,
      kind,
      colour,
      percent: percent === null ? null : Math.min(100, percent),
      state: words[text] ?? null,
      capacity: counted ? capacity : null,
      level: pages ? Number(pages[1]) : counted ? remaining : null,
      unit: pages ? 'pages' : null,
    };
  });
}

/** PAGECOUNTERS: what is printed and copied in all, or printed alone where only that is told. */
function pagesOfCounters(row: Obj): PageCounts | null {
  const first = (...keys: string[]): number | null => keys.map((key) => count(row[key])).find((n) => n !== null) ?? null;
  const pages = {
    total: first('total', 'printtotal'),
    black: first('black', 'printblack'),
    colour: first('color', 'printcolor'),
    duplex: first('rectoverso', 'duplex'),
    scanned: first('scanned'),
  };
  return Object.values(pages).every((n) => n === null) ? null : pages;
}

function powerOf(row: Obj): PowerFacts {
  const number = (key: string): number | null => (typeof row[key] === 'number' ? row[key] : null);
  return {
    batteryStatus: batteryStatuses.find((s) => s === row['batteryStatus']) ?? null,
    chargePercent: share(row['chargePercent']),
    runtimeMinutes: count(row['runtimeMinutes']),
    loadPercent: share(row['loadPercent']),
    inputVolts: number('inputVolts'),
    outputVolts: number('outputVolts'),
    onBattery: typeof row['onBattery'] === 'boolean' ? row['onBattery'] : null,
  };
}
