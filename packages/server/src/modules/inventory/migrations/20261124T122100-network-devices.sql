-- What only a port of network equipment has: its number, description, VLANs and the ports it bundles.
alter table interfaces add column port jsonb;

-- What is built into a network device: members of a stack, modules, power supplies.
create table network_components (
  asset_id uuid not null,
  observation_id uuid not null,
  index integer not null,
  contained_in integer,
  kind text not null,
  name text,
  serial text,
  data jsonb not null default '{}',
  primary key (asset_id, observation_id, index)
);

-- What is connected to a port, by who told it. A link is its own port and the other's chassis and port, never a name.
create table network_neighbours (
  asset_id uuid not null,
  observation_id uuid not null,
  -- 32 hex digits of a hash of port, protocol, chassis and port of the other.
  link text not null,
  local_port integer,
  local_port_name text,
  protocol text not null,
  chassis_id text,
  -- The twelve digits of the chassis id when it is a MAC address: leads to the asset at the other end.
  chassis_mac text,
  port_id text,
  system_name text,
  data jsonb not null default '{}',
  first_seen_at timestamptz not null,
  -- When it was last seen; empty while it still is.
  gone_at timestamptz,
  primary key (asset_id, observation_id, link)
);
create index network_neighbours_chassis on network_neighbours (chassis_mac) where chassis_mac is not null;
