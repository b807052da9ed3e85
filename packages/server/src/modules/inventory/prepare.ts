import { hash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import macs from '../../../../../content/identity/placeholder-macs.json' with { type: 'json' };
import serials from '../../../../../content/identity/placeholder-serials.json' with { type: 'json' };
import uuids from '../../../../../content/identity/placeholder-uuids.json' with { type: 'json' };
import usbDrivers from '../../../../../content/identity/usb-drivers.json' with { type: 'json' };
import { compileLists, extractKeys, type IdentityKey, normaliseMac } from '@muster/core/identity';
import type { DeviceFacts, Json, Report, SoftwareRow } from '@muster/protocols';
import type { IngestItem } from './ingest.ts';

/** The placeholder lists of content/identity, ready to be asked. */
export const placeholderLists = compileLists([macs, serials, uuids, usbDrivers]);

export interface Section {
  readonly json: string;
  /** 32 hex digits: half of a SHA-256. */
  readonly hash: string;
}

/** A report with everything computed that needs no database. */
export interface Prepared {
  readonly index: number;
  readonly item: IngestItem;
  readonly source: string;
  readonly nativeId: string;
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
    partial: report.partial || incomplete,
    onlyAdds: incomplete,
    sections,
    keys: device ? extractKeys({ ...device, agentId: report.agentId }, placeholderLists) : [],
    device,
    software: report.software,
    system: systemTitle(device),
    seenAt: takenAt(report, item.receivedAt),
    heldBecause: null,
  };
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

/** A report's own id of a second machine that uses the same native id (a clone): the serial number tells them apart. */
export function forkedNativeId(p: Prepared): string | null {
  const serial = p.keys.find((k) => k.kind === 'serial' && k.quality === 'good');
  return serial ? `${p.nativeId}#${serial.value.slice(serial.value.indexOf('|') + 1)}` : null;
}

/**
 * What a network scan found: an observation for each device, kept as it came and without an asset. The start and the end of a scan are
 * one observation of the scanner.
 */
export function prepareNetwork(item: IngestItem, index: number): Prepared[] {
  const { report } = item;
  const devices = Array.isArray(report.sections['devices']) ? report.sections['devices'] : [];
  const base = {
    index,
    item,
    source: report.kind,
    partial: false,
    onlyAdds: false,
    keys: [],
    device: null,
    software: null,
    system: null,
    seenAt: item.receivedAt,
    heldBecause: 'It was found by a network scan. Network discovery is used by a later release; until then it is kept as it came.',
  };
  if (devices.length === 0 || report.kind === 'netinventory') {
    const sections = new Map(Object.entries(report.sections).map(([name, content]) => [name, sectionOf(content)]));
    return [
      {
        ...base,
        nativeId: report.kind === 'netinventory' ? (report.deviceId ?? item.deviceKey) : `scan:${report.deviceId ?? item.deviceKey}`,
        sections,
      },
    ];
  }
  return devices.map((device, i) => ({
    ...base,
    nativeId: scannedId(device) ?? `${report.deviceId ?? item.deviceKey}#${i}`,
    sections: new Map([['device', sectionOf(device)]]),
  }));
}

/** A found device goes by its MAC address, else by its IP address. */
function scannedId(device: Json): string | null {
  if (device === null || typeof device !== 'object' || Array.isArray(device)) return null;
  const text = (v: Json | undefined): string | null => (typeof v === 'string' && v.trim() !== '' ? v.trim().toLowerCase() : null);
  const mac = text(device['mac']);
  return (mac === null ? null : normaliseMac(mac)) ?? text(device['ip']);
}
