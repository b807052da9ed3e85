create table asset_classes (
  key text primary key,
  label text not null,
  parent_key text references asset_classes (key),
  capabilities text[] not null default '{}'
);

create table models (
  id uuid primary key,
  manufacturer text not null,
  name text not null,
  class_key text not null references asset_classes (key),
  created_at timestamptz not null default now()
);
create unique index models_name on models (lower(manufacturer), lower(name));

-- The record: a computed view over observations and what people decided. asset_field_values holds where each value came from.
create table assets (
  id uuid primary key,
  tag text,
  name text,
  class_key text not null references asset_classes (key),
  state text not null default 'discovered',
  substate text,
  manufacturer text,
  model text,
  model_id uuid references models (id),
  serial text,
  os_name text,
  os_version text,
  os_family text,
  cpu text,
  cores integer,
  memory_mb integer,
  last_user text,
  person_id uuid,
  place_id uuid,
  org_unit_id uuid,
  domain text,
  notes text,
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- A merged asset keeps its id and points at the survivor.
  redirected_to uuid,
  version integer not null default 1,
  custom jsonb not null default '{}',
  search_text text generated always as (lower(coalesce(tag, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(name, '') || ' ' || coalesce(last_user, '') || ' ' || coalesce(manufacturer, '') || ' ' || coalesce(model, ''))) stored
);
create unique index assets_tag on assets (lower(tag)) where tag is not null and redirected_to is null;
create index assets_tag_sort on assets (tag, id) where redirected_to is null;
create index assets_search on assets using gin (search_text gin_trgm_ops);
create index assets_name on assets (name, id) where redirected_to is null;
create index assets_serial on assets (serial, id) where redirected_to is null;
create index assets_class on assets (class_key, id) where redirected_to is null;
create index assets_state on assets (state, id) where redirected_to is null;
create index assets_model on assets (model, id) where redirected_to is null;
create index assets_manufacturer on assets (manufacturer, id) where redirected_to is null;
create index assets_os on assets (os_name, id) where redirected_to is null;
create index assets_os_version on assets (os_version, id) where redirected_to is null;
create index assets_last_user on assets (last_user, id) where redirected_to is null;
create index assets_last_seen on assets (last_seen_at, id) where redirected_to is null;
create index assets_created on assets (created_at, id) where redirected_to is null;
create index assets_person on assets (person_id, id) where redirected_to is null;
create index assets_place on assets (place_id, id) where redirected_to is null;
create index assets_org on assets (org_unit_id, id) where redirected_to is null;
-- Filters compare text without case: with statistics of the lower-cased text the planner knows how many rows they leave.
create statistics assets_lower_manufacturer on (lower(manufacturer)) from assets;
create statistics assets_lower_model on (lower(model)) from assets;
create statistics assets_lower_os_name on (lower(os_name)) from assets;
create statistics assets_lower_os_version on (lower(os_version)) from assets;
create statistics assets_lower_last_user on (lower(last_user)) from assets;

-- Every value with its source; the asset row caches the winner. One row per asset, field and source.
create table asset_field_values (
  asset_id uuid not null,
  field text not null,
  -- `manual`, or the source's key, for example `glpi`.
  source text not null,
  value jsonb,
  observed_at timestamptz not null,
  actor text,
  primary key (asset_id, field, source)
);

-- The asset's timeline: an event for every change.
create table asset_events (
  asset_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  kind text not null,
  source text not null,
  actor text,
  data jsonb not null default '{}',
  primary key (asset_id, id)
);
create index asset_events_at on asset_events (asset_id, at desc);
