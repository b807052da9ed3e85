-- The past of every asset: a row for each version that is over, written by a trigger so that no write can forget it. The present version is the
-- row of `assets` itself, valid since the later of created_at and version_since; -infinity means since it was created, which needs no rewrite of
-- the assets that are there. When a column is added to `assets` that has a past: add it here, to keep_asset_version() and to both triggers.
create table asset_history (
  asset_id uuid not null,
  valid_from timestamptz not null,
  -- Exclusive.
  valid_to timestamptz not null check (valid_to > valid_from),
  tag text,
  name text,
  class_key text not null,
  state text not null,
  substate text,
  condition text not null,
  manufacturer text,
  model text,
  model_id uuid,
  serial text,
  os_name text,
  os_version text,
  os_family text,
  cpu text,
  cores integer,
  memory_mb integer,
  last_user text,
  person_id uuid,
  place_id uuid,
  org_unit_id uuid,
  domain text,
  notes text,
  redirected_to uuid,
  custom jsonb not null,
  created_at timestamptz not null,
  search_text text generated always as (lower(coalesce(tag, '') || ' ' || coalesce(serial, '') || ' ' || coalesce(name, '') || ' ' || coalesce(last_user, '') || ' ' || coalesce(manufacturer, '') || ' ' || coalesce(model, ''))) stored,
  primary key (asset_id, valid_from)
);
-- The sorts of the list, as `assets` has them: PostgreSQL merges the two.
create index asset_history_from on asset_history (valid_from);
create index asset_history_to on asset_history (valid_to);
create index asset_history_search on asset_history using gin (search_text gin_trgm_ops);
create index asset_history_tag on asset_history (tag, asset_id) where redirected_to is null;
create index asset_history_name on asset_history (name, asset_id) where redirected_to is null;
create index asset_history_serial on asset_history (serial, asset_id) where redirected_to is null;
create index asset_history_class on asset_history (class_key, asset_id) where redirected_to is null;
create index asset_history_state on asset_history (state, asset_id) where redirected_to is null;
create index asset_history_condition on asset_history (condition, asset_id) where redirected_to is null;
create index asset_history_model on asset_history (model, asset_id) where redirected_to is null;
create index asset_history_manufacturer on asset_history (manufacturer, asset_id) where redirected_to is null;
create index asset_history_os on asset_history (os_name, asset_id) where redirected_to is null;
create index asset_history_os_version on asset_history (os_version, asset_id) where redirected_to is null;
create index asset_history_last_user on asset_history (last_user, asset_id) where redirected_to is null;
create index asset_history_created on asset_history (created_at, asset_id) where redirected_to is null;
create statistics asset_history_lower_manufacturer on (lower(manufacturer)) from asset_history;
create statistics asset_history_lower_model on (lower(model)) from asset_history;
create statistics asset_history_lower_os_name on (lower(os_name)) from asset_history;
create statistics asset_history_lower_os_version on (lower(os_version)) from asset_history;
create statistics asset_history_lower_last_user on (lower(last_user)) from asset_history;

alter table assets add column version_since timestamptz not null default '-infinity';
create index assets_version_since on assets (version_since);

-- Since when the past is kept. What was changed before is in no version: assets entered earlier are shown as they were at this time.
create table asset_history_start (one boolean primary key default true check (one), at timestamptz not null);
insert into asset_history_start (at) values (now());

-- The time of a change is the updated_at that the write gives; a write that gives none gets the transaction's time. A change that comes with an
-- earlier time than the version it ends (a report that waited) counts from that version's start and replaces it.
create function keep_asset_version() returns trigger language plpgsql as $$
declare
  since timestamptz := greatest(old.version_since, old.created_at);
  until timestamptz := now();
begin
  if tg_op = 'UPDATE' then
    if new.updated_at is distinct from old.updated_at or new.version <> old.version then until := new.updated_at; end if;
    new.version_since := greatest(until, since);
  end if;
  if until > since then
    insert into asset_history (asset_id, valid_from, valid_to, tag, name, class_key, state, substate, condition, manufacturer, model, model_id, serial, os_name, os_version, os_family,
      cpu, cores, memory_mb, last_user, person_id, place_id, org_unit_id, domain, notes, redirected_to, custom, created_at)
    values (old.id, since, until, old.tag, old.name, old.class_key, old.state, old.substate, old.condition, old.manufacturer, old.model, old.model_id, old.serial, old.os_name, old.os_version, old.os_family,
      old.cpu, old.cores, old.memory_mb, old.last_user, old.person_id, old.place_id, old.org_unit_id, old.domain, old.notes, old.redirected_to, old.custom, old.created_at);
  end if;
  return case tg_op when 'UPDATE' then new else old end;
end $$;
-- Not for last_seen_at: a report that says nothing new costs nothing here.
create trigger assets_version before update of tag, name, class_key, state, substate, condition, manufacturer, model, model_id, serial, os_name, os_version, os_family,
    cpu, cores, memory_mb, last_user, person_id, place_id, org_unit_id, domain, notes, redirected_to, custom on assets
  for each row when ((old.tag, old.name, old.class_key, old.state, old.substate, old.condition, old.manufacturer, old.model, old.model_id, old.serial, old.os_name, old.os_version, old.os_family,
    old.cpu, old.cores, old.memory_mb, old.last_user, old.person_id, old.place_id, old.org_unit_id, old.domain, old.notes, old.redirected_to, old.custom)
  is distinct from (new.tag, new.name, new.class_key, new.state, new.substate, new.condition, new.manufacturer, new.model, new.model_id, new.serial, new.os_name, new.os_version, new.os_family,
    new.cpu, new.cores, new.memory_mb, new.last_user, new.person_id, new.place_id, new.org_unit_id, new.domain, new.notes, new.redirected_to, new.custom))
  execute function keep_asset_version();
create trigger assets_version_end before delete on assets for each row execute function keep_asset_version();
