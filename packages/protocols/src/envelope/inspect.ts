import type { AgentFamily, ReportKind } from '../report.ts';
import { type Encoding, openBody } from './body.ts';
import { type Limits, type Refusal, refuse } from './limits.ts';
import { scanJson } from './scan-json.ts';
import { scanXml } from './scan-xml.ts';
import { asciiSuperset } from './text.ts';

/** The request's headers that matter, as the server received them. */
export interface AgentHeaders {
  readonly contentType?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  /** GLPI-Agent-ID. */
  readonly agentId?: string | null | undefined;
  /** GLPI-Request-ID. */
  readonly requestId?: string | null | undefined;
}

export interface Inspection {
  readonly ok: true;
  readonly family: AgentFamily;
  readonly kind: ReportKind;
  readonly dialect: 'json' | 'xml' | 'unknown';
  readonly deviceId: string | null;
  /** Orders the reports of one machine: `family:deviceid`; null when the body names no device. */
  readonly deviceKey: string | null;
  readonly agentId: string | null;
  readonly agentVersion: string | null;
  readonly itemType: string | null;
  readonly partial: boolean;
  readonly encoding: Encoding;
  readonly inflatedBytes: number;
  /** False when neither XML nor JSON could be made out: kept, but answered as an error. */
  readonly readable: boolean;
  readonly bodyState: 'whole' | 'truncated' | 'damaged';
}

/**
 * A cheap look at a body before it is stored: who sends what about which machine, and whether it stays within the limits.
 * Complete reading is decodeReport's work.
 */
export function inspect(body: Uint8Array, headers: AgentHeaders, limits: Limits): Inspection | Refusal {
  const open = openBody(body, limits, { salvage: false });
  if (!open.ok) return open;
  const base = { ok: true as const, encoding: open.encoding, inflatedBytes: open.bytes.length, bodyState: open.state };
  const bytes = asciiSuperset(open.bytes);
  const first = firstSignificant(bytes);
  if (first === 0x3c) {
    const scan = scanXml(bytes, limits.maxDepth);
    if (scan.refused === 'doctype') return refuse('doctype', 'XML with a document type or entity declaration is refused.');
    if (scan.refused === 'too_deep') return refuse('too_deep', `XML nested deeper than ${limits.maxDepth} elements is refused.`);
    const family = familyOf(headers, scan.versionClient, scan.hasToken ? 'fusioninventory' : xmlDefault(headers));
    const query = scan.query?.toUpperCase() ?? null;
    const known = scan.root === 'REQUEST' || query !== null;
    return {
      ...base,
      ...identify(known ? family : 'unknown', scan.deviceId, headers),
      kind: queryKinds[query ?? ''] ?? 'unknown',
      dialect: 'xml',
      agentVersion: versionOf(scan.versionClient ?? headers.userAgent ?? null),
      itemType: scan.itemType,
      partial: false,
      readable: known,
    };
  }
  if (first === 0x7b) {
    const scan = scanJson(bytes, limits.maxDepth);
    if (scan.refused === 'too_deep') return refuse('too_deep', `JSON nested deeper than ${limits.maxDepth} levels is refused.`);
    const action = scan.top['action']?.toLowerCase() ?? 'inventory';
    return {
      ...base,
      ...identify(familyOf(headers, scan.top['name'] ?? null, 'glpi'), scan.top['deviceid'] || null, headers),
      kind: actionKinds[action] ?? 'unknown',
      dialect: 'json',
      agentVersion: scan.top['version'] || versionOf(headers.userAgent ?? null),
      itemType: scan.top['itemtype'] ?? null,
      partial: scan.top['partial'] === 'true',
      readable: true,
    };
  }
  const damaged = open.state === 'damaged' && open.encoding !== 'plain';
  return {
    ...base,
    ...identify(familyOf(headers, null, 'unknown'), null, headers),
    kind: 'unknown',
    dialect: 'unknown',
    agentVersion: versionOf(headers.userAgent ?? null),
    itemType: null,
    partial: false,
    readable: damaged,
  };
}

const queryKinds: Record<string, ReportKind> = {
  PROLOG: 'prolog',
  INVENTORY: 'inventory',
  NETDISCOVERY: 'netdiscovery',
  SNMPQUERY: 'netinventory',
  NETINVENTORY: 'netinventory',
  SNMP: 'netinventory',
};

const actionKinds: Record<string, ReportKind> = {
  contact: 'contact',
  prolog: 'prolog',
  inventory: 'inventory',
  injector: 'inventory',
  register: 'inventory',
  get_params: 'get_params',
  netdiscovery: 'netdiscovery',
  netinventory: 'netinventory',
};

export const kindOfQuery = (query: string): ReportKind => queryKinds[query.toUpperCase()] ?? 'unknown';
export const kindOfAction = (action: string): ReportKind => actionKinds[action.toLowerCase()] ?? 'unknown';

function identify(family: AgentFamily, deviceId: string | null, headers: AgentHeaders) {
  const agentId = headers.agentId?.trim().toLowerCase() || null;
  return { family, deviceId, agentId, deviceKey: deviceKeyOf(family, deviceId, agentId) };
}

/** Orders the reports of one machine. An agent keeps its key whether it speaks XML or JSON. */
export function deviceKeyOf(family: AgentFamily, deviceId: string | null, agentId: string | null): string | null {
  if (deviceId !== null) return `${family}:${deviceId.replaceAll('\0', '').slice(0, 300)}`;
  return agentId === null ? null : `${family}:agent:${agentId.slice(0, 100)}`;
}

/** OCS agents declare `application/x-compress`, without `-zlib`. */
const xmlDefault = (headers: AgentHeaders): AgentFamily =>
  /^application\/x-compress(ed)?\s*(;|$)/i.test(headers.contentType ?? '') ? 'ocs' : 'fusioninventory';

/** The agent family, by what the report says about its program, else by the user agent and headers. */
export function familyOf(headers: AgentHeaders, program: string | null, otherwise: AgentFamily): AgentFamily {
  for (const text of [headers.userAgent, program]) {
    if (!text) continue;
    if (/^ocs|ocsinventory|ocs-ng/i.test(text)) return 'ocs';
    if (/fusioninventory/i.test(text)) return 'fusioninventory';
    if (/glpi/i.test(text)) return 'glpi';
    if (/osquery/i.test(text)) return 'osquery';
  }
  return headers.agentId ? 'glpi' : otherwise;
}

/** `1.12-dev` of `GLPI-Agent_v1.12-dev`. */
export function versionOf(program: string | null): string | null {
  return /_?v?(\d+(?:\.\d+)+[\w.~+-]*)/.exec(program ?? '')?.[1]?.slice(0, 60) ?? null;
}

function firstSignificant(bytes: Uint8Array): number {
  for (const b of bytes) if (b > 0x20) return b;
  return 0;
}
