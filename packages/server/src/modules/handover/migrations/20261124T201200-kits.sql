-- What someone gets together: a template. What was given of it is custody.
create table kits (
  id uuid primary key,
  name text not null,
  note text,
  -- As kitLineSchema: class or model, count, optional.
  lines jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create unique index kits_name on kits (lower(name));
