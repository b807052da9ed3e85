import type { SeedDevice } from './fleet.ts';
import { type Office, offices } from './organisation.ts';
import { random } from './random.ts';

/** What is seen on one port of a switch: machines behind it, or another switch that told its name. */
export interface SeedPort {
  index: number;
  name: string;
  mac: string;
  /** In Mbit/s; null is a port that is down. */
  speed: number | null;
  vlan: number;
  /** MAC addresses that the switch has learned here. */
  learned: readonly string[];
  /** The neighbour that LLDP tells: its address, name, and port. */
  neighbour: { mac: string; name: string; port: string } | null;
}

/** A device that a scanner reads over SNMP. */
export interface SeedNetworkDevice {
  kind: 'NETWORKING' | 'PRINTER';
  name: string;
  manufacturer: string;
  model: string;
  description: string;
  serial: string;
  mac: string;
  ip: string;
  office: Office;
  ports: readonly SeedPort[];
  /** Members of the stack, or power supplies: what has a serial of its own. */
  parts: readonly { index: number; within: number | null; kind: string; model: string; serial: string }[];
  /** Toner left in percent, by the names that scanners use; pages printed in all. Null where it is no printer. */
  printer: { toner: Record<string, number>; pages: number } | null;
}

/** Ports of an access switch that machines use; one more goes up. */
const portsPerSwitch = 40;
const uplinkIndex = 49;
const hex = (n: number): string => (n & 255).toString(16).padStart(2, '0');

/**
 * The network of each office that has machines: a core of two stacked switches, access switches with the machines behind their
 * ports, and printers. A few ports carry things that no agent knows: a camera, a desk phone, telephones with random addresses.
 */
export function makeNetwork(seed: number, devices: readonly SeedDevice[]): SeedNetworkDevice[] {
  return offices.flatMap((office) => {
    const here = devices.filter((d) => d.office.code === office.code);
    return here.length === 0 ? [] : networkOf(seed, office, here);
  });
}

function networkOf(seed: number, office: Office, machines: readonly SeedDevice[]): SeedNetworkDevice[] {
  const atDesks = machines.filter((d) => d.virtualOn === null && d.platform !== 'windows-server');
  const access = Array.from({ length: Math.ceil(atDesks.length / portsPerSwitch) }, (_, i) =>
    accessSwitch(seed, office, i, atDesks.slice(i * portsPerSwitch, (i + 1) * portsPerSwitch)),
  );
  const printers = Array.from({ length: Math.ceil(atDesks.length / 60) }, (_, i) => printer(seed, office, i));
  const core = coreSwitch(seed, office, { access, printers, servers: machines.filter((d) => !atDesks.includes(d)) });
  return [core, ...access, ...printers];
}

/** `kind`: 0 core, 1 access, 2 printer; a network device of its own gets the next free address of the office's management network. */
function addressOf(office: Office, kind: number, number: number): { ip: string; mac: string } {
  const oui = kind === 2 ? '3c:52:82' : '00:1b:54';
  return { ip: `10.${office.subnet}.${250 + kind}.${10 + number}`, mac: `${oui}:${hex(office.subnet)}:${hex(kind)}:${hex(number * 2)}` };
}

const portMac = (mac: string, index: number): string => `${mac.slice(0, 9)}${hex(0x80 + index)}:${mac.slice(12)}`;

function ciscoSerial(seed: number, office: Office, what: string): string {
  const r = random(seed, `serial ${office.code} ${what}`);
  return `FOC${2000 + r.int(700)}${r.hex(4).toUpperCase()}`;
}

const nameOf = (office: Office, kind: string, number: number): string => `${office.code}-${kind}${String(number + 1).padStart(2, '0')}`;

