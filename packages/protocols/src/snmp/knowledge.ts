/** A row of content/network/enterprises.json: a number that IANA gave to a maker. */
export interface EnterpriseRow {
  readonly number: number;
  /** Absent: the number belongs to agent software and says nothing about the maker. */
  readonly vendor?: string | undefined;
  /** Set when all that the maker sells with SNMP is of one type. */
  readonly type?: string | undefined;
}
/** A row of content/network/devices.json. The longest `objectId` that starts a device's sysObjectID wins. */
export interface DeviceRow {
  readonly objectId: string;
  readonly vendor?: string | undefined;
  readonly type?: string | undefined;
  readonly model?: string | undefined;
}
/** A row of content/network/descriptions.json. `model`, `firmware` and `serial` are numbers of groups of the pattern. */
export interface DescriptionRow {
  readonly pattern: string;
  readonly vendor?: string | undefined;
  readonly type?: string | undefined;
  readonly model?: number | undefined;
  readonly firmware?: number | undefined;
  readonly serial?: number | undefined;
}
/** A row of content/network/objects.json: where a maker keeps what ENTITY-MIB would say. */
export interface ObjectRow {
  readonly enterprise: number;
  readonly field: string;
  readonly oid: string;
  /** Group 1 is the value; absent: all of it is. */
  readonly pattern?: string | undefined;
}

/** What is known about makers and models, as read from content/network. */
export interface SnmpKnowledge {
  readonly enterprises: ReadonlyMap<number, EnterpriseRow>;
  readonly devices: ReadonlyMap<string, DeviceRow>;
  readonly descriptions: readonly (DescriptionRow & { readonly regex: RegExp })[];
  readonly objects: readonly (ObjectRow & { readonly regex: RegExp | null })[];
}

/** Prepares the files of content/network for `deviceFromWalk`. */
export function compileKnowledge(content: {
  readonly enterprises: readonly EnterpriseRow[];
  readonly devices: readonly DeviceRow[];
  readonly descriptions: readonly DescriptionRow[];
  readonly objects: readonly ObjectRow[];
}): SnmpKnowledge {
  return {
    enterprises: new Map(content.enterprises.map((row) => [row.number, row])),
    devices: new Map(content.devices.map((row) => [row.objectId, row])),
    descriptions: content.descriptions.map((row) => ({ ...row, regex: new RegExp(row.pattern, 'i') })),
    objects: content.objects.map((row) => ({ ...row, regex: row.pattern === undefined ? null : new RegExp(row.pattern, 'i') })),
  };
}

/** The rows that a sysObjectID falls under, the most specific first. */
export function devicesOf(knowledge: SnmpKnowledge, objectId: string): DeviceRow[] {
  const found: DeviceRow[] = [];
  for (let at = objectId; at.includes('.'); at = at.slice(0, at.lastIndexOf('.'))) {
    const row = knowledge.devices.get(at);
    if (row) found.push(row);
  }
  return found;
}

/** The number of the maker in an OID below `enterprises`; null elsewhere. */
export function enterpriseOf(oid: string): number | null {
  const m = /^1\.3\.6\.1\.4\.1\.(\d{1,10})(\.|$)/.exec(oid);
  return m ? Number(m[1]) : null;
}
