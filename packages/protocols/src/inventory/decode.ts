import { openBody } from '../envelope/body.ts';
import { type AgentHeaders, familyOf, kindOfAction, kindOfQuery, versionOf } from '../envelope/inspect.ts';
import { defaultLimits, type Limits } from '../envelope/limits.ts';
import { asciiSuperset, decodeText, textParts } from '../envelope/text.ts';
import { holdsOsquery, osqueryContent } from '../osquery/content.ts';
import type { AgentFamily, DeviceFacts, Json, Report, ReportKind } from '../report.ts';
import { deviceFacts } from './device.ts';
import { readJson } from './json.ts';
import { itemTypeOf, reshapeNetDiscovery, reshapeNetInventory } from './network.ts';
import { cleanText, normaliseSections } from './normalise.ts';
import { softwareRows } from './software.ts';
import { isObject, textOf, yesNo } from './values.ts';
import { Warnings } from './warnings.ts';
import { type RawReport, readXml } from './xml.ts';

type Obj = { [key: string]: Json };

/**
 * Reads a body completely. Never throws: what cannot be read is dropped with a warning that names it, and a body of which nothing
 * can be read gives a report of kind `unknown`. A damaged body counts as partial, so that what is missing does not look removed.
 */
export function decodeReport(body: Uint8Array, headers: AgentHeaders, limits: Limits = defaultLimits): Report {
  const warnings = new Warnings(limits.maxWarnings);
  const open = openBody(body, limits, { salvage: true });
  if (!open.ok) {
    warnings.add(open.code, '', open.message);
    return unreadable(headers, warnings);
  }
  if (open.state === 'truncated') warnings.add('truncated_body', '', 'The compressed stream stops early; what was there is read.');
  if (open.state === 'damaged')
    warnings.add('damaged_body', '', `The compressed stream is damaged; ${open.bytes.length} bytes before the damage are read.`);
  if (asciiSuperset(open.bytes).length === 0) return unreadable(headers, warnings);
  const parts = open.bytes[0] === 0x3c ? textParts(open.bytes) : null;
  if (parts !== null) {
    const raw = readXml(withoutControlsIn(parts, warnings), warnings, limits.maxDepth);
    return assemble(raw, 'xml', open.state === 'damaged', headers, warnings, limits);
  }
  const decoded = decodeText(open.bytes);
  for (const problem of decoded.problems) warnings.add(problem.code, '', problem.message);
  const text = withoutControls(decoded.text, warnings).trimStart();
  const damaged = open.state === 'damaged';
  if (text.startsWith('<')) return assemble(readXml(text, warnings, limits.maxDepth), 'xml', damaged, headers, warnings, limits);
  if (text.startsWith('{')) {
    const read = readJson(text, warnings, limits.maxDepth);
    const raw = holdsOsquery(read.head) ? osqueryContent(read.head, read.truncated, warnings) : read;
    return assemble(raw, 'json', damaged, headers, warnings, limits);
  }
  warnings.add('unreadable', '', 'It is neither XML nor JSON.');
  return unreadable(headers, warnings);
}

// XML and JSON allow no control characters but tab and line ends; agents pass them on from firmware strings.
// oxlint-disable-next-line no-control-regex
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function withoutControls(text: string, warnings: Warnings): string {
  const out = text.replaceAll(controls, '');
  if (out.length !== text.length) warnings.add('control_characters', '', `${text.length - out.length} control characters were removed.`);
  return out.isWellFormed() ? out : out.toWellFormed();
}

function* withoutControlsIn(parts: Iterable<string>, warnings: Warnings): Generator<string> {
  let removed = 0;
  for (const part of parts) {
    const out = part.replaceAll(controls, '');
    removed += part.length - out.length;
    yield out;
  }
  if (removed > 0) warnings.add('control_characters', '', `${removed} control characters were removed.`);
}

function unreadable(headers: AgentHeaders, warnings: Warnings): Report {
  return {
    family: familyOf(headers, null, 'unknown'),
    kind: 'unknown',
    deviceId: null,
    agentId: agentIdOf(headers),
    agentVersion: versionOf(headers.userAgent ?? null),
    itemType: 'Unmanaged',
    partial: true,
    tag: null,
    sections: {},
    device: null,
    software: null,
    warnings: warnings.list(),
  };
}

const agentIdOf = (headers: AgentHeaders): string | null => headers.agentId?.trim().toLowerCase() || null;