function accessSwitch(seed: number, office: Office, number: number, machines: readonly SeedDevice[]): SeedNetworkDevice {
  const { ip, mac } = addressOf(office, 1, number);
  const core = addressOf(office, 0, 0);
  const name = nameOf(office, 'sw', number);
  const r = random(seed, `switch ${name}`);
  const port = (index: number, learned: string[]): SeedPort => ({
    index,
    name: `Gi1/0/${index}`,
    mac: portMac(mac, index),
    speed: learned.length > 0 ? 1000 : null,
    vlan: 20,
    learned,
    neighbour: null,
  });
  const unknown = [
    [`00:40:8c:${hex(office.subnet)}:${hex(number)}:01`],
    [`80:5e:c0:${hex(office.subnet)}:${hex(number)}:02`],
    // Telephones behind an access point change their address every day; bit 1 of the first byte says so.
    Array.from({ length: 6 }, () => `${r.pick(['2', '6', 'a', 'e'].map((low) => `d${low}`))}:${r.hex(10).replace(/(..)(?=.)/g, '$1:')}`),
  ];
  const serial = ciscoSerial(seed, office, name);
  return {
    kind: 'NETWORKING',
    name,
    manufacturer: 'Cisco',
    model: 'C9200L-48P-4G',
    description: 'Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_LITE_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)',
    serial,
    mac,
    ip,
    office,
    ports: [
      ...machines.map((m, i) => port(i + 1, [m.mac])),
      ...unknown.map((learned, i) => port(portsPerSwitch + 1 + i, learned)),
      {
        ...port(uplinkIndex, []),
        name: 'Gi1/1/1',
        speed: 10_000,
        neighbour: { mac: core.mac, name: nameOf(office, 'core', 0), port: `Te1/1/${number + 1}` },
      },
    ],
    parts: [{ index: 1001, within: null, kind: 'chassis', model: 'C9200L-48P-4G', serial }],
    printer: null,
  };
}

function coreSwitch(
  seed: number,
  office: Office,
  below: { access: readonly SeedNetworkDevice[]; printers: readonly SeedNetworkDevice[]; servers: readonly SeedDevice[] },
): SeedNetworkDevice {
  const { ip, mac } = addressOf(office, 0, 0);
  const name = nameOf(office, 'core', 0);
  const serials = [1, 2].map((member) => ciscoSerial(seed, office, `${name} ${member}`));
  const port = (index: number, portName: string, more: Partial<SeedPort>): SeedPort => ({
    index,
    name: portName,
    mac: portMac(mac, index),
    speed: 10_000,
    vlan: 10,
    learned: [],
    neighbour: null,
    ...more,
  });
  const physical = below.servers.filter((d) => d.virtualOn === null);
  return {
    kind: 'NETWORKING',
    name,
    manufacturer: 'Cisco',
    model: 'C9500-24Y4C',
    description: 'Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)',
    serial: serials[0] as string,
    mac,
    ip,
    office,
    ports: [
      ...below.access.map((s, i) =>
        port(1 + i, `Te1/1/${i + 1}`, {
          neighbour: { mac: s.mac, name: s.name, port: 'Gi1/1/1' },
          learned: s.ports.flatMap((p) => p.learned),
        }),
      ),
      ...below.printers.map((p, i) => port(201 + i, `Gi2/0/${i + 1}`, { learned: [p.mac], speed: 1000, vlan: 30 })),
      ...physical.map((d, i) => port(301 + i, `Te2/1/${i + 1}`, { learned: [d.mac] })),
      port(999, 'Po1', { learned: below.servers.filter((d) => d.virtualOn !== null).map((d) => d.mac) }),
    ],
    parts: serials.map((serial, i) => ({ index: 1001 + i * 1000, within: null, kind: 'chassis', model: 'C9500-24Y4C', serial })),
    printer: null,
  };
}

function printer(seed: number, office: Office, number: number): SeedNetworkDevice {
  const { ip, mac } = addressOf(office, 2, number);
  const name = nameOf(office, 'prn', number);
  const r = random(seed, `printer ${name}`);
  return {
    kind: 'PRINTER',
    name,
    manufacturer: 'HP',
    model: 'HP Color LaserJet MFP M480f',
    description: 'HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI24120125',
    serial: `VNB3${r.hex(6).toUpperCase()}`,
    mac,
    ip,
    office,
    ports: [{ index: 1, name: 'eth0', mac, speed: 1000, vlan: 30, learned: [], neighbour: null }],
    parts: [],
    printer: {
      toner: { TONERBLACK: 5 + r.int(95), TONERCYAN: 5 + r.int(95), TONERMAGENTA: 5 + r.int(95), TONERYELLOW: 5 + r.int(95) },
      pages: 4000 + r.int(180_000),
    },
  };
}
