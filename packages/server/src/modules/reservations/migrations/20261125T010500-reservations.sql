-- Loaner pools: assets that are lent, of which anyone will do.
create table loan_pools (
  id uuid primary key,
  name text not null,
  -- named: the rows of loan_pool_assets. matching: whatever is of the class or model, at the place and below.
  kind text not null check (kind in ('named', 'matching')),
  class_key text,
  model text,
  place_id uuid references places,
  -- Whole days after the first one for which something that nobody collects is kept.
  no_show_days integer not null default 1 check (no_show_days between 0 and 365),
  note text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  constraint loan_pool_matches check (kind = 'named' or class_key is not null or model is not null)
);
create unique index loan_pools_name on loan_pools (lower(name));
create index loan_pools_sort on loan_pools (name, id);
create index loan_pools_place on loan_pools (place_id);
create table loan_pool_assets (
  asset_id uuid not null,
  pool_id uuid not null references loan_pools on delete cascade,
  primary key (asset_id, pool_id)
);
create index loan_pool_assets_pool on loan_pool_assets (pool_id);

create table reservations (
  id uuid primary key,
  -- One of both: some of a pool, or a certain asset.
  pool_id uuid references loan_pools,
  wanted_asset_id uuid,
  quantity integer not null check (quantity > 0),
  holder_kind text not null check (holder_kind in ('person', 'team')),
  holder_id uuid not null,
  -- Its name when it was reserved: shown once the holder itself is gone.
  holder_label text not null,
  -- Whole days, both included.
  from_on date not null,
  to_on date not null check (to_on >= from_on),
  state text not null check (state in ('waiting', 'reserved', 'collected', 'returned', 'cancelled', 'expired')),
  -- The order in which those who wait move up.
  waiting_no bigint generated always as identity,
  note text,
  reason text,
  made_by text not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint reservation_of check ((pool_id is null) <> (wanted_asset_id is null) and (pool_id is not null or quantity = 1))
);
create index reservations_from on reservations (from_on, id);
create index reservations_to on reservations (to_on, id);
create index reservations_created on reservations (created_at, id);
create index reservations_pool on reservations (pool_id, from_on) where pool_id is not null;
create index reservations_asset on reservations (wanted_asset_id, from_on) where wanted_asset_id is not null;
create index reservations_holder on reservations (holder_id, holder_kind);
create index reservations_waiting on reservations (waiting_no) where state = 'waiting';
create index reservations_to_collect on reservations (from_on) where state = 'reserved';

-- Which asset is set aside for which reservation, or is out by it. Of one asset no two that are held may share a day.
create table reservation_assets (
  asset_id uuid not null,
  reservation_id uuid not null references reservations,
  from_on date not null,
  to_on date not null check (to_on >= from_on),
  held boolean not null default true,
  collected_at timestamptz,
  returned_at timestamptz,
  primary key (asset_id, reservation_id),
  constraint reservation_no_overlap exclude using gist (asset_id with =, daterange(from_on, to_on, '[]') with &&) where (held)
);
create index reservation_assets_reservation on reservation_assets (reservation_id);