function assemble(
  raw: RawReport,
  dialect: 'xml' | 'json',
  damaged: boolean,
  headers: AgentHeaders,
  warnings: Warnings,
  limits: Limits,
): Report {
  const head = (key: string): string | null => {
    const text = textOf(raw.head[key]);
    return text === null ? null : cleanText(text, key, warnings).slice(0, 300);
  };
  const kind = kindOf(raw, dialect, head);
  const sections = sectionsOf(raw, kind, warnings, limits);
  const program = textOf(sections['versionclient']);
  const family = familyOf(headers, program ?? head('name'), dialect === 'json' ? 'glpi' : otherFamily(raw, headers));
  const device = kind === 'inventory' || kind === 'netinventory' ? deviceFacts(sections) : null;
  const partial = raw.truncated || damaged || (raw.head['partial'] !== undefined && yesNo(raw.head['partial']) === true);
  return {
    family,
    kind,
    deviceId: kind === 'netinventory' && dialect === 'xml' ? scannedId(sections, device) : head('deviceid'),
    // An answer about the network carries the id of the machine that scanned, which says nothing about what it found.
    agentId: kind === 'netinventory' || kind === 'netdiscovery' ? null : agentIdOf(headers),
    agentVersion: (kind === 'contact' ? head('version') : null) ?? versionOf(program ?? headers.userAgent ?? null),
    itemType: head('itemtype') ?? scannedType(kind, sections) ?? 'Computer',
    partial,
    tag: head('tag') ?? tagOf(sections),
    sections,
    device,
    software:
      kind === 'inventory' || kind === 'netinventory' ? softwareRows(sections['softwares'], device?.os?.family ?? null, warnings) : null,
    warnings: warnings.list(),
  };
}

function kindOf(raw: RawReport, dialect: 'xml' | 'json', head: (key: string) => string | null): ReportKind {
  const query = head('query');
  if (dialect === 'xml' && query !== null) return kindOfQuery(query);
  const action = head('action');
  if (action !== null) return kindOfAction(action);
  return Object.keys(raw.content).length > 0 ? 'inventory' : 'unknown';
}

function sectionsOf(raw: RawReport, kind: ReportKind, warnings: Warnings, limits: Limits): Record<string, Json> {
  const shaped =
    kind === 'netdiscovery' ? reshapeNetDiscovery(raw.content) : kind === 'netinventory' ? reshapeNetInventory(raw.content) : raw.content;
  return normaliseSections(shaped, warnings, limits);
}

/** Without a user agent or program name: OCS declares `application/x-compress`, FusionInventory sends a TOKEN. */
function otherFamily(raw: RawReport, headers: AgentHeaders): AgentFamily {
  if (/^application\/x-compress(ed)?\s*(;|$)/i.test(headers.contentType ?? '')) return 'ocs';
  return Object.keys(raw.head).length > 0 || Object.keys(raw.content).length > 0 ? 'fusioninventory' : 'unknown';
}

/**
 * The DEVICEID of an SNMP answer names the machine that scanned. The scanned device goes by its manufacturer and serial, else by
 * its MAC, else by its address.
 */
function scannedId(sections: Record<string, Json>, device: DeviceFacts | null): string | null {
  const info = isObject(sections['network_device']) ? sections['network_device'] : {};
  if (device?.serial) return `snmp:${device.manufacturer ?? ''}:${device.serial}`;
  const mac = textOf(info['mac']) ?? device?.interfaces?.find((i) => i.mac !== null)?.mac ?? null;
  if (mac !== null) return `snmp:${mac.toLowerCase()}`;
  const ip = Array.isArray(info['ips']) ? textOf(info['ips'][0]) : null;
  return ip === null ? null : `snmp:${ip}`;
}

function scannedType(kind: ReportKind, sections: Record<string, Json>): string | null {
  if (kind !== 'netinventory') return null;
  const info = isObject(sections['network_device']) ? sections['network_device'] : {};
  return itemTypeOf(textOf(info['type'])) ?? 'Unmanaged';
}

/** FusionInventory and OCS send the tag as account information. */
function tagOf(sections: Record<string, Json>): string | null {
  const rows = Array.isArray(sections['accountinfo']) ? sections['accountinfo'].filter((row): row is Obj => isObject(row)) : [];
  const row = rows.find((r) => textOf(r['keyname'])?.toUpperCase() === 'TAG');
  return row ? (textOf(row['keyvalue'])?.slice(0, 300) ?? null) : null;
}
