import { accessPointTables, enterpriseOf, mostAccessPoints } from '@muster/protocols/snmp';

/** A part of a device's MIB that is read, with the most values that are taken from it. */
export interface WantedSubtree {
  readonly name: string;
  readonly oid: string;
  readonly most: number;
  /** Asked only of devices with one of these enterprise numbers in their sysObjectID; absent: of all. */
  readonly makers?: readonly number[];
  /** Asked only when this part, by its OID, gave a value. */
  readonly ifAny?: string;
}

/**
 * Of the tables in which wireless controllers list their access points only the columns that are read: all of a table with thousands of access points
 * would be more than is taken of one device. What has no access points is asked for one column.
 */
const accessPoints: readonly WantedSubtree[] = accessPointTables.flatMap(({ oid, makers, columns: { name, ...more } }) => {
  const names = { name: 'access points, name', oid: `${oid}.${name}`, most: mostAccessPoints, makers };
  const others = Object.entries(more).map(([what, column]) => ({
    name: `access points, ${what}`,
    oid: `${oid}.${column}`,
    most: mostAccessPoints,
    makers,
    ifAny: names.oid,
  }));
  return [names, ...others];
});

/**
 * What is read, the most telling first: a device that is slow or never ends gives these before its time is over. A part that a device does
 * not have costs one request. Sources: RFC 3418 (system), 2863 (interfaces), 6933 (entities), 4293 (addresses), 4188 and 4363 (bridge), 3805
 * (printers), 1628 (UPS), 2790 (hosts), IEEE 802.1AB (LLDP), and Cisco's CDP and VTP MIBs. Of wireless controllers, which have much else
 * in the manufacturer's part: agentInventory of AIRESPACE-SWITCHING-MIB, wlsxSystemExtGroup of Aruba's WLSX-SYSTEMEXT-MIB, and the access points.
 */
export const wantedSubtrees: readonly WantedSubtree[] = [
  { name: 'system', oid: '1.3.6.1.2.1.1', most: 500 },
  { name: 'entities', oid: '1.3.6.1.2.1.47.1.1.1.1', most: 20_000 },
  { name: 'interfaces', oid: '1.3.6.1.2.1.2.2.1', most: 30_000 },
  { name: 'interfaces, extended', oid: '1.3.6.1.2.1.31.1.1.1', most: 30_000 },
  { name: 'addresses', oid: '1.3.6.1.2.1.4.20.1', most: 5000 },
  { name: 'addresses, both families', oid: '1.3.6.1.2.1.4.34.1', most: 10_000 },
  { name: 'printer', oid: '1.3.6.1.2.1.43', most: 3000 },
  { name: 'ups', oid: '1.3.6.1.2.1.33.1', most: 1000 },
  ...accessPoints,
  { name: 'airespace controller', oid: '1.3.6.1.4.1.14179.1.1.1', most: 200, makers: [9], ifAny: '1.3.6.1.4.1.14179.2.2.1.1.3' },
  { name: 'aruba controller', oid: '1.3.6.1.4.1.14823.2.2.1.2.1', most: 500, makers: [14823] },
  { name: 'lldp, local', oid: '1.0.8802.1.1.2.1.3', most: 5000 },
  { name: 'lldp, neighbours', oid: '1.0.8802.1.1.2.1.4', most: 10_000 },
  { name: 'cdp', oid: '1.3.6.1.4.1.9.9.23.1.2.1.1', most: 10_000 },
  { name: 'cisco vlans', oid: '1.3.6.1.4.1.9.9.46.1.3.1.1', most: 10_000 },
  { name: 'bridge', oid: '1.3.6.1.2.1.17.1', most: 5000 },
  { name: 'vlans', oid: '1.3.6.1.2.1.17.7.1.4', most: 20_000 },
  { name: 'forwarding', oid: '1.3.6.1.2.1.17.4.3.1', most: 20_000 },
  { name: 'forwarding by vlan', oid: '1.3.6.1.2.1.17.7.1.2.2.1', most: 20_000 },
  { name: 'arp', oid: '1.3.6.1.2.1.4.22.1', most: 20_000 },
  { name: 'host system', oid: '1.3.6.1.2.1.25.1', most: 200 },
  { name: 'host storage', oid: '1.3.6.1.2.1.25.2', most: 5000 },
  { name: 'host devices', oid: '1.3.6.1.2.1.25.3', most: 5000 },
  { name: 'host software', oid: '1.3.6.1.2.1.25.6.3.1', most: 20_000 },
];

/** The manufacturer's own part, by the enterprise number in sysObjectID: serial numbers of devices without entities are there. */
export function enterpriseSubtree(sysObjectId: string | null): WantedSubtree | null {
  const enterprise = enterpriseOf(sysObjectId ?? '');
  return enterprise === null ? null : { name: 'manufacturer', oid: `1.3.6.1.4.1.${enterprise}`, most: 2000 };
}

/** Whether a part is worth a request: only some makers have it, or only where another part gave something. */
export function isWanted(tree: WantedSubtree, sysObjectId: string | null, valuesOf: (oid: string) => number): boolean {
  const maker = enterpriseOf(sysObjectId ?? '');
  if (tree.makers !== undefined && (maker === null || !tree.makers.includes(maker))) return false;
  return tree.ifAny === undefined || valuesOf(tree.ifAny) > 0;
}
