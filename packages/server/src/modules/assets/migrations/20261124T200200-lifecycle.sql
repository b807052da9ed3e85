-- The lifecycle machine as changed here; the newest row is in force. No row, or one without a machine: as shipped in content/lifecycle.json.
create table lifecycle_versions (
  version integer primary key,
  machine jsonb,
  changed_at timestamptz not null,
  changed_by text not null
);

create index assets_substate on assets (substate, id) where redirected_to is null and substate is not null;

-- Where an asset stood in its life, from when to when; the open row is the present. Written by triggers, so that no way of writing assets can
-- forget it; what moved it is noted by the verb in the same transaction.
create table asset_state_periods (
  asset_id uuid not null,
  id uuid not null default gen_random_uuid(),
  from_at timestamptz not null,
  to_at timestamptz,
  state text not null,
  substate text,
  transition text,
  actor text,
  reason text,
  primary key (asset_id, id)
);
create unique index asset_state_periods_open on asset_state_periods (asset_id) where to_at is null;
create index asset_state_periods_from on asset_state_periods (asset_id, from_at desc, id desc);

-- What is there already: from its events.
with moves as (
  select asset_id, at, id, data ->> 'from' as came_from, data ->> 'to' as went_to, actor, data ->> 'reason' as reason
  from asset_events where kind = 'transitioned'
), points as (
  select a.id as asset_id, a.created_at as at, '00000000-0000-0000-0000-000000000000'::uuid as id,
    coalesce((select m.came_from from moves m where m.asset_id = a.id order by m.at, m.id limit 1), a.state) as state, null::text as actor, null::text as reason
  from assets a
  union all select asset_id, at, id, went_to, actor, reason from moves where went_to is not null
)
insert into asset_state_periods (asset_id, from_at, to_at, state, actor, reason)
select asset_id, at, lead(at) over (partition by asset_id order by at, id), state, actor, reason from points;

create function open_state_periods() returns trigger language plpgsql as $$
begin
  insert into asset_state_periods (asset_id, from_at, state, substate) select n.id, n.created_at, n.state, n.substate from made n;
  return null;
end $$;
create trigger assets_open_state_period after insert on assets referencing new table as made for each statement execute function open_state_periods();

create function turn_state_period() returns trigger language plpgsql as $$
begin
  update asset_state_periods set to_at = greatest(from_at, new.updated_at) where asset_id = new.id and to_at is null;
  insert into asset_state_periods (asset_id, from_at, state, substate)
    select new.id, coalesce(max(to_at), new.updated_at), new.state, new.substate from asset_state_periods where asset_id = new.id;
  return null;
end $$;
create trigger assets_turn_state_period after update of state, substate on assets for each row
  when ((old.state, old.substate) is distinct from (new.state, new.substate)) execute function turn_state_period();
