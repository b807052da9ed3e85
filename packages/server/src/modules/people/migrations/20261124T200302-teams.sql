create table teams (
  id uuid primary key,
  name text not null,
  org_unit_id uuid references org_units (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1
);
create unique index teams_name on teams (lower(name));
create index teams_sort on teams (name, id);
create table team_members (
  team_id uuid not null references teams (id) on delete cascade,
  person_id uuid not null references people (id),
  primary key (team_id, person_id)
);
create index team_members_person on team_members (person_id);
