import { agentIds, blank, ethernet, type Machine, macOf, pc, randomMac, uuidOf, vm, wifi } from './hardware.ts';
import { agent, agentDaily, directory, hypervisor, mdm, otherByteOrder, send, type World } from './world.ts';

/** What happens to virtual machines, containers, network devices and phones. */

const days = (w: World): number => w.chance.int(4, 10);
const start = (w: World): number => w.chance.int(0, 60);

/** A copy made with the agent installed: the copier asks for a new UUID, or copies the files as they are. */
export function clonedVm(w: World): void {
  const original = vm(w.chance, w.id());
  const from = start(w);
  agentDaily(w, original, from, 14);
  for (let i = w.chance.int(1, 3); i > 0; i--) {
    const copy = vm(w.chance, w.id(), original.vmSystem === 'KVM' ? 'kvm' : original.vmSystem === 'Hyper-V' ? 'hyperv' : 'vmware');
    const own = copy.name;
    Object.assign(copy, {
      agentId: original.agentId,
      deviceId: original.deviceId,
      name: original.name,
      machineId: original.machineId,
      osFamily: original.osFamily,
      domain: original.domain,
    });
    if (w.chance.odds(0.3)) Object.assign(copy, { uuid: original.uuid, serial: original.serial });
    if (w.chance.odds(0.6)) agent(w, copy, from + 3 + w.chance.next());
    copy.name = own;
    agentDaily(w, copy, from + 4, days(w));
  }
}

export function hypervisorTwin(w: World): void {
  const m = vm(w.chance, w.id(), 'vmware');
  const [from, vcenter, moref] = [start(w), uuidOf(w.chance), `vm-${w.chance.int(10, 9999)}`];
  const shown = w.chance.odds(0.6) ? m.name : `${m.name} (do not delete)`;
  const reads = w.chance.odds(0.5) ? otherByteOrder : (uuid: string): string => uuid;
  const lag = w.chance.int(-2, 3);
  agentDaily(w, m, from, days(w), (day) => {
    if (day % 2 === 0) hypervisor(w, m, day + lag + 0.3, vcenter, moref, shown, reads(m.uuid as string));
  });
}

/** Containers beside their host: some show its serial number or UUID, some agents do not even see that it is a container. */
export function containers(w: World): void {
  const host: Machine = { ...pc(w.chance, w.id(), 'desktop'), model: 'PowerEdge R650', osFamily: 'linux' };
  const from = start(w);
  agentDaily(w, host, from, days(w));
  for (let i = w.chance.int(2, 5); i > 0; i--) {
    const docker = w.chance.odds(0.4);
    const inside: Machine = {
      ...blank(w.chance, w.id()),
      name: docker ? w.chance.hex(12) : w.chance.letters('ct-AAA') + w.chance.int(100, 999),
      manufacturer: host.manufacturer,
      model: host.model,
      osFamily: 'linux',
      serial: w.chance.odds(0.6) ? host.serial : null,
      uuid: w.chance.odds(0.7) ? host.uuid : null,
      vmSystem: w.chance.odds(0.98) ? (docker ? 'Docker' : 'lxc') : null,
      containerId: docker ? w.chance.hex(64) : null,
      nics: [ethernet(docker ? macOf(w.chance, '0242ac') : macOf(w.chance, 'bc2411'), 'veth')],
    };
    agentDaily(w, inside, from + w.chance.int(0, 3), days(w));
  }
}

/** Switches in a stack: one address, several serial numbers, and another leader after a restart. */
export function stacks(w: World): void {
  const members = Array.from({ length: w.chance.int(2, 5) }, () => w.chance.letters('FOC####?###'));
  const m: Machine = {
    ...blank(w.chance, w.id()),
    manufacturer: 'Cisco',
    model: 'C9300-48P',
    name: w.chance.letters('sw-AAA-##'),
    uuid: null,
    serial: members[0] as string,
    memberSerials: members,
    nics: [ethernet(macOf(w.chance, '00425a'), null)],
    osFamily: 'other',
  };
  const scan = (at: number, nativeId: string): void =>
    send(w, m, at, {
      source: 'network',
      nativeId,
      hasAgent: false,
      facts: {
        name: m.name,
        manufacturer: m.manufacturer,
        model: m.model,
        serial: m.serial,
        memberSerials: m.memberSerials,
        interfaces: m.nics,
      },
    });
  const [from, address] = [start(w), `10.${w.chance.int(0, 250)}.${w.chance.int(0, 250)}.2`];
  for (let day = 0; day < 6; day++) scan(from + day, address);
  m.serial = members[1] as string;
  m.nics = [ethernet(macOf(w.chance, '00425a'), null)];
  // A new scan range or a new management address: the scanner knows it by another id.
  const later = w.chance.odds(0.5) ? address : `10.${w.chance.int(0, 250)}.${w.chance.int(0, 250)}.2`;
  if (w.chance.odds(0.3)) m.memberSerials = members.slice(0, -1).length > 1 ? members.slice(0, -1) : members;
  for (let day = 8; day < 12; day++) scan(from + day, later);
}

