import { numberOfValue, type OidMap, type SnmpValue, textOfValue } from './oid-map.ts';
import type { PageCounts, PrinterSupply, SupplyKind } from './types.ts';

const printer = '1.3.6.1.2.1.43';
const hp = '1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2';

export const isPrinter = (oids: OidMap): boolean => oids.has(`${printer}.5.1`) || oids.has(`${printer}.11.1`);

/** PrtMarkerSuppliesTypeTC of RFC 3805. */
const kinds: Record<number, SupplyKind> = {
  3: 'toner',
  4: 'waste_toner',
  5: 'ink',
  6: 'ink',
  7: 'ribbon',
  8: 'waste_ink',
  9: 'drum',
  10: 'developer',
  12: 'wax',
  13: 'ribbon',
  15: 'fuser',
  18: 'cleaner',
  20: 'transfer',
  21: 'toner',
  26: 'waste_paper',
  32: 'staples',
};

/** PrtMarkerSuppliesSupplyUnitTC of RFC 3805; those that only tell a share stand for no unit. */
const units: Record<number, string> = {
  3: '1/10000 in',
  4: 'µm',
  7: 'impressions',
  8: 'sheets',
  11: 'h',
  12: '1/1000 oz',
  13: '0.1 g',
  14: '0.01 fl oz',
  15: '0.1 ml',
  16: 'ft',
  17: 'm',
  18: 'items',
};

/**
 * Toner, ink, drums of Printer-MIB (RFC 3805): what is left of a consumable, the room that is left in a receptacle. A level of -3 says
 * that some is left; other negative ones that it is not measured.
 */
export function suppliesOf(oids: OidMap): PrinterSupply[] {
  const column = (number: number): Map<string, SnmpValue> => oids.column(`${printer}.11.1.1.${number}`);
  const [colorants, types, supplyUnits, most, levels] = [column(3), column(5), column(7), column(8), column(9)];
  return [...column(6)].flatMap(([index, value]) => {
    const description = textOfValue(value);
    if (description === null) return [];
    const capacity = counted(most.get(index));
    const told = numberOfValue(levels.get(index));
    const level = told !== null && told >= 0 ? told : null;
    const unit = numberOfValue(supplyUnits.get(index));
    const measured = capacity !== null && capacity > 0 && level !== null;
    // Unit 19 is per cent; many printers tell it by a capacity of 100 without that.
    const percent = measured
      ? Math.min(100, Math.round((100 * level) / capacity))
      : unit === 19 && level !== null && level <= 100
        ? level
        : null;
    const name = units[unit ?? 0] ?? null;
    return [
      {
        description,
        kind: kinds[numberOfValue(types.get(index)) ?? 0] ?? 'other',
        colour: colourOf(oids, index, numberOfValue(colorants.get(index))) ?? colourIn(description),
        percent,
        state: told === -3 ? 'ok' : null,
        capacity: name === null ? null : capacity,
        level: name === null ? null : level,
        unit: name,
      },
    ];
  });
}

const counted = (value: SnmpValue | undefined): number | null => {
  const number = numberOfValue(value);
  return number !== null && number >= 0 ? number : null;
};

/** prtMarkerColorantValue of the device that the supply is in: a word such as `black`. */
function colourOf(oids: OidMap, index: string, colorant: number | null): string | null {
  if (colorant === null || colorant <= 0) return null;
  return colourIn(oids.text(`${printer}.12.1.1.4.${index.split('.')[0]}.${colorant}`) ?? '');
}

const colours = [
  'light cyan',
  'light magenta',
  'photo black',
  'matte black',
  'light grey',
  'black',
  'cyan',
  'magenta',
  'yellow',
  'grey',
] as const;

/** The colour that a name of a supply speaks of, in one word list for all makers; null when it speaks of none. */
export function colourIn(text: string): string | null {
  const plain = text
    .toLowerCase()
    .replaceAll('gray', 'grey')
    .replaceAll(/[^a-z]+/g, ' ');
  return colours.find((colour) => plain.includes(colour) || plain.includes(colour.replace(' ', ''))) ?? null;
}

/** Units of prtMarkerCounterUnit that are pages: impressions and sheets. */
const pageUnits = new Set([7, 8]);

/**
 * Pages in the life of the device: the first marker's count of Printer-MIB, and what HP's own MIB (total-mono, total-color and
 * duplex-page-count) adds. Null when the device tells none.
 */
export function pagesOf(oids: OidMap): PageCounts | null {
  const unit = oids.column(`${printer}.10.2.1.3`);
  let total: number | null = null;
  for (const [index, value] of oids.column(`${printer}.10.2.1.4`)) {
    const of = numberOfValue(unit.get(index));
    if (of === null || pageUnits.has(of)) total ??= counted(value);
  }
  const scalar = (arc: number): number | null => counted(oids.get(`${hp}.${arc}.0`));
  const pages = { total: total ?? scalar(5), black: scalar(6), colour: scalar(7), duplex: scalar(22), scanned: null };
  return Object.values(pages).every((n) => n === null) ? null : pages;
}
