/**
 * How many observations the identity rules resolve in memory, and whether that depends on how many assets there are. Runs alone:
 * `node --max-old-space-size=14000 bench/identity.ts 10000 100000 1000000`; a million assets took 3 GB of heap.
 */
import { cpus, totalmem } from 'node:os';
import { compileLists, createResolver, extractKeys, type Observation, type Resolver } from '@muster/core/identity';

interface Figure {
  work: string;
  target: string;
  measured: string;
}

const lists = compileLists([]);
/** Reports made before the clock starts, so that only the resolver is measured and a million reports need not be kept. */
const atOnce = 10_000;

/** Rates with `assets` assets known: new ones, reports as they were, renamed machines, and a second source about known machines. */
export function measureIdentity(assets: number): Figure[] {
  const resolver = createResolver();
  const fill = rate(resolver, assets, assets, (i) => report(i, 'agent', ''));
  const every = Math.max(1, Math.floor(assets / 100_000));
  const sample = Math.min(assets, 100_000);
  const steady = rate(resolver, sample, assets, (i) => report(i * every, 'agent', ''));
  const renamed = rate(resolver, sample, assets, (i) => report(i * every, 'agent', 'r'));
  const second = rate(resolver, sample, 0, (i) => report(i * every, 'mdm', ''));
  if (resolver.clusters().length !== assets)
    throw new Error(`The resolver made ${resolver.clusters().length} clusters of ${assets} assets`);
  const n = assets.toLocaleString('en');
  const figure = (what: string, perSecond: number): Figure => ({
    work: `identity in memory: ${what}, ${n} assets`,
    target: 'flat',
    measured: `${perSecond.toLocaleString('en')} /s of processor time`,
  });
  return [
    figure('first reports until there are', fill),
    figure('reports as they were, among', steady),
    figure('renamed machines, among', renamed),
    figure('first reports of a second source, among', second),
  ];
}

/** Processor time of the whole process in seconds: collection of garbage counts, other programs on the machine do not. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Observations per second of processor time over `count` of them; the last share of them when assets are still being added. */
function rate(resolver: Resolver, count: number, assets: number, make: (i: number) => Observation): number {
  let seconds = 0;
  let counted = 0;
  const from = count === assets ? Math.max(0, count - 100_000) : 0;
  for (let start = 0; start < count; start += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - start) }, (_, i) => make(start + i));
    const began = processorSeconds();
    for (const observation of batch) resolver.resolve(observation);
    if (start < from) continue;
    seconds += processorSeconds() - began;
    counted += batch.length;
  }
  return Math.round(counted / seconds);
}

/** A laptop with a serial number, UUID, two addresses, disk, agent and names; a second source knows serial, model and one address. */
function report(i: number, source: string, suffix: string): Observation {
  const hex = i.toString(16).padStart(8, '0');
  const mac = (oui: string): string => `${oui}${hex.slice(-6)}`;
  const lan = { mac: mac(i < 0x1000000 ? '001b21' : '001b22'), virtual: false, type: 'ethernet', driver: 'e1000e' };
  const wifi = { ...lan, mac: mac('a0510b'), type: 'wifi' };
  const full = source === 'agent';
  const facts = {
    agentId: full ? `a1b2c3d4-${hex.slice(4)}-4000-8000-${hex}beef` : null,
    name: `pc${i}${suffix}`,
    domain: full ? 'corp.example' : null,
    fqdn: null,
    manufacturer: 'Dell Inc.',
    model: `Latitude ${i % 40}`,
    serial: `7X${hex}`,
    enclosureSerial: null,
    boardSerial: full ? `CN${hex}B` : null,
    boardManufacturer: null,
    uuid: full ? `4c4c4544-${hex.slice(4)}-4${hex.slice(1, 4)}-8047-${hex}4f33` : null,
    assetTag: null,
    vmSystem: null,
    interfaces: full ? [lan, wifi] : [wifi],
    storage: full ? [{ serial: `S5GX${hex}`, type: 'disk' }] : null,
    osFamily: 'windows',
  };
  return { source, nativeId: `${source}-${i}`, partial: false, keys: extractKeys(facts, lists) };
}

if (import.meta.main) {
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
  for (const assets of process.argv.slice(2).map(Number)) {
    for (const f of measureIdentity(assets)) console.log(`${f.work.padEnd(80)} ${f.measured}`);
    console.log(`heap in use: ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MB`);
  }
}
