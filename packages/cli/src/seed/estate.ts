import { makeDevice, type SeedDevice } from './fleet.ts';
import { makeNetwork, type SeedNetworkDevice } from './network.ts';
import { makePeople, type SeedPerson } from './organisation.ts';
import { random } from './random.ts';

/** One delivery of the play: which machine reports, and what it says. */
export interface Delivery {
  device: SeedDevice;
  kind: 'first' | 'again' | 'second_agent';
}
export interface Estate {
  people: SeedPerson[];
  deliveries: Delivery[];
  devices: number;
  /** Switches and printers, as a scanner reads them. */
  network: SeedNetworkDevice[];
}

/**
 * The whole organisation, in the order its reports arrive. Among the machines are the troubles of real ones: two agents on one
 * machine, a renamed machine, a re-imaged one with a new agent id, boards that share a UUID, boards without a serial.
 */
export function makeEstate(seed: number, devices: number, today: Date): Estate {
  const people = makePeople(seed, Math.max(1, Math.floor(devices * 0.85)));
  const deliveries: Delivery[] = [];
  let previous: SeedDevice | null = null;
  for (let index = 0; index < devices; index++) {
    const device = makeDevice(seed, index, people, today);
    const trouble = random(seed, `trouble ${index}`);
    // Two boards left the factory with one firmware UUID; their serials differ, so a person is asked.
    if (index % 45 === 20 && previous) device.uuid = previous.uuid;
    previous = device;
    deliveries.push({ device, kind: 'first' });
    if (trouble.chance(0.03))
      deliveries.push({
        kind: 'second_agent',
        device: { ...device, dialect: device.dialect === 'ocs' ? 'glpi' : 'ocs', deviceId: `${device.name}-2025-11-03-09-12-44` },
      });
    if (trouble.chance(0.02)) deliveries.push({ kind: 'again', device: { ...device, name: `${device.name}-new` } });
    if (trouble.chance(0.02) && device.serial.length > 5) {
      const again = random(seed, `reimage ${index}`);
      deliveries.push({
        kind: 'again',
        device: {
          ...device,
          agentId: `${again.hex(8)}-${again.hex(4)}-4${again.hex(3)}-a${again.hex(3)}-${again.hex(12)}`,
          deviceId: `${device.name}-2026-10-0${1 + (index % 9)}-07-30-11`,
        },
      });
    }
    if (trouble.chance(0.08)) deliveries.push({ kind: 'again', device: withChanges(device, seed) });
  }
  const machines = deliveries.filter((d) => d.kind === 'first').map((d) => d.device);
  return { people, deliveries, devices, network: makeNetwork(seed, machines) };
}

/** The same machine a while later: three titles gone, some updated. */
function withChanges(device: SeedDevice, seed: number): SeedDevice {
  const r = random(seed, `changes ${device.index}`);
  const software = device.software
    .filter((_, i) => i % 97 !== 5)
    .map((row) => (r.chance(0.02) ? { ...row, version: `${row.version}.1` } : row));
  return { ...device, software };
}
