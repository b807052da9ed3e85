-- What an enrolment told, until the host answers; what tells copies of one machine apart; when a host said that something changed.
alter table osquery_nodes add column details jsonb not null default '{}';
alter table osquery_nodes add column name text not null default '';
alter table osquery_nodes add column macs text[] not null default '{}';
alter table osquery_nodes add column changed_at timestamptz;
alter table osquery_nodes add column introduced_at timestamptz;

-- Device ids that several machines had: who enrols under one gets an id of its own.
create table osquery_forks (device_id text primary key, at timestamptz not null);

-- Lines of hosts' logs. The same line again is counted, not stored again; the oldest go when a host has too many, and all after some days.
create table osquery_lines (
  device_id text not null,
  -- Of what is the same in the same line.
  mark bytea not null,
  id uuid not null unique,
  kind text not null check (kind in ('status', 'result')),
  severity text check (severity in ('info', 'warning', 'error', 'fatal')),
  name text not null,
  message text not null,
  times integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (device_id, mark)
);
create index osquery_lines_last on osquery_lines (last_at, id);
