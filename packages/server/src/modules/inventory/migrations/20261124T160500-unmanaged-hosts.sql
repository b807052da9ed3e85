-- What the network shows: MAC addresses in the tables of switches and routers and in sweeps. Those that a source tells of are found by their identity key and
-- not listed. Random addresses are one row for each port or range. Small: new rows are bounded per range and day, and rows that are not seen age out.
create table unmanaged_hosts (
  id uuid primary key,
  -- The twelve digits of the address; `random:<scope>:<port>` for a folded row.
  key text not null unique,
  mac text,
  -- The distinct addresses of a folded row, at most 256.
  macs text[] not null default '{}',
  ip text,
  name text,
  vendor text,
  -- `device:<id>` or `range:<id or name>`.
  scope text not null,
  scope_label text not null,
  -- The asset whose table told.
  device_id uuid,
  port text,
  seen_by text[] not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  ignored_at timestamptz,
  ignored_by text,
  ignored_reason text
);
create index unmanaged_hosts_last_seen on unmanaged_hosts (last_seen_at, id);
create index unmanaged_hosts_first_seen on unmanaged_hosts (first_seen_at, id);
create index unmanaged_hosts_mac on unmanaged_hosts (mac, id);
create index unmanaged_hosts_device on unmanaged_hosts (device_id);

-- New rows of a day, and those that were not kept.
create table unmanaged_quotas (
  scope text not null,
  day date not null,
  scope_label text not null,
  kept integer not null default 0,
  not_kept integer not null default 0,
  primary key (scope, day)
);