/** Blades: each has a serial number, and all have that of the enclosure. */
export function blades(w: World): void {
  const enclosure = w.chance.letters('CZ2########').slice(0, 10);
  const from = start(w);
  for (let i = w.chance.int(4, 10); i > 0; i--) {
    const m: Machine = {
      ...pc(w.chance, w.id(), 'desktop'),
      manufacturer: 'HPE',
      model: 'ProLiant BL460c Gen10',
      enclosureSerial: enclosure,
      serial: w.chance.letters('CZ3####???'),
    };
    agentDaily(w, m, from, days(w));
  }
}

/** Instances of a cloud: its own list, and the agent inside, which does not always ask the cloud for its id. */
export function cloud(w: World): void {
  const account = w.chance.letters('############');
  const from = start(w);
  const name = w.chance.letters('app-AAA-#');
  for (let generation = 0; generation < w.chance.int(1, 3); generation++) {
    const id = `aws|${account}|i-0${w.chance.hex(16)}`;
    const uuid = `ec2${w.chance.hex(5)}-${uuidOf(w.chance).slice(9)}`;
    const m: Machine = {
      ...blank(w.chance, w.id()),
      manufacturer: 'Amazon EC2',
      model: 't3.large',
      name,
      domain: 'eu-west-1.compute.internal',
      serial: uuid,
      uuid,
      vmSystem: 'KVM',
      osFamily: 'linux',
      nics: [ethernet(macOf(w.chance, '0a58a9'), 'ena')],
    };
    m.instanceId = w.chance.odds(0.75) ? id : null;
    const begin = from + generation * 15;
    send(w, m, begin - 0.5, {
      source: 'cloud',
      nativeId: id,
      hasAgent: false,
      facts: {
        name,
        instanceId: id,
        model: 't3.large',
        osFamily: 'linux',
        interfaces: m.nics,
        fqdn: w.chance.odds(0.5) ? `${name}.${m.domain}` : null,
      },
    });
    agentDaily(w, m, begin, days(w));
  }
}

/** Phones in two systems, with addresses made up for each network; a new phone under its owner's old name. */
export function phones(w: World): void {
  const from = start(w);
  const name = w.chance.letters('iPhone von ?????');
  for (let i = 0; i < w.chance.int(1, 2); i++) {
    const apple = w.chance.odds(0.5);
    const m: Machine = {
      ...blank(w.chance, w.id()),
      name,
      manufacturer: apple ? 'Apple' : 'samsung',
      model: apple ? 'iPhone14,7' : 'SM-A536B',
      serial: apple ? w.chance.letters('F17??????####') : w.chance.letters('R5CT#######'),
      imeis: Array.from({ length: w.chance.int(1, 2) }, () => w.chance.letters('35############7')),
      udid: `${w.chance.hex(8)}-${w.chance.hex(16)}`,
      uuid: null,
      osFamily: apple ? 'ios' : 'android',
    };
    const [id, other] = [uuidOf(w.chance), uuidOf(w.chance)];
    for (let day = 0; day < 6; day++) {
      m.nics = [wifi(randomMac(w.chance))];
      mdm(w, m, from + i * 20 + day, id);
    }
    if (w.chance.odds(0.4))
      send(w, m, from + i * 20 + 3.5, {
        source: 'carrier',
        nativeId: other,
        hasAgent: false,
        facts: { imeis: m.imeis, model: m.model, ...(w.chance.odds(0.5) ? { udid: m.udid } : {}) },
      });
    // Enrolled anew after a reset.
    if (w.chance.odds(0.3)) mdm(w, m, from + i * 20 + 8, uuidOf(w.chance));
  }
}

/** A virtual machine of which firmware tells nothing: only the agent's own id is left. */
export function nameless(w: World): void {
  const m: Machine = { ...vm(w.chance, w.id(), 'virtualbox'), serial: '', uuid: null, boardSerial: null };
  if (w.chance.odds(0.5)) Object.assign(m, { manufacturer: null, model: null, nics: [ethernet(macOf(w.chance, '525400'), 'virtio_net')] });
  const from = start(w);
  m.name = w.chance.pick([m.name, 'localhost', 'ubuntu', 'debian']);
  agentDaily(w, m, from, days(w));
  if (w.chance.odds(0.15)) {
    Object.assign(m, agentIds(w.chance, m.name));
    agentDaily(w, m, from + 12, 3);
  }
}

/** Servers in a directory and under an agent; some only in the directory. */
export function servers(w: World): void {
  const m = vm(w.chance, w.id());
  const [from, id] = [start(w), uuidOf(w.chance)];
  const joined = m.osFamily === 'windows' || w.chance.odds(0.4);
  if (joined) directory(w, m, from + w.chance.int(-2, 3) + 0.2, id);
  agentDaily(w, m, from, days(w));
  if (joined) directory(w, m, from + 5, id);
}

/** Another adapter, a restore or a move to another host: a virtual machine goes on with a new address. */
export function newAdapter(w: World): void {
  const m = vm(w.chance, w.id());
  const from = start(w);
  agentDaily(w, m, from, days(w));
  m.nics = [ethernet(macOf(w.chance, m.vmSystem === 'Hyper-V' ? '00155d' : m.vmSystem === 'VMware' ? '0050568' : 'bc2411'), 'vmxnet3')];
  agentDaily(w, m, from + 12, days(w));
}
