create table users (
  id uuid primary key,
  email text not null,
  name text not null,
  password_hash text,
  person_id uuid,
  disabled boolean not null default false,
  locale text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_sign_in_at timestamptz,
  version integer not null default 1
);
create unique index users_email on users (lower(email));

create table role_assignments (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  role text not null,
  scope jsonb not null default '{"kind":"all"}',
  created_at timestamptz not null default now(),
  unique (user_id, role, scope)
);

-- Only hashes of secrets: reading the table opens no door.
create table sessions (
  -- Names the session to its user; the cookie holds another, secret id, of which only the hash is kept.
  id uuid primary key,
  id_hash bytea not null unique,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  user_agent text,
  ip text
);
create index sessions_user on sessions (user_id);

create table api_tokens (
  id uuid primary key,
  name text not null,
  token_hash bytea not null unique,
  prefix text not null,
  user_id uuid references users (id) on delete cascade,
  permissions text[] not null,
  scope jsonb not null default '{"kind":"all"}',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table setup_links (token_hash bytea primary key, created_at timestamptz not null default now(), expires_at timestamptz not null, used_at timestamptz);

create table enrolment_keys (
  id uuid primary key,
  name text not null,
  key_hash bytea not null unique,
  prefix text not null,
  tag text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  version integer not null default 1
);
