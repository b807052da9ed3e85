-- What people did to identity: each operation holds what it moved and what was there before, so that undo is data.
create table identity_operations (
  id uuid primary key,
  kind text not null check (kind in ('merge', 'split')),
  -- The asset that stays.
  asset_id uuid not null,
  -- Merged into it, or split off it.
  other_id uuid not null,
  at timestamptz not null,
  actor text not null,
  reason text not null,
  -- {observations: [{id, from, to}], events: [id]}
  moved jsonb not null,
  -- The values and users of the assets before.
  before jsonb not null,
  undone_at timestamptz,
  undone_by text,
  undo_reason text
);
create index identity_operations_asset on identity_operations (asset_id, at desc);
create index identity_operations_other on identity_operations (other_id, at desc);

-- A person said which asset an observation is: reports do not move it.
create table identity_pins (
  observation_id uuid primary key,
  asset_id uuid not null,
  operation_id uuid not null
);

-- A person said that two assets are two: asset_a < asset_b.
create table identity_not_same (
  asset_a uuid not null,
  asset_b uuid not null,
  at timestamptz not null,
  actor text not null,
  reason text not null,
  operation_id uuid,
  primary key (asset_a, asset_b)
);

create table identity_conflicts (
  id uuid primary key,
  kind text not null check (kind in ('contradiction', 'duplicate')),
  -- asset_a < asset_b: a pair is asked about once.
  asset_a uuid not null,
  asset_b uuid not null,
  observation_id uuid not null,
  reason text not null,
  opened_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'later', 'same', 'different')),
  resolved_at timestamptz,
  resolved_by text,
  note text,
  operation_id uuid,
  unique (asset_a, asset_b)
);
create index identity_conflicts_b on identity_conflicts (asset_b);
create index identity_conflicts_opened on identity_conflicts (opened_at desc, id);
