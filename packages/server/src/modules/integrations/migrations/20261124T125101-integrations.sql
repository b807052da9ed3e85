-- Systems that are asked over their API. What they list goes through the inbox like any agent's report.
create table connectors (
  id uuid primary key,
  name text not null,
  kind text not null,
  enabled boolean not null default true,
  -- Null: only when someone starts it.
  every_minutes integer,
  settings jsonb not null,
  -- The credentials, encrypted with MUSTER_SECRET_KEY.
  sealed text not null,
  secret_names text[] not null,
  next_run_at timestamptz,
  -- Of the last finished run.
  last_state text,
  last_run_at timestamptz,
  last_ok_at timestamptz,
  last_devices integer,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create unique index connectors_name on connectors (lower(name));
create index connectors_due on connectors (next_run_at) where enabled and next_run_at is not null;

create table connector_runs (
  id uuid primary key,
  connector_id uuid not null,
  job_id uuid not null,
  state text not null check (state in ('queued', 'running', 'ok', 'partly', 'failed', 'cancelled')),
  started_by text not null,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  devices integer not null default 0,
  people integer not null default 0,
  requests integer not null default 0,
  message text
);
create unique index connector_runs_open on connector_runs (connector_id) where state in ('queued', 'running');
create index connector_runs_connector on connector_runs (connector_id, created_at desc);

-- One listing of one run. `cursor` is where it goes on after a crash; `result` is null until it is over.
create table connector_cells (
  run_id uuid not null,
  scope text not null,
  connector_id uuid not null,
  ordinal integer not null,
  result text check (result in ('ok', 'denied', 'throttled', 'timed_out', 'failed', 'cancelled')),
  missing_permission text,
  message text,
  cursor text,
  pages integer not null default 0,
  rows integer not null default 0,
  finished_at timestamptz,
  primary key (run_id, scope)
);
create index connector_cells_latest on connector_cells (connector_id, scope, finished_at desc) where result is not null;

create table connector_log (
  run_id uuid not null,
  ordinal integer generated always as identity,
  at timestamptz not null,
  level text not null check (level in ('info', 'warning', 'error')),
  scope text,
  message text not null,
  primary key (run_id, ordinal)
);

-- Everything a listing ever named. Only a complete listing sets missing_since.
create table connector_items (
  connector_id uuid not null,
  scope text not null,
  native_id text not null,
  run_id uuid not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  missing_since timestamptz,
  primary key (connector_id, scope, native_id)
);

-- Details of devices (their titles) until the devices are listed: those of the last complete listing and of the one under way.
create table connector_details (
  connector_id uuid not null,
  scope text not null,
  run_id uuid not null,
  native_id text not null,
  item_key text not null,
  data jsonb not null,
  primary key (connector_id, scope, run_id, native_id, item_key)
);
