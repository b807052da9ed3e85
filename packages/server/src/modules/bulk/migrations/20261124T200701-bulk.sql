-- One change of many assets: what was asked for, by whom, and how far it is.
create table bulk_changes (
  id uuid primary key,
  operation text not null,
  parameters jsonb not null,
  -- How it was selected: {"ids": n} or {"q": ..., "filter": ...}; the assets themselves are in bulk_items.
  selection jsonb not null,
  phase text not null check (phase in ('preview', 'ready', 'apply', 'applied', 'undo', 'undone')),
  -- The job of this phase; null when it was short enough for none.
  job_id uuid,
  samples jsonb not null default '[]',
  created_by text not null,
  actor_kind text not null,
  actor_id uuid,
  -- Whoever applied or undoes it last: the jobs act with their rights.
  acting_kind text,
  acting_id uuid,
  created_at timestamptz not null,
  applied_at timestamptz,
  undone_at timestamptz
);
create index bulk_changes_created on bulk_changes (created_at, id);

-- The assets as they were selected, so that what is applied is what was previewed. Each is moved on in the transaction that changes it.
create table bulk_items (
  asset_id uuid not null,
  bulk_id uuid not null references bulk_changes (id) on delete cascade,
  no integer not null,
  outcome text not null default 'selected'
    check (outcome in ('selected', 'will_change', 'unchanged', 'blocked', 'changed', 'failed', 'undone', 'not_undone')),
  code text,
  reason text,
  -- What undo needs, as the operation left it.
  undo jsonb,
  primary key (asset_id, bulk_id)
);
create index bulk_items_outcome on bulk_items (bulk_id, outcome, no);
