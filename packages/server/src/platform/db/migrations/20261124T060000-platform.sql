-- What no domain owns: the audit log, the progress of long work, remembered POSTs.
create extension if not exists pg_trgm;

create table audit_log (
  id uuid primary key,
  at timestamptz not null default now(),
  actor_kind text not null check (actor_kind in ('user', 'token', 'agent', 'system')),
  actor_id text,
  actor_label text not null,
  action text not null,
  resource text not null,
  resource_id text,
  summary text not null,
  before jsonb,
  after jsonb,
  request_id text,
  ip text
);
create index audit_log_at on audit_log (at desc, id desc);
create index audit_log_resource on audit_log (resource, resource_id, at desc);

-- Append-only: no statement of the application can change or remove a row.
create function audit_log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_log_no_change before update or delete on audit_log for each row execute function audit_log_is_append_only();
create trigger audit_log_no_truncate before truncate on audit_log for each statement execute function audit_log_is_append_only();

create table jobs (
  id uuid primary key,
  kind text not null,
  title text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  done integer not null default 0,
  total integer,
  message text,
  result jsonb,
  error text,
  cancel_requested boolean not null default false,
  -- Small frequent work: not listed unless it failed.
  quiet boolean not null default false,
  -- One waiting job per kind and key; cleared when the job starts.
  singleton_key text,
  -- The process that runs it: the number of the advisory lock it holds while it lives.
  worker integer,
  -- Failed runs so far; a run cut off by a crash or a stop is not one.
  attempts integer not null default 0,
  created_by text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index jobs_created on jobs (created_at desc, id desc);
create unique index jobs_singleton on jobs (kind, singleton_key) where state = 'queued' and singleton_key is not null;
create index jobs_running on jobs (worker) where state = 'running';

create table idempotency_keys (
  key text not null,
  actor text not null,
  request_hash text not null,
  status integer not null,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);

create table settings (key text primary key, value jsonb not null, updated_at timestamptz not null default now());
