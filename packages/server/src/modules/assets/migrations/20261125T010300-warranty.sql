-- When the warranty of an asset begins and its last day: values like any other of the record, with provenance, history and import.
alter table assets add column warranty_starts_on date, add column warranty_ends_on date;
alter table asset_history add column warranty_starts_on date, add column warranty_ends_on date;
create index assets_warranty_starts on assets (warranty_starts_on, id) where redirected_to is null;
create index assets_warranty_ends on assets (warranty_ends_on, id) where redirected_to is null;
create index asset_history_warranty_starts on asset_history (warranty_starts_on, asset_id) where redirected_to is null;
create index asset_history_warranty_ends on asset_history (warranty_ends_on, asset_id) where redirected_to is null;

create or replace function keep_asset_version() returns trigger language plpgsql as $$
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
      cpu, cores, memory_mb, last_user, person_id, place_id, org_unit_id, warranty_starts_on, warranty_ends_on, domain, notes, redirected_to, custom, created_at)
    values (old.id, since, until, old.tag, old.name, old.class_key, old.state, old.substate, old.condition, old.manufacturer, old.model, old.model_id, old.serial, old.os_name, old.os_version, old.os_family,
      old.cpu, old.cores, old.memory_mb, old.last_user, old.person_id, old.place_id, old.org_unit_id, old.warranty_starts_on, old.warranty_ends_on, old.domain, old.notes, old.redirected_to, old.custom, old.created_at);
  end if;
  return case tg_op when 'UPDATE' then new else old end;
end $$;
drop trigger assets_version on assets;
-- Not for last_seen_at: a report that says nothing new costs nothing here.
create trigger assets_version before update of tag, name, class_key, state, substate, condition, manufacturer, model, model_id, serial, os_name, os_version, os_family,
    cpu, cores, memory_mb, last_user, person_id, place_id, org_unit_id, warranty_starts_on, warranty_ends_on, domain, notes, redirected_to, custom on assets
  for each row when ((old.tag, old.name, old.class_key, old.state, old.substate, old.condition, old.manufacturer, old.model, old.model_id, old.serial, old.os_name, old.os_version, old.os_family,
    old.cpu, old.cores, old.memory_mb, old.last_user, old.person_id, old.place_id, old.org_unit_id, old.warranty_starts_on, old.warranty_ends_on, old.domain, old.notes, old.redirected_to, old.custom)
  is distinct from (new.tag, new.name, new.class_key, new.state, new.substate, new.condition, new.manufacturer, new.model, new.model_id, new.serial, new.os_name, new.os_version, new.os_family,
    new.cpu, new.cores, new.memory_mb, new.last_user, new.person_id, new.place_id, new.org_unit_id, new.warranty_starts_on, new.warranty_ends_on, new.domain, new.notes, new.redirected_to, new.custom))
  execute function keep_asset_version();

-- What the lifecycle action “start the warranty” kept among the custom values until now, unless somebody defined a field of that key.
insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
select id, 'warrantyStartsOn', 'manual', custom -> 'warranty_starts_on', updated_at, 'Muster' from assets
where pg_input_is_valid(custom ->> 'warranty_starts_on', 'date')
  and not exists (select 1 from custom_fields where resource = 'assets' and key = 'warranty_starts_on')
on conflict do nothing;
update assets set warranty_starts_on = (custom ->> 'warranty_starts_on')::date, custom = custom - 'warranty_starts_on'
where pg_input_is_valid(custom ->> 'warranty_starts_on', 'date')
  and not exists (select 1 from custom_fields where resource = 'assets' and key = 'warranty_starts_on');
