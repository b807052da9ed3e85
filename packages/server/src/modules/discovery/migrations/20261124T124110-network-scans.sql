-- Networks to scan, the credentials to try, and the runs. A collector fetches its runs with its own enrolment key.
create table credential_sets (
  id uuid primary key,
  name text not null,
  kind text not null check (kind in ('snmp_v1', 'snmp_v2c', 'snmp_v3')),
  user_name text,
  protection text,
  -- The whole secret as JSON under MUSTER_SECRET_KEY.
  sealed text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create unique index credential_sets_name on credential_sets (lower(name));

create table scan_ranges (
  id uuid primary key,
  name text not null,
  -- The enrolment key of the collector that may do it.
  collector_id uuid not null,
  ranges text[] not null,
  excluded text[] not null,
  addresses integer not null,
  credential_ids uuid[] not null,
  every_hours integer,
  enabled boolean not null,
  -- Limits of a run, as in scanRangeCreateSchema.
  limits jsonb not null,
  next_run_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create index scan_ranges_name on scan_ranges (name, id);
create index scan_ranges_collector on scan_ranges (collector_id);
create index scan_ranges_due on scan_ranges (next_run_at) where enabled and next_run_at is not null;
create index scan_ranges_credentials on scan_ranges using gin (credential_ids);

create table scan_runs (
  id uuid primary key,
  range_id uuid not null references scan_ranges (id) on delete cascade,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  requested_at timestamptz not null,
  requested_by text not null,
  started_at timestamptz,
  last_heard_at timestamptz,
  finished_at timestamptz,
  total integer,
  probed integer not null default 0,
  up integer not null default 0,
  walked integer not null default 0,
  results integer not null default 0,
  message text
);
-- One open run a network.
create unique index scan_runs_open on scan_runs (range_id) where state in ('queued', 'running');
create index scan_runs_range on scan_runs (range_id, requested_at desc);
create index scan_runs_requested on scan_runs (requested_at desc, id desc);

-- The number of a line makes sending it again harmless.
create table scan_run_log (
  run_id uuid not null references scan_runs (id) on delete cascade,
  seq integer not null,
  at timestamptz not null,
  level text not null,
  message text not null,
  primary key (run_id, seq)
);

-- One result an address and run, however often it is delivered; the original is the report's body.
create table scan_results (
  run_id uuid not null references scan_runs (id) on delete cascade,
  address text not null,
  report_id uuid not null,
  name text,
  -- How many values SNMP gave, and how many parts are missing.
  value_count integer not null,
  missing_count integer not null,
  primary key (run_id, address)
);
