create table publishers (id uuid primary key, key text not null unique, name text not null, source text not null default 'content');

create table products (
  id uuid primary key,
  -- Stable key of the content row, for example `microsoft/visual-studio-code`; `local/...` for one made here.
  key text not null unique,
  name text not null,
  publisher_id uuid not null references publishers (id),
  category text not null,
  -- `product`, `component`, `runtime`, `driver`, `update`, `os`, `agent`.
  kind text not null default 'product',
  licensable boolean not null default false,
  suite_of text[] not null default '{}',
  -- Kept by the counting job: assets and installations with this product now.
  assets integer not null default 0,
  installations integer not null default 0,
  source text not null default 'content',
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  search_text text not null default ''
);
create index products_name on products (name, id);
create index products_assets on products (assets, id);
create index products_search on products using gin (search_text gin_trgm_ops);

-- A distinct raw software fact, never altered. Shared by all installations of it.
create table evidence (
  id integer generated always as identity primary key,
  hash bytea not null unique,
  name text not null,
  version text,
  publisher text,
  channel text not null,
  arch text,
  code text,
  first_seen_at timestamptz not null default now(),
  installations integer not null default 0,
  search_text text generated always as (lower(name || ' ' || coalesce(publisher, ''))) stored
);
create index evidence_search on evidence using gin (search_text gin_trgm_ops);
create index evidence_installations on evidence (installations desc, id desc);

-- The recognised meaning of evidence under a ruleset version.
create table evidence_recognition (
  evidence_id integer primary key references evidence (id),
  product_id uuid references products (id),
  edition text,
  release text,
  version text,
  kind text not null,
  -- `content` rule key, `local` rule id, or `none`.
  rule text not null,
  confidence text not null,
  ruleset text not null,
  at timestamptz not null default now()
);
create index evidence_recognition_product on evidence_recognition (product_id);
create index evidence_recognition_none on evidence_recognition (evidence_id) where product_id is null;

-- What a person decided about raw titles; stands before the content's rules.
create table local_rules (
  id uuid primary key,
  name_pattern text not null,
  publisher text,
  channel text,
  product_id uuid not null references products (id),
  edition text,
  created_by text not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  version integer not null default 1
);

-- Products whose facts changed since licences were last reconciled.
create table product_changes (product_id uuid primary key, changed_at timestamptz not null default clock_timestamp());
