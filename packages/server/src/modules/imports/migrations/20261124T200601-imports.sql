-- A file that is compared with what is there, applied and undone. The file itself is in the data folder.
create table imports (
  id uuid primary key,
  name text not null,
  format text not null check (format in ('csv', 'xlsx')),
  encoding text,
  delimiter text,
  bytes bigint not null,
  headers text[] not null,
  samples jsonb not null,
  -- Of the headers: a mapping is remembered for it.
  fingerprint text not null,
  state text not null default 'uploaded' check (state in ('uploaded', 'planning', 'planned', 'applying', 'applied', 'undoing', 'undone')),
  resource text,
  mapping jsonb,
  mode text check (mode in ('good', 'all')),
  counts jsonb,
  job_id uuid,
  created_by text not null,
  created_at timestamptz not null,
  applied_at timestamptz,
  undone_at timestamptz
);
create index imports_created on imports (created_at, id);
create index imports_name on imports (name, id);
create index imports_created_by on imports (created_by, id);
create index imports_applied on imports (applied_at, id);

-- What each row would do, does or did. `before` is what undoing needs.
create table import_rows (
  import_id uuid not null references imports (id) on delete cascade,
  no integer not null,
  action text not null check (action in ('create', 'update', 'unchanged', 'skip', 'conflict', 'error')),
  record_id uuid,
  label text not null,
  -- What makes two rows mean one new record.
  match_key text,
  changes jsonb not null default '[]',
  errors jsonb not null default '[]',
  outcome text check (outcome in ('applied', 'failed', 'undone', 'kept')),
  before jsonb,
  applied_at timestamptz,
  primary key (import_id, no)
);
create index import_rows_action on import_rows (import_id, action, no);
create index import_rows_outcome on import_rows (import_id, outcome, no) where outcome is not null;

-- People, places and org units that rows named and that were made for them.
create table import_made (
  import_id uuid not null references imports (id) on delete cascade,
  resource text not null,
  record_id uuid not null,
  primary key (import_id, resource, record_id)
);

create table import_mappings (
  fingerprint text primary key,
  mapping jsonb not null,
  file_name text not null,
  used_at timestamptz not null,
  used_by text not null
);
