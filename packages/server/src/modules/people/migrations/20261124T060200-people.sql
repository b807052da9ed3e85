create table org_units (
  id uuid primary key,
  name text not null,
  parent_id uuid references org_units (id),
  -- Ids from the root to this unit: a subtree is one array test.
  path uuid[] not null,
  cost_centre text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1
);
create index org_units_path on org_units using gin (path);
create index org_units_name on org_units (name, id);
create index org_units_parent on org_units (parent_id);

create table people (
  id uuid primary key,
  name text not null,
  email text,
  -- As agents report it, lower case: links a machine's user to a person.
  login text,
  employee_number text,
  job_title text,
  org_unit_id uuid references org_units (id),
  place_id uuid,
  active boolean not null default true,
  source text not null default 'manual',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  custom jsonb not null default '{}',
  search_text text generated always as (lower(name || ' ' || coalesce(email, '') || ' ' || coalesce(login, '') || ' ' || coalesce(employee_number, ''))) stored
);
create unique index people_login on people (lower(login)) where login is not null;
create unique index people_email on people (lower(email)) where email is not null;
create index people_name on people (name, id);
create index people_org_unit on people (org_unit_id, id);
create index people_place on people (place_id, id);
create index people_search on people using gin (search_text gin_trgm_ops);
