-- The durable inbox. A body is stored once per content; each delivery is a row. Acknowledged only after commit.
create table inbox_bodies (hash bytea primary key, body bytea not null, inflated_bytes integer not null, stored_at timestamptz not null default now());
alter table inbox_bodies alter column body set storage external;
create index inbox_bodies_stored on inbox_bodies (stored_at);

create table inbox (
  id bigint generated always as identity primary key,
  report_id uuid not null unique,
  received_at timestamptz not null default now(),
  enrolment_key_id uuid,
  family text not null,
  kind text not null,
  -- Orders the reports of one machine: `family:deviceid`.
  device_key text not null,
  device_id text,
  body_hash bytea not null,
  content_type text,
  user_agent text,
  agent_id text,
  agent_version text,
  ip text,
  bytes integer not null,
  inflated_bytes integer not null,
  state text not null default 'pending' check (state in ('pending', 'done', 'held', 'failed', 'ignored')),
  attempts integer not null default 0,
  -- A failed attempt waits until then; later reports of the machine wait with it.
  not_before timestamptz,
  -- Known once it is read.
  partial boolean,
  observation_id uuid,
  asset_id uuid,
  outcome text,
  warnings jsonb not null default '[]',
  warning_count integer not null default 0,
  error text,
  processed_at timestamptz
);
create index inbox_pending on inbox (id) where state = 'pending';
create index inbox_device on inbox (device_key, id);
create index inbox_held on inbox (device_key) where state = 'held';
create index inbox_received on inbox (received_at desc, report_id desc);
create index inbox_asset on inbox (asset_id, id);
create index inbox_body on inbox (body_hash);

-- What the server must tell an agent at its next contact: send everything. One row per machine and agent.
create table agent_states (
  device_key text primary key,
  family text not null,
  enrolment_key_id uuid,
  agent_id text,
  agent_version text,
  force_full boolean not null default false,
  last_contact_at timestamptz not null,
  last_report_at timestamptz
);
create index agent_states_source on agent_states (family, enrolment_key_id);

-- One row: how long original bodies are kept.
create table inbox_settings (only_row boolean primary key default true check (only_row), keep_bodies_days integer not null);
