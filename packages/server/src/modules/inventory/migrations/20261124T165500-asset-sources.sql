-- Who sees each asset: what its observations come to, kept by whatever writes an observation, because adding all of them up takes longer than
-- anyone waits. Narrow, and without an index on a time, so that noting the time of a report touches no index.
create table asset_sources (
  asset_id uuid primary key,
  -- In order, joined by a comma, as lists show them.
  sources text not null,
  source_count integer not null,
  -- When an agent, and when device management, last told of it.
  agent_at timestamptz,
  managed_at timestamptz,
  last_received_at timestamptz not null
) with (fillfactor = 80);

insert into asset_sources (asset_id, sources, source_count, agent_at, managed_at, last_received_at)
select asset_id, string_agg(distinct source, ', ' order by source), count(distinct source)::integer,
  max(last_received_at) filter (where source in ('glpi', 'fusioninventory', 'ocs', 'osquery')),
  max(last_received_at) filter (where source in ('intune', 'jamf', 'kandji', 'google', 'sccm')), max(last_received_at)
from observations where asset_id is not null group by asset_id;

-- When each source was last heard of, to the minute: one row a source, which not every report may wait for.
create table sources_heard (source text primary key, last_received_at timestamptz not null);
insert into sources_heard select source, max(last_received_at) from observations group by source;
