-- The list of covered assets is walked in these orders. Both change only when a source comes or goes, so noting the time of a report
-- still touches no index.
create index asset_sources_sources on asset_sources (sources, asset_id);
create index asset_sources_count on asset_sources (source_count, asset_id);
