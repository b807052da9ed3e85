-- Files of an asset; the bytes are in the data folder under their SHA-256.
create table asset_attachments (
  asset_id uuid not null,
  id uuid not null,
  name text not null,
  kind text not null,
  bytes bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  uploaded_by text not null,
  created_at timestamptz not null,
  -- On the survivor of a merge: the asset it was copied from.
  merged_from uuid,
  primary key (asset_id, id)
);
create index asset_attachments_created on asset_attachments (created_at, id);
create index asset_attachments_sha256 on asset_attachments (sha256);

create table asset_notes (
  asset_id uuid not null,
  id uuid not null,
  text text not null,
  author text not null,
  created_at timestamptz not null,
  edited_at timestamptz,
  edited_by text,
  version integer not null default 1,
  merged_from uuid,
  primary key (asset_id, id)
);
create index asset_notes_created on asset_notes (created_at, id);

-- What a note said before it was edited.
create table asset_note_versions (
  asset_id uuid not null,
  note_id uuid not null,
  version integer not null,
  text text not null,
  written_by text not null,
  written_at timestamptz not null,
  primary key (asset_id, note_id, version),
  foreign key (asset_id, note_id) references asset_notes (asset_id, id) on delete cascade
);

-- Free words on assets; `key` is the word without case.
create table keywords (
  id uuid primary key,
  key text not null unique,
  name text not null,
  created_at timestamptz not null
);
create index keywords_name on keywords (name, id);

create table asset_keywords (
  asset_id uuid not null,
  keyword_id uuid not null references keywords (id) on delete cascade,
  merged_from uuid,
  primary key (asset_id, keyword_id)
);
create index asset_keywords_keyword on asset_keywords (keyword_id, asset_id);
