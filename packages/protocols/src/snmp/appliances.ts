import { modelOf } from './components.ts';
import { numberOfValue, type OidMap, textOfValue } from './oid-map.ts';
import type { HostSoftware, PrinterSupply, UpsFacts } from './types.ts';
import { dayOfOctets } from './values.ts';

const printer = '1.3.6.1.2.1.43';
const ups = '1.3.6.1.2.1.33.1';

/** Toner, ink, drums: Printer-MIB (RFC 3805). A negative level means that it is not measured. */
export function suppliesOf(oids: OidMap): PrinterSupply[] {
  const most = oids.column(`${printer}.11.1.1.8`);
  const levels = oids.column(`${printer}.11.1.1.9`);
  return [...oids.column(`${printer}.11.1.1.6`)].flatMap(([index, value]) => {
    const description = textOfValue(value);
    if (description === null) return [];
    const capacity = numberOfValue(most.get(index)) ?? -1;
    const level = numberOfValue(levels.get(index)) ?? -1;
    return [{ description, percent: capacity > 0 && level >= 0 ? Math.min(100, Math.round((100 * level) / capacity)) : null }];
  });
}

/** Impressions in the life of the first marker. */
export function pageCountOf(oids: OidMap): number | null {
  for (const value of oids.column(`${printer}.10.2.1.4`).values()) {
    const count = numberOfValue(value);
    if (count !== null && count >= 0) return count;
  }
  return null;
}

export const isPrinter = (oids: OidMap): boolean => oids.has(`${printer}.5.1`) || oids.has(`${printer}.11.1`);
export const isUps = (oids: OidMap): boolean => oids.has(`${ups}.1`) || oids.has(`${ups}.2`);

/** UPS-MIB (RFC 1628). */
export function upsOf(oids: OidMap): UpsFacts | null {
  if (!isUps(oids)) return null;
  const source = oids.number(`${ups}.4.1.0`);
  const loads = [...oids.column(`${ups}.4.4.1.5`).values()].map(numberOfValue).filter((n) => n !== null);
  return {
    manufacturer: modelOf(oids.text(`${ups}.1.1.0`)),
    model: modelOf(oids.text(`${ups}.1.2.0`)),
    firmware: modelOf(oids.text(`${ups}.1.3.0`)) ?? modelOf(oids.text(`${ups}.1.4.0`)),
    chargePercent: percent(oids.number(`${ups}.2.4.0`)),
    runtimeMinutes: positive(oids.number(`${ups}.2.3.0`)),
    loadPercent: loads.length === 0 ? null : percent(Math.max(...loads)),
    onBattery: source === null ? null : source === 5,
  };
}

const positive = (n: number | null): number | null => (n !== null && n >= 0 && n < 2_147_483_647 ? n : null);
const percent = (n: number | null): number | null => (n !== null && n >= 0 && n <= 200 ? n : null);

/** hrSWInstalledTable of HOST-RESOURCES-MIB (RFC 2790). */
export function softwareOf(oids: OidMap): HostSoftware[] {
  const dates = oids.column('1.3.6.1.2.1.25.6.3.1.5');
  return [...oids.column('1.3.6.1.2.1.25.6.3.1.2')].flatMap(([index, value]) => {
    const name = textOfValue(value);
    return name === null ? [] : [{ name, installedOn: dayOfOctets(dates.get(index)?.raw ?? '') }];
  });
}
