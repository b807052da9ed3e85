import { t, valueWord, type MessageKey } from '../app/messages.ts';
import { humanise } from './formatting.ts';

export type Tone = 'good' | 'warning' | 'bad' | 'info' | 'neutral';

const tones: Record<string, Tone> = {
  in_use: 'good',
  assigned: 'good',
  active: 'good',
  done: 'good',
  compliant: 'good',
  linked: 'good',
  certain: 'good',
  discovered: 'info',
  requested: 'info',
  on_order: 'info',
  in_transit: 'info',
  running: 'info',
  surplus: 'info',
  future: 'info',
  created: 'info',
  in_maintenance: 'warning',
  held: 'warning',
  hold: 'warning',
  unknown: 'warning',
  expired: 'warning',
  low: 'warning',
  weak: 'warning',
  lost: 'bad',
  stolen: 'bad',
  failed: 'bad',
  short: 'bad',
  unlicensed: 'bad',
  conflict: 'bad',
};

/** How a state should feel. The word always stands beside the colour. */
export function toneOf(value: string): Tone {
  return tones[value] ?? 'neutral';
}

/** The word for a value of an enumeration, for example `in_stock`. Written names such as `glpi` have their own spelling. */
const written: Record<string, string> = {
  glpi: 'GLPI Agent',
  fusioninventory: 'FusionInventory',
  ocs: 'OCS Inventory',
  osquery: 'osquery',
  os: 'Operating system',
  macos: 'macOS',
  bsd: 'BSD',
  msi: 'MSI',
  rpm: 'RPM',
  deb: 'deb',
  apk: 'APK',
  pdf: 'PDF',
  vpn: 'VPN',
  cad: 'CAD',
  windows_server_core: 'Windows Server cores',
  site: 'Site',
  netinventory: 'SNMP inventory',
  netdiscovery: 'Network discovery',
  snmp: 'SNMP walk',
  ups: 'UPS',
  pdu: 'PDU',
  kvm: 'KVM',
  cpu: 'CPU',
};
export function wordOf(value: string): string {
  return valueWord(value) ?? written[value] ?? humanise(value);
}

/** What the absence of a value means, where it does not mean that nobody knows. */
const absences: Record<string, MessageKey> = {
  'entitlements.quantity': 'none.unlimited',
  'positions.owned': 'none.unlimited',
  'entitlements.endsOn': 'none.perpetual',
  'entitlements.startsOn': 'none.always',
  'entitlements.edition': 'none.any',
  'assets.tag': 'none.none',
  'assets.person': 'none.nobody',
  'entitlements.agreement': 'none.none',
  'entitlements.notes': 'none.none',
  'software.removedAt': 'none.installed',
  'installations.removedAt': 'none.installed',
  'software.product': 'none.unrecognised',
  'installations.product': 'none.unrecognised',
  'evidence.product': 'none.unrecognised',
  'software.user': 'none.everyone',
  'installations.user': 'none.everyone',
  'tokens.expiresAt': 'none.never',
  'tokens.lastUsedAt': 'none.never',
  'enrolment-keys.expiresAt': 'none.never',
  'enrolment-keys.lastUsedAt': 'none.never',
  'enrolment-keys.tag': 'none.none',
  'users.lastSignInAt': 'none.never',
  'users.roles': 'none.none',
  'recognition-rules.publisher': 'none.any',
  'recognition-rules.channel': 'none.any',
  'recognition-rules.edition': 'none.none',
  'recognition-rules.retiredAt': 'none.inForce',
  'jobs.total': 'none.dash',
  'jobs.message': 'none.dash',
  'jobs.error': 'none.none',
  'jobs.startedAt': 'none.notYet',
  'jobs.finishedAt': 'none.notYet',
  'jobs.createdBy': 'none.system',
  'reports.asset': 'none.none',
  'reports.outcome': 'none.notYet',
  'reports.processedAt': 'none.notYet',
  'reports.error': 'none.none',
  'reports.partial': 'none.notYet',
  'reports.enrolmentKey': 'none.none',
  'demands.entitlement': 'none.nothing',
  'demands.asset': 'none.dash',
  'demands.exemption': 'none.none',
  'positions.costToCure': 'none.dash',
  'positions.surplusValue': 'none.dash',
  'entitlements.unitPrice': 'none.unknown',
  'observations.asset': 'none.none',
  'observations.tag': 'none.none',
  'audit-log.resourceId': 'none.dash',
  'evidence.code': 'none.none',
  'evidence.edition': 'none.none',
  'evidence.release': 'none.none',
  'software.edition': 'none.none',
  'installations.edition': 'none.none',
};

/** The word for null in this field: `unknown` unless the field says otherwise. */
export function absenceOf(resource: string, field: string): string {
  return t(absences[`${resource}.${field}`] ?? 'none.unknown');
}
