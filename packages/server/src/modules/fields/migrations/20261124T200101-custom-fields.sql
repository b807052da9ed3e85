create table custom_fields (
  id uuid primary key,
  resource text not null,
  -- What filters, exports and the API use: never changed, so that a new label breaks nothing.
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  label text not null,
  type text not null,
  unit text,
  options jsonb not null default '[]',
  required boolean not null default false,
  is_unique boolean not null default false,
  pattern text,
  default_value jsonb,
  help text,
  -- Only assets or models of this class and those below it; null for all.
  class_key text references asset_classes (key),
  class_defaults jsonb not null default '{}',
  position integer not null default 0,
  indexed boolean not null default false,
  index_state text not null default 'none' check (index_state in ('none', 'building', 'ready', 'failed')),
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  unique (resource, key)
);

-- One row per value of a unique field: of two writers at once, the key lets one pass.
create table custom_unique_values (
  field_id uuid not null references custom_fields (id),
  value text not null,
  record_id uuid not null,
  primary key (field_id, value),
  unique (field_id, record_id)
);

-- Encrypted values, sealed with the installation's secret key. They stand apart from the records, so that nothing that reads a record can show them.
create table custom_secrets (
  record_id uuid not null,
  field_id uuid not null references custom_fields (id),
  sealed text not null,
  set_at timestamptz not null,
  set_by text not null,
  primary key (record_id, field_id)
);

-- Typed readings of a custom value, immutable so that an index can be built on them. A value of another type reads as null.
create function custom_number(custom jsonb, key text) returns numeric language sql immutable parallel safe
  return case when jsonb_typeof(custom -> key) = 'number' then (custom ->> key)::numeric end;
create function custom_boolean(custom jsonb, key text) returns boolean language sql immutable parallel safe
  return case when jsonb_typeof(custom -> key) = 'boolean' then (custom ->> key)::boolean end;
create function custom_date(custom jsonb, key text) returns date language sql immutable parallel safe
  return case when (custom ->> key) ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
    then make_date(substr(custom ->> key, 1, 4)::int, substr(custom ->> key, 6, 2)::int, 1) + (substr(custom ->> key, 9, 2)::int - 1) end;
create function custom_uuid(custom jsonb, key text) returns uuid language sql immutable parallel safe
  return case when (custom ->> key) ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then (custom ->> key)::uuid end;
create function custom_amount(custom jsonb, key text) returns numeric language sql immutable parallel safe
  return case when (custom -> key ->> 'amount') ~ '^-?\d{1,15}(\.\d{1,6})?$' then (custom -> key ->> 'amount')::numeric end;
