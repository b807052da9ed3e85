import type { Tx } from '../../platform/db/types.ts';
import { applyObservedValues, createDiscovered, type NewEvent, type ObservedValues } from '../assets/index.ts';
import { noteAssetFactsChanged } from '../licensing/index.ts';
import type { Work } from './apply.ts';
import { bareLogin, type MergedFacts, mergeFacts, recordValues } from './facts.ts';
import {
  peopleByLogin,
  type Place,
  replaceInterfaces,
  replaceStorage,
  storedHardware,
  type StoredHardware,
  upsertFacts,
  upsertUsers,
} from './store-hardware.ts';

type Linked = Work & { assetId: string };

/** The sections out of which the facts of a machine are read. */
const factSections = [
  'bios',
  'hardware',
  'operatingsystem',
  'cpus',
  'memories',
  'monitors',
  'users',
  'accountinfo',
  'network_device',
  'device',
];

const touches = (w: Linked, sections: readonly string[]): boolean =>
  w.fresh || sections.some((s) => w.changed.has(s) || w.gone.includes(s));

/** Facts, interfaces, storage, users and the values of the record; answers the events about them. */
export async function applyHardware(tx: Tx, linked: readonly Linked[]): Promise<NewEvent[]> {
  const reporting = linked.filter((w) => w.p.device !== null);
  const facts = reporting.filter((w) => touches(w, factSections));
  const interfaces = reporting.filter((w) => speaksOf(w, 'interfaces') && touches(w, ['networks', 'network_ports', 'device']));
  const disks = reporting.filter((w) => speaksOf(w, 'storage') && touches(w, ['storages']));
  const volumes = reporting.filter((w) => speaksOf(w, 'volumes') && touches(w, ['drives']));
  const before = await storedHardware(tx, [...new Set([...facts, ...interfaces, ...disks])].filter((w) => !w.fresh).map(place));

  await applyFacts(tx, facts, before);
  await replaceInterfaces(
    tx,
    interfaces.map((w) => ({ ...place(w), replaces: !w.fresh, interfaces: w.p.device?.interfaces ?? [] })),
  );
  await replaceStorage(
    tx,
    'disk',
    disks.map((w) => ({ ...place(w), replaces: !w.fresh, items: w.p.device?.storage ?? [] })),
  );
  await replaceStorage(
    tx,
    'volume',
    volumes.map((w) => ({ ...place(w), replaces: !w.fresh, items: w.p.device?.volumes ?? [] })),
  );
  return [...interfaces.flatMap((w) => interfaceEvent(w, before.get(w.observationId))), ...(await applyUsers(tx, reporting))];
}

/** A partial report without the group leaves it as it is; a full one without it says that there is nothing. */
const speaksOf = (w: Linked, group: 'interfaces' | 'storage' | 'volumes'): boolean =>
  !w.p.partial || (w.p.device?.[group] ?? null) !== null;

const place = (w: Linked): Place => ({ assetId: w.assetId, observationId: w.observationId });

async function applyFacts(tx: Tx, works: readonly Linked[], before: ReadonlyMap<string, StoredHardware>): Promise<void> {
  const merged = works.map((w) => {
    const stored = before.get(w.observationId)?.facts ?? null;
    return { w, stored, facts: mergeFacts(stored, w.p.device as NonNullable<typeof w.p.device>, w.p.partial) };
  });
  const logins = [...new Set(merged.flatMap(({ facts }) => (facts.lastUser ? [bareLogin(facts.lastUser)] : [])))];
  const people = await peopleByLogin(tx, logins);
  const withValues = merged.map(({ w, stored, facts }) => ({ w, stored, facts, values: valuesFor(w, facts, people) }));
  await createDiscovered(
    tx,
    withValues
      .filter(({ w }) => w.isNew)
      .map(({ w, values }) => ({
        id: w.assetId,
        source: w.p.source,
        seenAt: w.at,
        takenAt: w.p.seenAt,
        values: { ...values, class: String(values.class ?? 'other') },
        eventData: { observationId: w.observationId, rule: w.decision?.rule, titles: w.p.software?.length ?? 0 },
      })),
  );
  await upsertFacts(
    tx,
    withValues
      .filter(({ stored, facts }) => stored === null || JSON.stringify(order(stored)) !== JSON.stringify(order(facts)))
      .map(({ w, facts }) => ({ ...place(w), facts, seenAt: w.at })),
  );
  await noteAssetFactsChanged(
    tx,
    withValues.filter(({ stored, facts }) => stored !== null && processorsOf(stored) !== processorsOf(facts)).map(({ w }) => w.assetId),
  );
  await applyObservedValues(
    tx,
    withValues.filter(({ w }) => !w.isNew).map(({ w, values }) => ({ assetId: w.assetId, source: w.p.source, seenAt: w.at, values })),
  );
}

/** What core metrics count, as one text to compare. */
const processorsOf = (f: MergedFacts): string => JSON.stringify([f.cpu?.sockets, f.cpu?.cores, f.cpu?.threads, f.vmSystem]);

/** Keys in one order: jsonb has its own. */
function order(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(order);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, order(v)]),
  );
}

function valuesFor(w: Linked, facts: MergedFacts, people: ReadonlyMap<string, string>): ObservedValues {
  const { class: reported, ...values } = recordValues(facts, w.keys, w.p.itemType, people);
  if (w.p.scan === null) return { ...values, class: reported };
  // A scan that cannot tell what a thing is says nothing about its class; only a new asset needs one.
  const { classKey } = w.p.scan;
  return classKey === null && !w.isNew ? values : { ...values, class: classKey ?? reported };
}

function interfaceEvent(w: Linked, before: StoredHardware | undefined): NewEvent[] {
  if (w.fresh) return [];
  const show = (n: { name: string; mac: string | null; ips: readonly string[] }): string =>
    [n.name, n.mac?.replaceAll(/[^0-9a-fA-F]/g, '').toLowerCase(), ...[...n.ips].sort()].filter(Boolean).join(' ');
  return listEvent(w, 'networks', (before?.interfaces ?? []).map(show), (w.p.device?.interfaces ?? []).map(show));
}

/** An event with what came and what went; none when nothing did. */
function listEvent(w: Linked, section: string, before: readonly string[], now: readonly string[]): NewEvent[] {
  const added = now.filter((x) => !before.includes(x));
  const removed = before.filter((x) => !now.includes(x));
  if (added.length + removed.length === 0) return [];
  return [
    {
      assetId: w.assetId,
      at: w.at,
      kind: 'section_changed',
      source: w.p.source,
      data: { sections: [section], cameIn: added, wentOut: removed },
    },
  ];
}

async function applyUsers(tx: Tx, reporting: readonly Linked[]): Promise<NewEvent[]> {
  const works = reporting.filter((w) => touches(w, ['users', 'hardware']));
  const fresh = await upsertUsers(
    tx,
    works.map((w) => {
      const device = w.p.device;
      const last = device?.lastUser ? [{ login: bareLogin(device.lastUser), domain: null }] : [];
      const listed = device?.users ?? [];
      return {
        assetId: w.assetId,
        seenAt: w.at,
        users: [...listed, ...last.filter((l) => !listed.some((u) => u.login.toLowerCase() === l.login))],
      };
    }),
  );
  const byAsset = new Map(works.map((w) => [w.assetId, w]));
  return fresh.flatMap((u) => {
    const w = byAsset.get(u.asset_id);
    return w && !w.fresh
      ? [{ assetId: w.assetId, at: w.at, kind: 'user_seen', source: w.p.source, data: { login: u.login, domain: u.domain || null } }]
      : [];
  });
}
