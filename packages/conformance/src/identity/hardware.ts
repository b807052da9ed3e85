import type { IdentityFacts } from '@muster/core/identity';
import type { Chance } from './chance.ts';

export interface Nic {
  mac: string | null;
  virtual: boolean;
  type: string | null;
  driver: string | null;
}

/** A machine as it really is; what a source tells of it is another matter. */
export interface Machine {
  readonly id: string;
  manufacturer: string;
  model: string;
  serial: string | null;
  enclosureSerial: string | null;
  boardSerial: string | null;
  uuid: string | null;
  assetTag: string | null;
  name: string;
  domain: string | null;
  osFamily: string;
  vmSystem: string | null;
  nics: Nic[];
  disks: string[];
  machineId: string | null;
  imeis: string[];
  udid: string | null;
  instanceId: string | null;
  containerId: string | null;
  memberSerials: string[];
  /** The installed agent's own ids; a re-image makes new ones. */
  agentId: string;
  deviceId: string;
}

interface Maker {
  readonly names: readonly string[];
  readonly serial: string;
  readonly board: string;
  readonly models: readonly string[];
  readonly ouis: readonly string[];
}

const makers: readonly Maker[] = [
  {
    names: ['Dell Inc.', 'Dell Inc.', 'DELL'],
    serial: '??????3',
    board: '/??????3/CN######A0####/',
    models: ['Latitude 5540', 'Latitude 7430', 'OptiPlex 7010', 'Precision 3581'],
    ouis: ['a4bb6d', 'd8d090', '8cec4b'],
  },
  {
    names: ['HP', 'Hewlett-Packard', 'HP Inc.'],
    serial: '5CG#####??',
    board: 'P????A##A#A###',
    models: ['HP EliteBook 840 G9', 'HP ProBook 450 G8', 'HP ProDesk 600 G5'],
    ouis: ['7c4d8f', '3024a9', 'c85acf'],
  },
  {
    names: ['LENOVO', 'LENOVO', 'Lenovo'],
    serial: 'PF#?????',
    board: 'L1HF######A',
    models: ['20XW004AGE', '21CB001LGE', '11DUS0F500'],
    ouis: ['8c8caa', '5c60ba', 'e86a64'],
  },
  {
    names: ['FUJITSU', 'FUJITSU CLIENT COMPUTING LIMITED'],
    serial: 'YM#A######',
    board: 'S26361-D####-######',
    models: ['LIFEBOOK U7412', 'ESPRIMO Q7010'],
    ouis: ['901b0e', '4c5262'],
  },
];

export const wifiOuis = ['a0510b', '5c879c', '94e6f7', '14ac60'];
export const usbOuis = ['00e04c', '3c18a0', '00249b'];

export const macOf = (chance: Chance, oui: string): string => `${oui}${chance.hex(12 - oui.length)}`.replace(/..(?!$)/g, '$&:');
/** As phones and laptops make them up: the local bit is set. */
export const randomMac = (chance: Chance): string => macOf(chance, `${chance.hex(1)}${chance.pick(['2', '6', 'a', 'e'])}${chance.hex(4)}`);
export const uuidOf = (chance: Chance): string =>
  `${chance.hex(8)}-${chance.hex(4)}-4${chance.hex(3)}-${chance.pick(['8', '9', 'a', 'b'])}${chance.hex(3)}-${chance.hex(12)}`;

export const ethernet = (mac: string, driver: string | null = 'e1000e'): Nic => ({ mac, virtual: false, type: 'ethernet', driver });
export const wifi = (mac: string): Nic => ({ mac, virtual: false, type: 'wifi', driver: 'iwlwifi' });
/** A dock or dongle. Windows agents seldom tell the driver, so nobody sees from the report that it can be unplugged. */
export const usbNic = (chance: Chance, mac: string): Nic => ethernet(mac, chance.odds(0.5) ? 'r8152' : null);

const domains = ['corp.example', 'emea.corp.example', 'plant.example'];

/** A name by one of the habits that firms have. */
export const nameOf = (chance: Chance): string =>
  chance.pick([
    chance.letters('PAR-LT-#####'),
    chance.letters('DESKTOP-???????'),
    chance.letters('muc-pc######'),
    chance.letters('W##A?????'),
  ]);

export function blank(chance: Chance, id: string): Machine {
  const name = nameOf(chance);
  return {
    id,
    manufacturer: '',
    model: '',
    serial: null,
    enclosureSerial: null,
    boardSerial: null,
    uuid: uuidOf(chance),
    assetTag: null,
    name,
    domain: chance.odds(0.8) ? chance.pick(domains) : 'WORKGROUP',
    osFamily: 'windows',
    vmSystem: null,
    nics: [],
    disks: [],
    machineId: null,
    imeis: [],
    udid: null,
    instanceId: null,
    containerId: null,
    memberSerials: [],
    ...agentIds(chance, name),
  };
}

/** A new installation of the agent: an id, and the older one made of name and time. */
export function agentIds(chance: Chance, name: string): { agentId: string; deviceId: string } {
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [chance.int(1, 12), chance.int(1, 28), chance.int(0, 23), chance.int(0, 59), chance.int(0, 59)].map(two).join('-');
  return { agentId: uuidOf(chance), deviceId: `${name}-2026-${time}` };
}

