-- Where a site is: { street, postcode, city, region, country }, country as ISO 3166-1 alpha-2.
alter table places add column address jsonb not null default '{}';
alter table places add column notes text;
-- Height units of a rack, numbered from 1 at the bottom; null for places that are no rack.
alter table places add column rack_units integer check (rack_units between 1 and 100);
update places set rack_units = 42 where kind = 'rack';

-- Where in a rack an asset hangs. It holds while the asset is placed in that rack: moved elsewhere, the row says where it was.
create table rack_mounts (
  asset_id uuid primary key,
  rack_id uuid not null references places (id),
  -- The lowest unit that it takes, and how many.
  unit integer not null check (unit >= 1),
  height integer not null check (height between 1 and 100),
  side text not null check (side in ('front', 'rear', 'both')),
  mounted_at timestamptz not null,
  mounted_by text not null
);
create index rack_mounts_rack on rack_mounts (rack_id);
