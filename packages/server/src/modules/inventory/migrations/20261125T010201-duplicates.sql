-- Groups of assets that may be one, found by a job: a list of them is then as fast as any other, and no write of an asset pays for it.
create table duplicate_groups (
  id uuid primary key,
  reason text not null check (reason in ('serial', 'tag', 'mac', 'name_and_model')),
  -- What is common, normalised; `value` is as people read it.
  key text not null,
  value text not null,
  assets integer not null,
  found_at timestamptz not null,
  -- The run that saw it last.
  seen_at timestamptz not null,
  dismissed_at timestamptz,
  dismissed_by text,
  dismissed_note text,
  -- Of whom it was said: another asset that joins opens the question again.
  dismissed_assets uuid[] not null default '{}',
  unique (reason, key)
);
create index duplicate_groups_assets on duplicate_groups (assets, id);
create index duplicate_groups_found on duplicate_groups (found_at, id);
create index duplicate_groups_value on duplicate_groups (value, id);

create table duplicate_members (
  asset_id uuid not null,
  group_id uuid not null references duplicate_groups (id) on delete cascade,
  primary key (asset_id, group_id)
);
create index duplicate_members_group on duplicate_members (group_id, asset_id);
