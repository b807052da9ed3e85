import { boardSerial, mainComponent, modelOf, serialOf } from './components.ts';
import { devicesOf, enterpriseOf, type SnmpKnowledge } from './knowledge.ts';
import type { OidMap } from './oid-map.ts';
import { isPrinter } from './printer.ts';
import { type NetworkComponent, type NetworkDevice, type NetworkDeviceType, networkDeviceTypes, type NetworkPort } from './types.ts';
import { isUps } from './ups.ts';

type Identity = Pick<NetworkDevice, 'type' | 'typeReason' | 'vendor' | 'model' | 'serial' | 'firmware'>;

/** Agents of an enterprise that leave only a few rows are add-ons, not what the device is. */
const fewRows = 5;

/**
 * What the device is. Most is believed of a known sysObjectID, then what the description says, then the tables that only one type of
 * device has, then what the maker is known for, and last how it forwards packets.
 */
export function identify(
  oids: OidMap,
  objectId: string | null,
  description: string | null,
  ports: readonly NetworkPort[],
  components: readonly NetworkComponent[],
  knowledge: SnmpKnowledge,
): Identity {
  const makers = makersOf(oids, objectId, knowledge);
  const rows = objectId === null ? [] : devicesOf(knowledge, objectId);
  const said = fromDescription(description, knowledge);
  const own = fromObjects(oids, makers, knowledge);
  const main = mainComponent(components);
  const [type, typeReason] = typeOf(oids, rows.find((r) => r.type)?.type, said.type, makers, ports, knowledge);
  const general = '1.3.6.1.2.1.43.5.1.1';
  return {
    type,
    typeReason,
    vendor:
      rows.find((r) => r.vendor)?.vendor ??
      makers.map((n) => knowledge.enterprises.get(n)?.vendor).find((v) => v !== undefined) ??
      said.vendor ??
      modelOf(main?.manufacturer ?? null),
    model:
      rows.find((r) => r.model)?.model ??
      main?.model ??
      own.model ??
      said.model ??
      (isPrinter(oids) ? (modelOf(oids.text(`${general}.16.1`)) ?? modelOf(oids.text('1.3.6.1.2.1.25.3.2.1.3.1'))) : null) ??
      modelOf(oids.text('1.3.6.1.2.1.33.1.1.2.0')),
    serial:
      main?.serial ??
      (isPrinter(oids) ? serialOf(oids.text(`${general}.17.1`)) : null) ??
      own.serial ??
      boardSerial(components) ??
      serialOf(said.serial),
    firmware: own.firmware ?? said.firmware ?? main?.software ?? main?.firmware ?? null,
  };
}

/** Enterprise numbers, the one of the sysObjectID first, then those with the most rows. */
function makersOf(oids: OidMap, objectId: string | null, knowledge: SnmpKnowledge): number[] {
  const own = objectId === null ? null : enterpriseOf(objectId);
  const there = [...oids.enterprises()]
    .filter(([number, rows]) => number !== own && rows >= fewRows && knowledge.enterprises.get(number)?.vendor !== undefined)
    .sort((a, b) => b[1] - a[1])
    .map(([number]) => number);
  return own === null ? there : [own, ...there];
}

interface Said {
  type: string | null;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  serial: string | null;
}

function fromDescription(description: string | null, knowledge: SnmpKnowledge): Said {
  const said: Said = { type: null, vendor: null, model: null, firmware: null, serial: null };
  if (description === null) return said;
  const text = description.slice(0, 600);
  for (const row of knowledge.descriptions) {
    const m = row.regex.exec(text);
    if (!m) continue;
    const group = (n: number | undefined): string | null => (n === undefined ? null : (m[n]?.trim() ?? null));
    said.type ??= row.type ?? null;
    said.vendor ??= row.vendor ?? null;
    said.model ??= modelOf(group(row.model));
    said.firmware ??= group(row.firmware);
    said.serial ??= group(row.serial);
  }
  return said;
}

/** The type that the text of sysDescr tells; null when it tells none. */
export function typeOfDescription(description: string, knowledge: SnmpKnowledge): NetworkDeviceType | null {
  return knownType(fromDescription(description, knowledge).type);
}

function fromObjects(oids: OidMap, makers: readonly number[], knowledge: SnmpKnowledge): Pick<Said, 'model' | 'firmware' | 'serial'> {
  const found: Pick<Said, 'model' | 'firmware' | 'serial'> = { model: null, firmware: null, serial: null };
  for (const maker of makers)
    for (const row of knowledge.objects) {
      if (row.enterprise !== maker) continue;
      const whole = oids.text(row.oid);
      const text = whole !== null && row.regex ? (row.regex.exec(whole)?.[1] ?? null) : whole;
      if (row.field === 'serial') found.serial ??= serialOf(text);
      else if (row.field === 'model') found.model ??= modelOf(text);
      else if (row.field === 'firmware') found.firmware ??= modelOf(text);
    }
  return found;
}

type Told = [NetworkDeviceType | null, string | null];

function typeOf(
  oids: OidMap,
  byObject: string | undefined,
  bySaying: string | null,
  makers: readonly number[],
  ports: readonly NetworkPort[],
  knowledge: SnmpKnowledge,
): Told {
  const named = knownType(byObject);
  if (named) return [named, 'object_id'];
  const said = knownType(bySaying);
  if (said) return [said, 'description'];
  if (isPrinter(oids)) return ['printer', 'printer_mib'];
  if (isUps(oids)) return ['ups', 'ups_mib'];
  const maker = makers.map((n) => knownType(knowledge.enterprises.get(n)?.type)).find((t) => t !== null);
  if (maker) return [maker, 'enterprise'];
  if (oids.has('1.3.6.1.2.1.25.1') && oids.has('1.3.6.1.2.1.25.4.2')) return ['server', 'host'];
  if ((oids.number('1.3.6.1.2.1.17.1.2.0') ?? 0) >= 2 || oids.has('1.3.6.1.2.1.17.4.3')) return ['switch', 'bridge'];
  if (oids.number('1.3.6.1.2.1.4.1.0') === 1 && ports.filter((p) => p.ifType !== 24).length >= 2) return ['router', 'routing'];
  return [null, null];
}

function knownType(name: string | null | undefined): NetworkDeviceType | null {
  return networkDeviceTypes.find((type) => type === name) ?? null;
}
