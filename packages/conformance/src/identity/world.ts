import { type IdentityFacts, nothingTold } from '@muster/core/identity';
import type { Chance } from './chance.ts';
import { factsOf, type Machine } from './hardware.ts';

/** A report as a source sends it, with the answer to the question which machine it is about. */
export interface Entry {
  /** Day and part of it, on which it was received. */
  readonly at: number;
  readonly source: string;
  readonly nativeId: string;
  readonly facts: IdentityFacts;
  readonly partial: boolean;
  readonly hasAgent: boolean;
  readonly byHand: boolean;
  /** The answer key: the machine it is about. */
  readonly machine: string;
  readonly scenario: string;
}

/** Where a scenario plays: it makes machines and lets sources report them. */
export interface World {
  readonly chance: Chance;
  readonly entries: Entry[];
  readonly scenario: string;
  /** A new machine's name in the answer key. */
  readonly id: () => string;
}

interface Sent {
  readonly source: string;
  readonly nativeId: string;
  readonly facts: Partial<IdentityFacts>;
  readonly partial?: boolean;
  readonly hasAgent?: boolean;
  readonly byHand?: boolean;
}

export function send(world: World, m: Machine, at: number, sent: Sent): void {
  world.entries.push({
    at,
    source: sent.source,
    nativeId: sent.nativeId,
    facts: { ...nothingTold, ...sent.facts },
    partial: sent.partial ?? false,
    hasAgent: sent.hasAgent ?? true,
    byHand: sent.byHand ?? false,
    machine: m.id,
    scenario: world.scenario,
  });
}

/** The agent on the machine, which reports everything it finds. */
export function agent(world: World, m: Machine, at: number, differs: Partial<IdentityFacts> = {}): void {
  send(world, m, at, { source: 'agent', nativeId: m.deviceId, facts: { ...factsOf(m), ...differs } });
}

/** Reports of the agent from day to day; what happens between them is `then`. */
export function agentDaily(world: World, m: Machine, from: number, days: number, everyDay: (day: number) => void = () => {}): void {
  for (let day = from; day < from + days; day++) {
    everyDay(day);
    agent(world, m, day + world.chance.next());
  }
}

/** Only what changed: a section without identity, or the network adapters. */
export function partial(world: World, m: Machine, at: number): void {
  const all = factsOf(m);
  const network = world.chance.odds(0.4) ? { interfaces: all.interfaces } : {};
  send(world, m, at, { source: 'agent', nativeId: m.deviceId, partial: true, facts: { agentId: m.agentId, name: m.name, ...network } });
}

/** A device management system: serial number, model, name, the address of the wireless adapter; no firmware. */
export function mdm(world: World, m: Machine, at: number, nativeId: string, name = m.name): void {
  send(world, m, at, {
    source: 'mdm',
    nativeId,
    facts: {
      name,
      manufacturer: m.manufacturer,
      model: m.model,
      serial: m.serial,
      imeis: m.imeis,
      udid: m.udid,
      osFamily: m.osFamily,
      interfaces: m.nics.filter((nic) => nic.type === 'wifi').map((nic) => ({ ...nic, driver: null })),
    },
  });
}

/** SMBIOS older than 2.6, or a tool that reads it so: the bytes of the first three fields stand the other way round. */
export function otherByteOrder(uuid: string): string {
  const reverse = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');
  const [a = '', b = '', c = '', ...rest] = uuid.split('-');
  return [reverse(a), reverse(b), reverse(c), ...rest].join('-').toUpperCase();
}

/** A system management server: the UUID as Windows tells it, addresses, name; often without a serial number. */
export function management(world: World, m: Machine, at: number, nativeId: string): void {
  send(world, m, at, {
    source: 'management',
    nativeId,
    facts: {
      name: m.name,
      domain: m.domain,
      uuid: m.uuid === null ? null : otherByteOrder(m.uuid),
      model: m.model,
      osFamily: m.osFamily,
      interfaces: m.nics.map((nic) => ({ ...nic, driver: null, type: null })),
      ...(world.chance.odds(0.3) ? { serial: m.serial, manufacturer: m.manufacturer } : {}),
    },
  });
}

/** A directory: names and the operating system. */
export function directory(world: World, m: Machine, at: number, nativeId: string): void {
  send(world, m, at, {
    source: 'directory',
    nativeId,
    hasAgent: false,
    facts: { name: m.name, domain: m.domain, fqdn: m.domain?.includes('.') ? `${m.name}.${m.domain}` : null, osFamily: m.osFamily },
  });
}

/** What a hypervisor knows of its guest, under the name its administrator gave it. */
export function hypervisor(world: World, m: Machine, at: number, vcenter: string, moref: string, shown: string, uuid = m.uuid): void {
  send(world, m, at, {
    source: 'hypervisor',
    nativeId: `${vcenter}/${moref}`,
    hasAgent: false,
    facts: {
      name: shown,
      uuid,
      vmSystem: 'VMware',
      instanceId: `vcenter|${vcenter}|${moref}`,
      osFamily: m.osFamily,
      interfaces: m.nics.map((nic) => ({ ...nic, driver: null })),
    },
  });
}
