-- Hosts that osquery enrolled. One row per node key, of which only the hash is kept; a host that enrols again keeps its device key.
create table osquery_nodes (
  key_hash bytea primary key,
  -- Told to the inbox as DEVICEID; hosts that share a host identifier but not their hardware have two.
  device_id text not null,
  enrolment_key_id uuid not null,
  host_identifier text not null,
  platform_type text not null,
  version text,
  -- Lower case; empty until it is known.
  uuid text not null,
  serial text not null,
  enrolled_at timestamptz not null,
  asked_at timestamptz,
  answered_at timestamptz
);
create index osquery_nodes_device on osquery_nodes (device_id, enrolled_at);
