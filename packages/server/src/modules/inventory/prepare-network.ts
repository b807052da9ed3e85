import { classOfScanned, extractKeys } from '@muster/core/identity';
import { isRandomMac, measuredFacts, networkFacts, type ScannedDevice, scannedDevices, typeOfDescription } from '@muster/protocols';
import type { IngestItem } from './ingest.ts';
import { networkKnowledge } from './network-knowledge.ts';
import { placeholderLists, type Prepared, type Scan, sectionOf } from './prepare.ts';

/**
 * What a network scan found: an observation for each device. What answered SNMP or has a serial number may become an asset; what was only
 * seen updates an asset that exists and is held otherwise, so that a scan of a guest network floods nothing. The start and the end of a
 * scan are one observation of the scanner.
 */
export function prepareNetwork(item: IngestItem, index: number): Prepared[] {
  const { report } = item;
  const devices = scannedDevices(report);
  const base = { index, item, partial: false, onlyAdds: false, software: null, system: null, seenAt: item.receivedAt };
  const source = item.source === 'snmp' ? 'snmp' : report.kind;
  if (devices.length === 0) {
    return [
      {
        ...base,
        source,
        nativeId: `scan:${report.deviceId ?? item.deviceKey}`.slice(0, 500),
        itemType: report.itemType,
        sections: new Map(Object.entries(report.sections).map(([name, content]) => [name, sectionOf(content)])),
        keys: [],
        device: null,
        scan: null,
        heldBecause: 'It tells that a network scan started or ended, and nothing of a device.',
        holdUnknown: null,
      },
    ];
  }
  const incomplete = report.partial;
  return devices.map((found, i) => {
    const keys = keysOf(found);
    const bySerial = keys.some((k) => k.kind === 'serial' && k.quality !== 'placeholder') ? found.bySerial : null;
    return {
      ...base,
      source,
      partial: incomplete,
      nativeId: (bySerial ?? found.byAddress ?? `${item.deviceKey}#${i}`).slice(0, 500),
      itemType: found.itemType,
      sections: new Map(Object.entries(found.sections).map(([name, content]) => [name, sectionOf(content)])),
      keys,
      device: found.device,
      scan: scanOf(found),
      heldBecause: found.device === null ? `The scan could not read the device${found.error === null ? '.' : `: ${found.error}`}` : null,
      holdUnknown: bySerial === null && !item.decided ? tooLittle(found) : null,
    };
  });
}

/** The address of the device itself counts besides those of its ports. */
function keysOf(found: ScannedDevice): Prepared['keys'] {
  if (found.device === null) return [];
  const own = { mac: found.mac, virtual: false, type: null, driver: null };
  const interfaces = [...(found.device.interfaces ?? []), own];
  return extractKeys({ ...found.device, interfaces, agentId: null, memberSerials: membersOf(found) }, placeholderLists);
}

/** The serial numbers of a stack's members. A single chassis is the device itself. */
function membersOf(found: ScannedDevice): string[] {
  const chassis = (networkFacts(found.sections).components ?? []).flatMap((c) =>
    c.kind === 'chassis' && c.serial !== null ? [c.serial] : [],
  );
  return chassis.length > 1 ? chassis : [];
}

function scanOf(found: ScannedDevice): Scan {
  return { classKey: scannedClass(found.kind, found.description), ...networkFacts(found.sections), ...measuredFacts(found.sections) };
}

function scannedClass(kind: string | null, description: string | null): string | null {
  return classOfScanned(kind, description === null ? null : typeOfDescription(description, networkKnowledge));
}

/** Sources that look at a device from outside and tell its class themselves. */
export const scanSources: ReadonlySet<string> = new Set(['netdiscovery', 'netinventory', 'snmp']);

/** The sections in which scans say what a device is. */
export const scanSections: readonly string[] = ['network_device', 'device'];

/** The class that a scan gave by its stored section; null when it cannot tell. */
export function classOfScanSection(content: unknown): string | null {
  const told = content !== null && typeof content === 'object' ? (content as Record<string, unknown>) : {};
  const text = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);
  return scannedClass(text(told['type'])?.toLowerCase() ?? null, text(told['description']));
}

/** Why an asset is not made of what has no serial number when none is known; null when enough is known to know it again. */
function tooLittle(found: ScannedDevice): string | null {
  if (found.mac === null && !found.device?.interfaces?.some((i) => i.mac !== null && !i.virtual))
    return 'It was found by a network scan that gave no serial number and no MAC address: nothing would tell it from another.';
  if (found.mac !== null && isRandomMac(found.mac)) return 'Its MAC address is a random one that changes, and it gave no serial number.';
  if (!found.asked)
    return 'It was only seen by a network scan, which could not ask what it is. It belongs to an asset once one with its address is known.';
  return null;
}