export function pc(chance: Chance, id: string, kind: 'laptop' | 'desktop' = chance.pick(['laptop', 'laptop', 'desktop'])): Machine {
  const maker = chance.pick(makers);
  const oui = chance.pick(maker.ouis);
  const hasLan = kind === 'desktop' || chance.odds(0.6);
  const hasWifi = kind === 'laptop' || chance.odds(0.2);
  return {
    ...blank(chance, id),
    manufacturer: chance.pick(maker.names),
    model: chance.pick(maker.models),
    serial: chance.letters(maker.serial),
    boardSerial: chance.odds(0.8) ? chance.letters(maker.board) : chance.pick(['Default string', 'Not Available', '']),
    assetTag: chance.odds(0.15) ? chance.letters('IT-0####') : chance.pick([null, 'No Asset Tag', 'Default string', '']),
    nics: [
      ...(hasLan ? [ethernet(macOf(chance, oui))] : []),
      ...(hasWifi ? [wifi(macOf(chance, chance.pick(wifiOuis)))] : []),
      ...(hasWifi ? [{ mac: '20:41:53:59:4e:ff', virtual: true, type: 'ethernet', driver: null }] : []),
    ],
    disks: [chance.odds(0.9) ? chance.letters('S5GXNF0R######') : ''],
  };
}

/** From a shop around the corner: what the board's maker left in firmware. */
export function whiteBox(chance: Chance, id: string): Machine {
  const maker = chance.pick([
    'To Be Filled By O.E.M.',
    'ASUS',
    'Gigabyte Technology Co., Ltd.',
    'Micro-Star International Co., Ltd.',
    'System manufacturer',
  ]);
  return {
    ...pc(chance, id, 'desktop'),
    manufacturer: maker,
    model: chance.pick(['To Be Filled By O.E.M.', 'System Product Name', 'B550M PRO', 'PRIME B460M-A', 'MS-7C91']),
    serial: chance.pick([
      'To be filled by O.E.M.',
      'System Serial Number',
      'Default string',
      '0',
      '',
      'Not Specified',
      '123456789',
      'Chassis Serial Number',
    ]),
    boardSerial: chance.odds(0.4) ? chance.letters('M80-D########') : 'Default string',
    uuid: chance.odds(0.75)
      ? uuidOf(chance)
      : chance.pick([
          '03000200-0400-0500-0006-000700080009',
          '00000000-0000-0000-0000-000000000000',
          'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
        ]),
    nics: [ethernet(macOf(chance, chance.pick(['2cf05d', 'd8bbc1', '04421a'])))],
    assetTag: null,
  };
}

export type Hypervisor = 'vmware' | 'kvm' | 'hyperv' | 'virtualbox';

/** VMware's serial number: the UUID's bytes in two groups. */
export const vmwareSerial = (uuid: string): string => {
  const bytes = uuid.replaceAll('-', '').match(/../g) ?? [];
  return `VMware-${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}`;
};

export function vm(chance: Chance, id: string, on: Hypervisor = chance.pick(['vmware', 'vmware', 'kvm', 'hyperv'])): Machine {
  const base = blank(chance, id);
  const linux = chance.odds(0.6);
  const name = linux ? chance.letters('srv-AAA-##') + chance.int(100, 999) : chance.letters('SRV?????');
  const uuid = base.uuid as string;
  const kinds = {
    vmware: {
      manufacturer: 'VMware, Inc.',
      model: 'VMware Virtual Platform',
      serial: vmwareSerial(uuid),
      mac: '005056',
      vmSystem: 'VMware',
    },
    kvm: {
      manufacturer: 'QEMU',
      model: 'Standard PC (Q35 + ICH9, 2009)',
      serial: chance.pick([null, 'Not Specified']),
      mac: chance.pick(['bc2411', '525400']),
      vmSystem: 'KVM',
    },
    hyperv: {
      manufacturer: 'Microsoft Corporation',
      model: 'Virtual Machine',
      serial: chance.letters('####-####-####-####-####-####-##'),
      mac: '00155d',
      vmSystem: 'Hyper-V',
    },
    virtualbox: {
      manufacturer: 'innotek GmbH',
      model: 'VirtualBox',
      serial: chance.odds(0.5) ? `VirtualBox-${uuid}` : '0',
      mac: '080027',
      vmSystem: 'VirtualBox',
    },
  } as const;
  const { mac, ...kind } = kinds[on];
  return {
    ...base,
    ...kind,
    name,
    ...agentIds(chance, name),
    domain: chance.pick(domains),
    boardSerial: on === 'vmware' ? 'None' : on === 'virtualbox' ? '0' : null,
    osFamily: linux ? 'linux' : 'windows',
    machineId: linux ? chance.hex(32) : null,
    // The hypervisor gives addresses below 00:50:56:c0, which belong to adapters of the workstation product.
    nics: [ethernet(macOf(chance, on === 'vmware' ? `005056${chance.pick(['8', '9', 'a', 'b'])}` : mac), 'vmxnet3')],
  };
}

/** Everything an agent on the machine finds. */
export function factsOf(m: Machine): IdentityFacts {
  return {
    agentId: m.agentId,
    name: m.name,
    domain: m.domain,
    fqdn: null,
    manufacturer: m.manufacturer,
    model: m.model,
    serial: m.serial,
    enclosureSerial: m.enclosureSerial,
    boardSerial: m.boardSerial,
    boardManufacturer: null,
    uuid: m.uuid,
    assetTag: m.assetTag,
    imeis: m.imeis,
    vmSystem: m.vmSystem,
    interfaces: m.nics.map((nic) => ({ ...nic })),
    storage: m.disks.map((serial) => ({ serial, type: 'disk' })),
    instanceId: m.instanceId,
    containerId: m.containerId,
    udid: m.udid,
    machineId: m.machineId,
    osFamily: m.osFamily,
    memberSerials: m.memberSerials,
  };
}
