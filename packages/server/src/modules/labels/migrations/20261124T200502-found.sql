-- What strangers may learn; one row. Off until someone decides otherwise.
create table found_page (
  id boolean primary key default true check (id),
  enabled boolean not null default false,
  show_organisation boolean not null default true,
  show_tag boolean not null default false,
  contact text not null default ''
);
insert into found_page default values;

create table found_reports (
  asset_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  message text not null,
  contact text,
  primary key (asset_id, id)
);
create index found_reports_at on found_reports (at, id);
