-- What coverage came to on each day (UTC), as last counted on it. Small: a row a day, a source or a listing.
create table coverage_days (
  day date primary key,
  counted_at timestamptz not null,
  assets integer not null,
  managed_without_agent integer not null,
  one_source integer not null,
  -- Addresses that network devices see and no source tells; those that may be random apart.
  only_in_network integer not null,
  only_in_network_random integer not null
);

create table coverage_source_days (
  day date not null,
  source text not null,
  assets integer not null,
  -- Seen by it and without an asset.
  held integer not null,
  -- Deliveries received on that day, and those of them that could not be processed.
  reports integer not null,
  failures integer not null,
  primary key (day, source)
);

create table coverage_cell_days (
  day date not null,
  connector_id uuid not null,
  scope text not null,
  state text not null,
  rows integer not null,
  missing integer not null,
  primary key (day, connector_id, scope)
);
create index coverage_cell_days_connector on coverage_cell_days (connector_id, day);
