import { modelOf } from './components.ts';
import { numberOfValue, type OidMap } from './oid-map.ts';
import type { UpsFacts } from './types.ts';

const ups = '1.3.6.1.2.1.33.1';
const apc = '1.3.6.1.4.1.318.1.1.1';
const eaton = '1.3.6.1.4.1.534.1';

export const isUps = (oids: OidMap): boolean => oids.has(`${ups}.1`) || oids.has(`${ups}.2`);

type Measures = Omit<UpsFacts, 'manufacturer' | 'model' | 'firmware'>;

/** UPS-MIB (RFC 1628); where it says nothing, PowerNet-MIB of APC and XUPS-MIB of Eaton. Null for what is no UPS. */
export function upsOf(oids: OidMap): UpsFacts | null {
  const told = [isUps(oids) ? standard(oids) : null, ofApc(oids), ofEaton(oids)].filter((m) => m !== null);
  if (told.length === 0) return null;
  const first = <K extends keyof Measures>(key: K): Measures[K] | null => told.find((m) => m[key] !== null)?.[key] ?? null;
  return {
    manufacturer: modelOf(oids.text(`${ups}.1.1.0`)),
    model: modelOf(oids.text(`${ups}.1.2.0`)) ?? modelOf(oids.text(`${apc}.1.1.1.0`)),
    firmware: modelOf(oids.text(`${ups}.1.3.0`)) ?? modelOf(oids.text(`${ups}.1.4.0`)) ?? modelOf(oids.text(`${apc}.1.2.1.0`)),
    batteryStatus: first('batteryStatus'),
    chargePercent: first('chargePercent'),
    runtimeMinutes: first('runtimeMinutes'),
    loadPercent: first('loadPercent'),
    inputVolts: first('inputVolts'),
    outputVolts: first('outputVolts'),
    onBattery: first('onBattery'),
  };
}

function standard(oids: OidMap): Measures {
  const source = oids.number(`${ups}.4.1.0`);
  const runtime = positive(oids.number(`${ups}.2.3.0`));
  return {
    batteryStatus: batteryStates[oids.number(`${ups}.2.1.0`) ?? 1] ?? null,
    chargePercent: percent(oids.number(`${ups}.2.4.0`)),
    // Cards that cannot tell the time answer 0 while the mains are there.
    runtimeMinutes: runtime === 0 && source !== 5 ? null : runtime,
    loadPercent: percent(highest(oids, `${ups}.4.4.1.5`)),
    inputVolts: volts(highest(oids, `${ups}.3.3.1.3`)),
    outputVolts: volts(highest(oids, `${ups}.4.4.1.2`)),
    onBattery: source === null ? null : source === 5,
  };
}

/** upsBatteryStatus and upsBasicBatteryStatus have the same numbers. */
const batteryStates: Record<number, UpsFacts['batteryStatus']> = { 2: 'normal', 3: 'low', 4: 'depleted' };

function ofApc(oids: OidMap): Measures | null {
  if (!oids.has(`${apc}.2`)) return null;
  const state = oids.number(`${apc}.2.1.1.0`);
  const ticks = positive(oids.number(`${apc}.2.2.3.0`));
  const output = oids.number(`${apc}.4.1.1.0`);
  return {
    // 4 is a fault here; upsAdvBatteryReplaceIndicator 2 asks for a new battery.
    batteryStatus: state === 4 || oids.number(`${apc}.2.2.4.0`) === 2 ? 'replace' : (batteryStates[state ?? 1] ?? null),
    chargePercent: percent(oids.number(`${apc}.2.2.1.0`)),
    runtimeMinutes: ticks === null ? null : Math.floor(ticks / 6000),
    loadPercent: percent(oids.number(`${apc}.4.2.3.0`)),
    inputVolts: volts(oids.number(`${apc}.3.2.1.0`)),
    outputVolts: volts(oids.number(`${apc}.4.2.1.0`)),
    onBattery: output === null || output === 1 ? null : output === 3,
  };
}

function ofEaton(oids: OidMap): Measures | null {
  if (!oids.has(`${eaton}.2`)) return null;
  const seconds = positive(oids.number(`${eaton}.2.1.0`));
  const source = oids.number(`${eaton}.4.5.0`);
  return {
    batteryStatus: null,
    chargePercent: percent(oids.number(`${eaton}.2.4.0`)),
    runtimeMinutes: seconds === null ? null : Math.floor(seconds / 60),
    loadPercent: percent(oids.number(`${eaton}.4.1.0`)),
    inputVolts: volts(highest(oids, `${eaton}.3.4.1.2`)),
    outputVolts: volts(highest(oids, `${eaton}.4.4.1.2`)),
    onBattery: source === null ? null : source === 5,
  };
}

/** Of the lines of a table: the phase that has the most. */
function highest(oids: OidMap, column: string): number | null {
  const numbers = [...oids.column(column).values()].map(numberOfValue).filter((n) => n !== null);
  return numbers.length === 0 ? null : Math.max(...numbers);
}

/** Volts of a line; some cards tell tenths (Huawei: 2369), and no line of a UPS has a thousand. */
function volts(told: number | null): number | null {
  if (told === null || told < 0 || told > 10_000) return null;
  return told >= 1000 ? told / 10 : told;
}
const positive = (n: number | null): number | null => (n !== null && n >= 0 && n < 2_147_483_647 ? n : null);
const percent = (n: number | null): number | null => (n !== null && n >= 0 && n <= 200 ? n : null);
