-- A list as someone keeps it: what it shows and how, for themselves or shared.
create table saved_views (
  id uuid primary key,
  owner_id uuid not null references users (id) on delete cascade,
  resource text not null,
  name text not null,
  q text,
  filter text,
  sort text,
  -- Names of the columns in their order; null: as the list has them.
  columns text[],
  density text check (density in ('compact', 'comfortable')),
  facets_open boolean,
  sharing text not null default 'private' check (sharing in ('private', 'everyone', 'roles')),
  roles text[] not null default '{}',
  position integer not null default 0,
  archived boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1
);
create index saved_views_resource on saved_views (resource, position, id);
create index saved_views_owner on saved_views (owner_id, id);

-- The view a person's list opens with.
create table saved_view_defaults (
  user_id uuid not null references users (id) on delete cascade,
  resource text not null,
  view_id uuid not null references saved_views (id) on delete cascade,
  primary key (user_id, resource)
);
create index saved_view_defaults_view on saved_view_defaults (view_id);
