import { hash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import macs from '../../../../../content/identity/placeholder-macs.json' with { type: 'json' };
import serials from '../../../../../content/identity/placeholder-serials.json' with { type: 'json' };
import uuids from '../../../../../content/identity/placeholder-uuids.json' with { type: 'json' };
import usbDrivers from '../../../../../content/identity/usb-drivers.json' with { type: 'json' };
import { mdmSources } from '@muster/api/connector-kinds';
import { agentFamilies } from '@muster/api/discovery';
import { compileLists, extractKeys, forkNames, type IdentityKey } from '@muster/core/identity';
import type { DeviceFacts, Json, MeasuredFacts, NetworkFacts, Report, SoftwareRow } from '@muster/protocols';
import type { IngestItem } from './ingest.ts';

/** The placeholder lists of content/identity, ready to be asked. */
export const placeholderLists = compileLists([macs, serials, uuids, usbDrivers]);

const onTheMachine: ReadonlySet<string> = new Set<string>([...agentFamilies, ...mdmSources]);

/** Whether the source's reports come from the machine itself; scans, directories and hypervisors look at it from outside. */
export const isAgent = (source: string): boolean => onTheMachine.has(source);

const installed: ReadonlySet<string> = new Set<(typeof agentFamilies)[number]>(['glpi', 'fusioninventory', 'ocs', 'osquery']);

/** Whether an agent reports by itself while its machine runs; a device management system lists what it knows all at once. */
export const reportsByItself = (source: string): boolean => installed.has(source);

export interface Section {
  readonly json: string;
  /** 32 hex digits: half of a SHA-256. */
  readonly hash: string;
}

/** What a network scan says besides the facts of a device. */
export interface Scan extends NetworkFacts, MeasuredFacts {
  /** Null: it cannot tell, and says nothing about the class. */
  readonly classKey: string | null;
}

/** A report with everything computed that needs no database. */
export interface Prepared {
  readonly index: number;
  readonly item: IngestItem;
  readonly source: string;
  readonly nativeId: string;
  readonly itemType: string;
  /** Absent sections are unchanged. Also true of a report that was cut off: what is missing then says nothing. */
  readonly partial: boolean;
  /** The software list may be incomplete: it adds titles but removes none. */
  readonly onlyAdds: boolean;
  readonly sections: ReadonlyMap<string, Section>;
  readonly keys: readonly IdentityKey[];
  readonly device: DeviceFacts | null;
  readonly software: readonly SoftwareRow[] | null;
  /** The operating system as a title: it is licensed like one, so it is evidence like one. Null when the report does not tell it. */
  readonly system: SoftwareRow | null;
  /** When the machine was there to be looked at; see takenAt. */
  readonly seenAt: Date;
  /** Why it is kept without an asset, whatever its keys say; null for everything that identity decides. */
  readonly heldBecause: string | null;
  /** Why no asset is made of it when none is known; it still updates one that its keys lead to. */
  readonly holdUnknown: string | null;
  /** Null when it was not a network scan that told. */
  readonly scan: Scan | null;
}

/** Warnings after which the end of the content may be missing. */
const cutOff = new Set(['truncated_body', 'damaged_body', 'bad_json', 'bad_xml', 'section_incomplete', 'too_many_rows']);

export function prepare(item: IngestItem, index: number): Prepared {
  const { report } = item;
  const sections = new Map<string, Section>();
  for (const [name, content] of Object.entries(report.sections)) sections.set(name, sectionOf(content));
  const incomplete = report.warnings.some((w) => cutOff.has(w.code));
  const device = report.device;
  return {
    index,
    item,
    source: item.source,
    nativeId: (report.deviceId ?? report.agentId ?? item.deviceKey).slice(0, 500),
    itemType: report.itemType,
    partial: report.partial || incomplete,
    onlyAdds: incomplete,
    sections,
    keys: device ? keysOf(device, report.agentId) : [],
    device,
    software: report.software,
    system: systemTitle(device),
    seenAt: takenAt(report, item.receivedAt),
    heldBecause: null,
    holdUnknown: null,
    scan: null,
  };
}

/** Systems of no known family say nothing in common. */
function keysOf(device: DeviceFacts, agentId: string | null): IdentityKey[] {
  const family = device.os?.family ?? null;
  return extractKeys({ ...device, agentId, osFamily: family === 'other' ? null : family }, placeholderLists);
}

function systemTitle(device: DeviceFacts | null): SoftwareRow | null {
  const os = device?.os;
  if (!os?.name) return null;
  const of = { publisher: null, arch: null, code: null, path: null, sizeKb: null, user: null };
  return { ...of, name: os.name, version: os.version, channel: 'os', installedOn: os.installedOn };
}

/** The titles of a report whose evidence is asked for, the operating system last. */
export function titlesOf(p: Prepared): SoftwareRow[] {
  return [...(p.software ?? []), ...(p.system ? [p.system] : [])];
}

/** The section that tells the operating system: of its own, or as in OCS among the hardware. */
export function systemSection(p: Prepared): string {
  return p.sections.has('operatingsystem') ? 'operatingsystem' : 'hardware';
}

/** Agents' stamps carry no time zone and their clocks drift: within two days of receipt they say nothing. */
const staleAfterMs = 48 * 3_600_000;

/**
 * When the inventory was taken: on receipt, unless its own stamp (ACCESSLOG/LOGDATE) lies more than 48 hours before, as when a file is
 * uploaded weeks later. A stamp in the future is ignored. The order of reports always follows receipt.
 */
export function takenAt(report: Report, receivedAt: Date): Date {
  const log = report.sections['accesslog'];
  const stamp = log !== null && typeof log === 'object' && !Array.isArray(log) ? log['logdate'] : null;
  if (typeof stamp !== 'string') return receivedAt;
  const taken = new Date(`${stamp.replace(' ', 'T')}Z`);
  return receivedAt.getTime() - taken.getTime() > staleAfterMs ? taken : receivedAt;
}

export function sectionOf(content: Json): Section {
  const json = JSON.stringify(content);
  return { json, hash: hash('sha256', json, 'hex').slice(0, 32) };
}

/** Bodies below this size do not shrink enough to be worth a call. */
const smallBytes = 400;

/** A section as it is stored: JSON, or zlib of it. JSON never starts with zlib's first byte, 0x78. */
export function packSection(json: string): Buffer {
  const plain = Buffer.from(json, 'utf8');
  return plain.length < smallBytes ? plain : deflateSync(plain, { level: 1, memLevel: 8 });
}

/** The content of a stored section. */
export function unpackSection(content: Buffer): unknown {
  const bytes = content[0] === 0x78 ? inflateSync(content) : content;
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

/** A report's own ids of a second machine that uses the same native id (a clone): a serial number, UUID or address tells them apart. */
export function forkedNativeIds(p: Prepared): string[] {
  return forkNames(p.nativeId, p.keys);
}
