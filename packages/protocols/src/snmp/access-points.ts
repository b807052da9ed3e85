import { emptyComponent, modelOf, serialOf } from './components.ts';
import { numberOfValue, type OidMap, type SnmpValue, textOfValue } from './oid-map.ts';
import type { ComponentState, NetworkComponent } from './types.ts';
import { ipv4OfOctets, macOfArcs, macOfOctets, usableIp } from './values.ts';

type Column = 'name' | 'location' | 'state' | 'hardware' | 'software' | 'model' | 'serial' | 'ip' | 'mac';

/** The table in which a wireless controller lists its access points: a row for each, indexed by the six octets of a MAC address. */
export interface AccessPointTable {
  readonly module: string;
  /** Of the table's entry; a column's number stands behind it. */
  readonly oid: string;
  /** Enterprise numbers in the sysObjectID of the controllers that have it. */
  readonly makers: readonly number[];
  readonly columns: Readonly<Partial<Record<Column, number>> & { name: number }>;
  readonly states: Readonly<Record<number, ComponentState>>;
}

/**
 * AIRESPACE-WIRELESS-MIB is spoken by Cisco's AireOS controllers and the Catalyst 9800. Its bsnAPTable is indexed by bsnAPDot3MacAddress, the
 * base address of the radios; columns: bsnAPName, bsnAPLocation, bsnAPOperationStatus, bsnAPSoftwareVersion, bsnAPModel, bsnAPSerialNumber,
 * bsnApIpAddress, bsnAPEthernetMacAddress. WLSX-WLAN-MIB is Aruba's. Its wlsxWlanAPTable is indexed by wlanAPMacAddress, the address of the wired
 * port; columns: wlanAPIpAddress, wlanAPName, wlanAPSerialNumber, wlanAPModelName, wlanAPStatus, wlanAPHwVersion, wlanAPSwVersion. In both the
 * index is column 1 as well; Aruba does not answer it, so it is never asked for. Source: the makers' published modules, as LibreNMS
 * and netdisco-mibs carry them.
 */
export const accessPointTables: readonly AccessPointTable[] = [
  {
    module: 'AIRESPACE-WIRELESS-MIB',
    oid: '1.3.6.1.4.1.14179.2.2.1.1',
    makers: [9, 14179],
    columns: { name: 3, location: 4, state: 6, software: 8, model: 16, serial: 17, ip: 19, mac: 33 },
    states: { 1: 'up', 2: 'disassociating', 3: 'downloading' },
  },
  {
    module: 'WLSX-WLAN-MIB',
    oid: '1.3.6.1.4.1.14823.2.2.1.5.2.1.4.1',
    makers: [14823],
    columns: { ip: 2, name: 3, serial: 6, model: 13, state: 19, hardware: 33, software: 34 },
    states: { 1: 'up', 2: 'down' },
  },
];

/** Access points of one controller that are read; the largest controllers of both makers take 10,000. */
export const mostAccessPoints = 10_000;

/** Above what agents number entities by, and below 2^31 with all of the rows. */
const firstIndex = 1_000_000_000;
const byName = new Intl.Collator('en', { numeric: true });

/**
 * The access points that a controller knows, as components of it, ordered by name. They stand beside its entities and are not held by one.
 * A row whose index is no MAC address, or that tells nothing, is none.
 * @param taken indexes of the entities, which are not given twice
 */
export function accessPointsOf(oids: OidMap, taken: ReadonlySet<number>): NetworkComponent[] {
  const found = accessPointTables
    .flatMap((table) => rowsOf(oids, table))
    .sort((a, b) => byName.compare(a.name ?? '', b.name ?? '') || byName.compare(a.mac ?? '', b.mac ?? ''))
    .slice(0, mostAccessPoints);
  let next = firstIndex;
  return found.map((row) => {
    while (taken.has(next)) next++;
    return { ...row, index: next++ };
  });
}

function rowsOf(oids: OidMap, table: AccessPointTable): NetworkComponent[] {
  const columns = new Map(Object.entries(table.columns).map(([name, number]) => [name, oids.column(`${table.oid}.${number}`)]));
  const rows = new Set([...columns.values()].flatMap((column) => [...column.keys()]));
  return [...rows].flatMap((index) => {
    const arcs = index.split('.');
    if (arcs.length !== 6 || arcs.some((arc) => !/^\d{1,3}$/.test(arc) || Number(arc) > 255)) return [];
    const value = (column: Column): SnmpValue | undefined => columns.get(column)?.get(index);
    const row: NetworkComponent = {
      ...emptyComponent(0),
      kind: 'access_point',
      name: textOfValue(value('name')),
      model: modelOf(textOfValue(value('model'))),
      serial: serialOf(textOfValue(value('serial'))),
      hardware: textOfValue(value('hardware')),
      software: textOfValue(value('software')),
      mac: macOfOctets(value('mac')?.raw ?? '') ?? macOfArcs(arcs),
      ip: addressOf(value('ip')),
      location: textOfValue(value('location')),
      state: table.states[numberOfValue(value('state')) ?? 0] ?? null,
    };
    return (row.name ?? row.serial ?? row.model ?? row.mac) === null ? [] : [row];
  });
}

/** Agents give IpAddress by its own type or as four octets. */
function addressOf(value: SnmpValue | undefined): string | null {
  if (value === undefined) return null;
  return usableIp(value.raw) ?? (value.kind === 'octets' ? ipv4OfOctets(value.raw) : null);
}
