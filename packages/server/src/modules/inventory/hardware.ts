import type { AssetIdentity, Hardware } from '@muster/api/inventory';
import { Problem } from '@muster/api/errors';
import type { Db } from '../../platform/db/types.ts';
import { unpackSection } from './prepare.ts';
import { factsOf, findSection, identityOf, interfacesOf, sectionsOf, storageOf, usersOf } from './store-read.ts';

const told = (r: { observation_id: string; source: string; seen_at: Date }): { observationId: string; source: string; seenAt: string } => ({
  observationId: r.observation_id,
  source: r.source,
  seenAt: r.seen_at.toISOString(),
});
const text = (v: unknown): string | null => (typeof v === 'string' ? v : null);
const number = (v: unknown): number | null => (typeof v === 'number' ? v : null);

/** The hardware of an asset, each thing with the source that told it and when that source last reported. */
export async function readHardware(db: Db, assetId: string): Promise<Hardware> {
  const facts = await factsOf(db, assetId);
  const interfaces = await interfacesOf(db, assetId);
  const storage = await storageOf(db, assetId);
  const users = await usersOf(db, assetId);
  const sections = await sectionsOf(db, assetId);
  return {
    facts: facts.map((f) => ({
      ...told(f),
      facts: { ...f.facts },
      sockets: f.sockets,
      cores: f.cores,
      threads: f.threads,
      memoryMb: f.memory_mb,
      vmSystem: f.vm_system,
    })),
    interfaces: interfaces.map((n) => ({
      ...told(n),
      name: n.name,
      mac: n.mac,
      ips: n.ips,
      type: n.type,
      virtual: n.virtual,
      speedMbps: n.speed_mbps,
      up: n.up,
    })),
    storage: storage
      .filter((s) => s.kind === 'disk')
      .map((s) => ({
        ...told(s),
        name: s.name,
        model: text(s.data['model']),
        serial: text(s.data['serial']),
        type: text(s.data['type']),
        sizeMb: number(s.data['sizeMb']),
        interface: text(s.data['interface']),
        firmware: text(s.data['firmware']),
      })),
    volumes: storage
      .filter((s) => s.kind === 'volume')
      .map((s) => ({
        ...told(s),
        mount: s.name,
        label: text(s.data['label']),
        device: text(s.data['device']),
        filesystem: text(s.data['filesystem']),
        totalMb: number(s.data['totalMb']),
        freeMb: number(s.data['freeMb']),
        encrypted: typeof s.data['encrypted'] === 'boolean' ? s.data['encrypted'] : null,
      })),
    monitors: facts.flatMap((f) =>
      (f.facts.monitors ?? []).map((m) => ({ ...told(f), name: m.name, manufacturer: m.manufacturer, serial: m.serial })),
    ),
    users: users.map((u) => ({
      login: u.login,
      domain: u.domain || null,
      firstSeenAt: u.first_seen_at.toISOString(),
      lastSeenAt: u.last_seen_at.toISOString(),
      person: u.person_id ? { id: u.person_id, label: u.person_name ?? u.login } : null,
    })),
    sections: sections.map((s) => ({
      observationId: s.observation_id,
      source: s.source,
      section: s.section,
      changedAt: s.changed_at.toISOString(),
      bytes: s.bytes,
    })),
  };
}

/** What each source says an asset is, and the decisions that made it so. */
export async function readIdentity(db: Db, assetId: string): Promise<AssetIdentity> {
  const { observations, decisions } = await identityOf(db, assetId);
  return {
    observations: observations.map((o) => {
      const shared = new Set(o.shared);
      return {
        id: o.id,
        source: o.source,
        nativeId: o.native_id,
        agentId: o.agent_id,
        agentVersion: o.agent_version,
        itemType: o.item_type,
        tag: o.tag,
        firstReceivedAt: o.first_received_at.toISOString(),
        lastReceivedAt: o.last_received_at.toISOString(),
        lastFullAt: o.last_full_at?.toISOString() ?? null,
        reports: o.reports,
        keys: o.keys.map((k) =>
          shared.has(`${k.kind} ${k.value}`)
            ? { kind: k.kind, value: k.value, quality: 'shared' as const, reason: 'seen on several machines' }
            : { kind: k.kind, value: k.value, quality: k.quality, reason: k.reason },
        ),
      };
    }),
    decisions: decisions.map((d) => ({
      id: d.id,
      observationId: d.observation_id,
      at: d.at.toISOString(),
      outcome: d.outcome,
      rule: d.rule,
      reasons: d.reasons.sentences ?? [],
      candidates: d.reasons.candidates ?? [],
    })),
  };
}

/**
 * A section exactly as the source reported it. `owner` is the asset; for a held observation the observation itself.
 * @throws Problem not_found
 */
export async function readSection(
  db: Db,
  owner: string,
  observationId: string,
  section: string,
): Promise<{ section: string; source: string; changedAt: string; content: unknown }> {
  const found = await findSection(db, owner, observationId, section);
  if (!found) throw new Problem('not_found', 'This observation has no such section.');
  return {
    section,
    source: found.source,
    changedAt: found.changed_at.toISOString(),
    content: unpackSection(found.content),
  };
}
