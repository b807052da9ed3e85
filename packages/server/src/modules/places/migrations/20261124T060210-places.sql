create table places (
  id uuid primary key,
  name text not null,
  kind text not null default 'site' check (kind in ('site', 'building', 'floor', 'room', 'stockroom', 'rack', 'bin')),
  parent_id uuid references places (id),
  path uuid[] not null,
  created_at timestamptz not null default now()
);
create index places_path on places using gin (path);
