alter table models
  add column custom jsonb not null default '{}',
  -- Values of the custom fields of assets that every asset of this model has, unless it has its own.
  add column asset_custom jsonb not null default '{}',
  add column updated_at timestamptz not null default now(),
  add column version integer not null default 1;

alter table asset_classes
  -- One of your own; the others follow the content that is shipped.
  add column own boolean not null default false,
  -- Capabilities that were changed here: they stand before what the content says.
  add column changed_capabilities text[],
  add column retired_at timestamptz,
  add column version integer not null default 1;
