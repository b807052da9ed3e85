create table places (
  id uuid primary key,
  name text not null,
  kind text not null default 'site' check (kind in ('site', 'building', 'floor', 'room', 'stockroom', 'rack', 'bin')),
  parent_id uuid references places (id),
  -- Ids from the root to this place: a subtree is one array test.
  path uuid[] not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1
);
create index places_path on places using gin (path);
create index places_name on places (name, id);
create index places_parent on places (parent_id);
