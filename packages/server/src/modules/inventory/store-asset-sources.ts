import { mdmSources } from '@muster/api/connector-kinds';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

const agents = sql`array['glpi', 'fusioninventory', 'ocs', 'osquery']::text[]`;
const management = sql`${mdmSources}::text[]`;

/**
 * Adds up what the observations of these assets come to: the one definition of who sees an asset, behind the list of covered assets and
 * behind every figure of coverage. Whoever writes an observation calls it, with the assets held; an asset without observations has no row.
 *
 * `heard` notes when sources were last heard of, to the minute. It waits for nobody: while another transaction notes the same source, that
 * one's time is the same minute's, and a row that all reports wait for would put them one after the other.
 */
export async function sumUpSources(
  tx: Tx,
  assetIds: readonly string[],
  heard: readonly { source: string; at: Date }[] = [],
): Promise<void> {
  if (assetIds.length === 0 && heard.length === 0) return;
  const ids = [...new Set(assetIds)].sort();
  const latest = new Map<string, Date>();
  for (const { source, at } of heard) if (at > (latest.get(source) ?? new Date(0))) latest.set(source, at);
  await sql`with gone as (delete from asset_sources s where s.asset_id = any(${ids}::uuid[]) and not exists (select 1 from observations o where o.asset_id = s.asset_id)),
      heard as (select * from unnest(${[...latest.keys()]}::text[], ${[...latest.values()]}::timestamptz[]) as r (source, at)),
      due as (select h.source from sources_heard h join heard r on r.source = h.source and h.last_received_at <= r.at - interval '1 minute' for update of h skip locked),
      noted as (update sources_heard h set last_received_at = r.at from heard r, due where h.source = r.source and due.source = r.source),
      first_heard as (insert into sources_heard (source, last_received_at) select source, at from heard
        where not exists (select 1 from sources_heard h where h.source = heard.source) order by source on conflict (source) do nothing)
    insert into asset_sources (asset_id, sources, source_count, agent_at, managed_at, last_received_at)
    select o.asset_id, string_agg(distinct o.source, ', ' order by o.source), count(distinct o.source)::integer,
      max(o.last_received_at) filter (where o.source = any(${agents})), max(o.last_received_at) filter (where o.source = any(${management})), max(o.last_received_at)
    from observations o where o.asset_id = any(${ids}::uuid[]) group by o.asset_id order by o.asset_id
    on conflict (asset_id) do update set sources = excluded.sources, source_count = excluded.source_count, agent_at = excluded.agent_at,
      managed_at = excluded.managed_at, last_received_at = excluded.last_received_at`.execute(tx);
}
