create table entitlements (
  id uuid primary key,
  product_id uuid not null references products (id),
  metric text not null,
  -- Rights bought; null is unlimited (site, enterprise agreement).
  quantity numeric(18, 4),
  edition text,
  version_up_to text,
  starts_on date,
  ends_on date,
  pool text not null default 'global',
  scope jsonb not null default '{"kind":"all"}',
  unit_price numeric(18, 6),
  currency text,
  purchase_reference text,
  supplier text,
  purchased_on date,
  agreement text,
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  retired_at timestamptz,
  version integer not null default 1,
  custom jsonb not null default '{}',
  search_text text generated always as (lower(coalesce(purchase_reference, '') || ' ' || coalesce(supplier, '') || ' ' || coalesce(agreement, '') || ' ' || metric)) stored
);
create index entitlements_product on entitlements (product_id, id);
create index entitlements_created on entitlements (created_at, id);
create index entitlements_ends on entitlements (ends_on, id);
create index entitlements_search on entitlements using gin (search_text gin_trgm_ops);

-- The effective licence position per product, metric and pool. Figures are ranges; min = max when every fact is there.
create table positions (
  id uuid primary key,
  product_id uuid not null references products (id),
  metric text not null,
  pool text not null default 'global',
  owned numeric(18, 4),
  required_min numeric(18, 4) not null,
  required_max numeric(18, 4) not null,
  -- Of what is surely required, and of what is required at most.
  covered numeric(18, 4) not null,
  covered_max numeric(18, 4) not null,
  shortfall_min numeric(18, 4) not null,
  shortfall_max numeric(18, 4) not null,
  surplus_min numeric(18, 4) not null,
  surplus_max numeric(18, 4) not null,
  cost_to_cure numeric(18, 2),
  surplus_value numeric(18, 2),
  currency text,
  status text not null check (status in ('compliant', 'short', 'surplus', 'unknown', 'unlicensed')),
  missing_facts integer not null default 0,
  -- The upper trees of the derivation, and what is said beside them; the leaves are position_demands and entitlements.
  derivation jsonb not null,
  details jsonb not null,
  rules_version text not null,
  computed_at timestamptz not null,
  unique (product_id, metric, pool)
);

-- One row per consumer of the position: what it needs, why, what covers it. The leaves of the derivation.
-- asset_id is all zeros for a consumer that is no asset (a site).
create table position_demands (
  asset_id uuid not null,
  position_id uuid not null,
  consumer text not null,
  label text not null,
  edition text,
  -- Why nothing is required; null for a real need.
  exemption text,
  required_min numeric(18, 4) not null,
  required_max numeric(18, 4) not null,
  covered numeric(18, 4) not null,
  entitlement_id uuid,
  facts jsonb not null,
  missing text[] not null default '{}',
  -- Of all other columns: an unchanged need is not written again.
  digest text not null,
  primary key (asset_id, position_id, consumer)
);
create index position_demands_position on position_demands (position_id, label, consumer);
