-- Every code that may be scanned and is not a field of the record. Looked up by value before the asset is known; a sticker that nobody
-- has claimed has no asset. `key` is the value without case, so one value is one code whatever symbology it is drawn in.
create table codes (
  key text primary key,
  id uuid not null,
  value text not null,
  symbology text not null check (symbology in ('qr', 'datamatrix', 'code128')),
  kind text not null check (kind in ('own', 'sticker', 'serial', 'service_tag', 'external')),
  source text not null,
  batch_id uuid,
  -- The place in its batch, from 1.
  number integer,
  asset_id uuid,
  claimed_at timestamptz,
  claimed_by text,
  created_at timestamptz not null,
  check ((kind = 'sticker') = (batch_id is not null)),
  check (kind = 'sticker' or asset_id is not null)
);
create unique index codes_id on codes (id);
create index codes_asset on codes (asset_id) where asset_id is not null;
create index codes_batch on codes (batch_id, number) where batch_id is not null;
-- An asset has one code of its own, also when two people print it at once.
create unique index codes_own on codes (asset_id) where kind = 'own';

create table sticker_batches (
  id uuid primary key,
  name text not null,
  stickers integer not null,
  created_at timestamptz not null,
  created_by text not null
);
create index sticker_batches_created on sticker_batches (created_at, id);

create table tag_sequences (
  id uuid primary key,
  name text not null,
  class_key text references asset_classes (key),
  org_unit_id uuid,
  prefix text not null,
  suffix text not null,
  width integer not null,
  -- Only ever grows; the row lock of the update that takes numbers keeps two from getting the same.
  next_number bigint not null,
  check_digit text not null check (check_digit in ('none', 'luhn')),
  automatic boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create unique index tag_sequences_name on tag_sequences (lower(name));
-- One answer to the question which sequence an asset's tag comes from.
create unique index tag_sequences_for on tag_sequences (class_key, org_unit_id) nulls not distinct where automatic;
