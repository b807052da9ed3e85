-- One source's latest report about one thing. asset_id is null while it is held: a partial report of a machine never seen in full.
create table observations (
  id uuid primary key,
  source text not null,
  native_id text not null,
  agent_id text,
  agent_version text,
  asset_id uuid,
  item_type text not null default 'Computer',
  tag text,
  keys jsonb not null default '[]',
  first_received_at timestamptz not null,
  last_received_at timestamptz not null,
  last_full_at timestamptz,
  reports integer not null default 1,
  unique (source, native_id)
-- Room in each page, so that noting the time of a report touches no index.
) with (fillfactor = 80);
create index observations_asset on observations (asset_id);

-- The original content of each section, deflated JSON, replaced when its hash changes.
create table observation_sections (
  asset_id uuid not null,
  observation_id uuid not null,
  section text not null,
  hash bytea not null,
  content bytea not null,
  changed_at timestamptz not null,
  primary key (asset_id, observation_id, section)
);
alter table observation_sections alter column content set storage external;

-- Which values identify which asset. Looked up by value, so small enough to be a reference table.
create table identity_keys (
  kind text not null,
  value text not null,
  asset_id uuid not null,
  observation_id uuid not null,
  quality text not null check (quality in ('good', 'weak', 'shared', 'placeholder')),
  seen_at timestamptz not null,
  primary key (kind, value, asset_id, observation_id)
);
create index identity_keys_asset on identity_keys (asset_id);
create index identity_keys_observation on identity_keys (observation_id);

-- Every decision with its reasons; written when it is the first or differs from the last one.
create table identity_decisions (
  id uuid primary key,
  observation_id uuid not null,
  asset_id uuid,
  at timestamptz not null,
  outcome text not null,
  rule text not null,
  reasons jsonb not null
);
create index identity_decisions_observation on identity_decisions (observation_id, at desc);
create index identity_decisions_asset on identity_decisions (asset_id, at desc);

create table device_facts (
  asset_id uuid not null,
  observation_id uuid not null,
  facts jsonb not null,
  sockets integer,
  cores integer,
  threads integer,
  memory_mb integer,
  vm_system text,
  os_name text,
  os_family text,
  seen_at timestamptz not null,
  primary key (asset_id, observation_id)
);

create table interfaces (
  asset_id uuid not null,
  observation_id uuid not null,
  name text not null,
  ordinal integer not null,
  mac text,
  ips text[] not null default '{}',
  type text,
  virtual boolean not null default false,
  speed_mbps integer,
  up boolean,
  primary key (asset_id, observation_id, ordinal)
);
create index interfaces_mac on interfaces (mac) where mac is not null;

create table storage_devices (
  asset_id uuid not null,
  observation_id uuid not null,
  ordinal integer not null,
  kind text not null check (kind in ('disk', 'volume')),
  name text not null,
  data jsonb not null,
  primary key (asset_id, observation_id, kind, ordinal)
);

create table asset_users (
  asset_id uuid not null,
  login text not null,
  domain text not null default '',
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (asset_id, login, domain)
);
create index asset_users_login on asset_users (login);

-- Evidence on an asset. A removed row stays: inventory as of any day. last_seen of a present row is its observation's last report.
create table installations (
  asset_id uuid not null,
  observation_id uuid not null,
  evidence_id integer not null,
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  installed_on date,
  path text,
  user_login text,
  last_used_at timestamptz,
  primary key (asset_id, observation_id, evidence_id, first_seen_at)
);
create index installations_evidence on installations (evidence_id, asset_id) where removed_at is null;
