create table publishers (id uuid primary key, key text not null unique, name text not null, source text not null default 'content');

create table products (
  id uuid primary key,
  -- Stable key of the content row, for example `microsoft/visual-studio-code`; `local/...` for one made here.
  key text not null unique,
  name text not null,
  publisher_id uuid not null references publishers (id),
  category text not null,
  -- `product`, `os`, `runtime`, `driver`, `component`, `plugin`.
  kind text not null default 'product',
  licensable boolean not null default false,
  -- A person decided about `licensable`; the catalogue no longer does.
  licensable_decided boolean not null default false,
  suite_of text[] not null default '{}',
  -- Kept by the counting job: assets and installations with this product now.
  assets integer not null default 0,
  installations integer not null default 0,
  source text not null default 'content',
  updated_at timestamptz(3) not null default now(),
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
  first_seen_at timestamptz(3) not null default now(),
  installations integer not null default 0,
  search_text text generated always as (lower(name || ' ' || coalesce(publisher, ''))) stored
);
create index evidence_search on evidence using gin (search_text gin_trgm_ops);
-- Operating systems as titles; inventory asks for all of them.
create index evidence_os on evidence (id) where channel = 'os';
create index evidence_installations on evidence (installations desc, id desc);

-- The recognised meaning of evidence under a ruleset version.
create table evidence_recognition (
  evidence_id integer primary key references evidence (id),
  -- The product this title is an installation of; null for updates, components and unknown titles.
  product_id uuid references products (id),
  -- The product an update, component or language pack belongs to.
  part_of uuid references products (id),
  publisher_id uuid references publishers (id),
  edition text,
  release text,
  version text,
  kind text not null,
  -- The content rule's key, `local/<id>`, or `none`.
  rule text not null,
  confidence text not null,
  -- Of unknown titles: the name the queue groups them by.
  cleaned_name text,
  -- The content that decided; local rules are told by `rule`.
  ruleset text not null,
  at timestamptz not null default now()
);
create index evidence_recognition_product on evidence_recognition (product_id);
create index evidence_recognition_none on evidence_recognition (cleaned_name, evidence_id) where rule = 'none';
create index evidence_recognition_local on evidence_recognition (rule) where rule like 'local/%';

-- Evidence is what was reported. What it means lives beside it, so a rule can be replayed and undone.
create function evidence_is_never_altered() returns trigger language plpgsql as $$
begin
  raise exception 'evidence is never altered';
end $$;
create trigger evidence_no_change before update of id, hash, name, version, publisher, channel, arch, code on evidence
  for each row execute function evidence_is_never_altered();

-- What a person decided about raw titles; stands before the content's rules.
create table local_rules (
  id uuid primary key,
  name_pattern text not null,
  publisher text,
  channel text,
  product_id uuid not null references products (id),
  edition text,
  created_by text not null,
  created_at timestamptz(3) not null default now(),
  retired_at timestamptz(3),
  version integer not null default 1
);
create unique index local_rules_active on local_rules (lower(name_pattern), lower(coalesce(publisher, '')), coalesce(channel, '')) where retired_at is null;

-- The ruleset in use; one row. `local_version` counts changes of local rules, so that every process notices them.
create table recognition_state (
  one boolean primary key default true check (one),
  content_hash text not null,
  local_version integer not null default 0,
  synced_at timestamptz not null default now()
);

-- Changes of installation counts not yet folded into evidence: appended by ingest without touching shared rows, folded every moment.
create table installation_deltas (
  id bigint generated always as identity primary key,
  evidence_ids integer[] not null,
  deltas integer[] not null
);

-- Products whose counts are to be taken again.
create table product_counts_due (product_id uuid primary key, since timestamptz not null default now());

-- Products whose facts changed since licences were last reconciled.
create table product_changes (product_id uuid primary key, changed_at timestamptz not null default clock_timestamp());
