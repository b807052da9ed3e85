-- What is in, at or on an asset, out of the sections of its sources. A removed row stays. last seen of a present row is its observation's last full report.
-- Generic on purpose: another kind is another value of `kind`, with what is special about it in `data`.
create table components (
  asset_id uuid not null,
  id uuid not null,
  observation_id uuid not null,
  kind text not null,
  -- The same for the same thing in every report of the source.
  key text not null,
  name text not null,
  manufacturer text,
  model text,
  serial text,
  data jsonb not null default '{}',
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  search_text text generated always as (lower(coalesce(serial, '') || ' ' || name || ' ' || coalesce(manufacturer, '') || ' ' || coalesce(model, ''))) stored,
  primary key (asset_id, id)
);
create unique index components_present on components (asset_id, observation_id, kind, key) where removed_at is null;
create index components_id on components (id);
create index components_serial on components (lower(serial)) where serial is not null;
create index components_serial_sort on components (serial, id);
create index components_name on components (name, id);
create index components_kind on components (kind, id);
create index components_first_seen on components (first_seen_at, id);
create index components_search on components using gin (search_text gin_trgm_ops);

-- What one asset is to another. The row lies with the asset that the sentence is about: a virtual machine `runs_on` its host.
create table relations (
  asset_id uuid not null,
  id uuid not null,
  kind text not null,
  other_id uuid not null,
  -- `manual`, or the source's key.
  source text not null,
  actor text,
  data jsonb not null default '{}',
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  removed_at timestamptz,
  primary key (asset_id, id)
);
create unique index relations_once on relations (asset_id, kind, other_id, source);
create index relations_other on relations (other_id, kind) where removed_at is null;
