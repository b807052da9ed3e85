import type { NetworkComponent, NetworkNeighbour } from '@muster/protocols';
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';
import type { Place } from './store-hardware.ts';

const places = (rows: readonly Place[]) =>
  sql`unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[]) as w (asset_id, observation_id)`;

/** `replaces`: the observation had components before. */
export async function replaceComponents(
  tx: Tx,
  rows: readonly (Place & { replaces: boolean; components: readonly NetworkComponent[] })[],
): Promise<void> {
  const before = rows.filter((r) => r.replaces);
  if (before.length > 0)
    await sql`delete from network_components c using ${places(before)} where c.asset_id = w.asset_id and c.observation_id = w.observation_id`.execute(
      tx,
    );
  const data = rows.flatMap((r) =>
    r.components.map(({ index, containedIn, kind, name, serial, ...more }) => ({
      a: r.assetId,
      o: r.observationId,
      i: index,
      c: containedIn,
      k: kind,
      n: name,
      s: serial,
      d: more,
    })),
  );
  if (data.length === 0) return;
  await sql`insert into network_components (asset_id, observation_id, index, contained_in, kind, name, serial, data)
    select a, o, i, c, k, n, s, d from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o uuid, i int, c int, k text, n text, s text, d jsonb)`.execute(
    tx,
  );
}

export interface NeighbourWrite extends Place {
  readonly neighbours: readonly NetworkNeighbour[];
  readonly seenAt: Date;
  /** When the observation came before: what is no longer there was last seen then. */
  readonly before: Date | null;
}

/** What stands for a link: the own port, and the other's chassis and port. Only where neither is known, its name. */
function linkOf(n: NetworkNeighbour): string {
  const remote = n.chassisId === null && n.portId === null ? ['name', n.systemName, n.ips[0] ?? null] : [n.chassisId, n.portId];
  return hash('sha256', JSON.stringify([n.localPort ?? n.localPortName, n.protocol, ...remote]), 'hex').slice(0, 32);
}

const macDigits = (text: string | null): string | null => {
  const digits = text?.replaceAll(/[:.-]/g, '').toLowerCase() ?? '';
  return /^[0-9a-f]{12}$/.test(digits) ? digits : null;
};

/** Notes what is connected now; what is not any more keeps its row with when it was last seen. */
export async function noteNeighbours(tx: Tx, rows: readonly NeighbourWrite[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.flatMap((r) => {
    const links = new Map(r.neighbours.map((n) => [linkOf(n), n]));
    return [...links].map(([link, n]) => ({
      a: r.assetId,
      o: r.observationId,
      l: link,
      p: n.localPort,
      pn: n.localPortName,
      k: n.protocol,
      c: n.chassisId,
      m: macDigits(n.chassisId),
      r: n.portId,
      n: n.systemName,
      d: { portDescription: n.portDescription, systemDescription: n.systemDescription, model: n.model, ips: n.ips },
      t: r.seenAt.toISOString(),
    }));
  });
  const json = JSON.stringify(data);
  await sql`update network_neighbours n set gone_at = coalesce(w.before, w.seen)
    from unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.before)}::timestamptz[], ${rows.map((r) => r.seenAt)}::timestamptz[])
      as w (asset_id, observation_id, before, seen)
    where n.asset_id = w.asset_id and n.observation_id = w.observation_id and n.gone_at is null and not exists (
      select 1 from jsonb_to_recordset(${json}::jsonb) as r (a uuid, o uuid, l text) where r.a = n.asset_id and r.o = n.observation_id and r.l = n.link)`.execute(
    tx,
  );
  if (data.length === 0) return;
  await sql`insert into network_neighbours (asset_id, observation_id, link, local_port, local_port_name, protocol, chassis_id, chassis_mac, port_id, system_name, data, first_seen_at)
    select a, o, l, p, pn, k, c, m, r, n, d, t from jsonb_to_recordset(${json}::jsonb)
      as x (a uuid, o uuid, l text, p int, pn text, k text, c text, m text, r text, n text, d jsonb, t timestamptz)
    on conflict (asset_id, observation_id, link) do update set local_port_name = excluded.local_port_name, system_name = excluded.system_name, data = excluded.data, gone_at = null`.execute(
    tx,
  );
}
