-- Two periods of one asset must not overlap: an exclusion constraint compares the asset and the time together.
create extension if not exists btree_gist;

-- Who has or had an asset. The row without an end is the current one; a row with an end never changes again.
create table custody_periods (
  asset_id uuid not null,
  id uuid not null,
  holder_kind text not null check (holder_kind in ('person', 'team', 'place', 'asset')),
  holder_id uuid not null,
  -- Its name when the period began: shown once the holder itself is gone.
  holder_label text not null,
  from_at timestamptz not null,
  to_at timestamptz check (to_at >= from_at),
  -- The calendar day it is to come back; null: it is meant to stay.
  due_on date,
  note text,
  in_note text,
  condition_out text,
  condition_in text,
  out_by text not null,
  in_by text,
  recorded_at timestamptz not null,
  -- On the survivor of a merge: the asset the period was copied from.
  merged_from uuid,
  primary key (asset_id, id),
  constraint custody_no_overlap exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)
);
create unique index custody_current on custody_periods (asset_id) where to_at is null;
create index custody_from on custody_periods (from_at, id);
create index custody_to on custody_periods (to_at, id);
create index custody_due on custody_periods (due_on, id);
create index custody_holder on custody_periods (holder_id, holder_kind);
create index custody_due_open on custody_periods (due_on) where to_at is null and due_on is not null;

create table condition_periods (
  asset_id uuid not null,
  id uuid not null,
  condition text not null check (condition in ('new', 'good', 'worn', 'damaged', 'broken', 'unknown')),
  from_at timestamptz not null,
  to_at timestamptz check (to_at >= from_at),
  actor text,
  note text,
  recorded_at timestamptz not null,
  merged_from uuid,
  primary key (asset_id, id),
  constraint condition_no_overlap exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)
);
create unique index condition_current on condition_periods (asset_id) where to_at is null;

-- Where an asset is or was, whoever said so: kept by the trigger below.
create table placement_periods (
  asset_id uuid not null,
  id uuid not null,
  place_id uuid not null,
  place_label text not null,
  from_at timestamptz not null,
  to_at timestamptz check (to_at >= from_at),
  -- `manual` or the source that reported it; null when it is not known.
  source text,
  actor text,
  note text,
  recorded_at timestamptz not null,
  primary key (asset_id, id),
  constraint placement_no_overlap exclude using gist (asset_id with =, tstzrange(from_at, to_at) with &&)
);
create unique index placement_current on placement_periods (asset_id) where to_at is null;
create index placement_place on placement_periods (place_id);

-- What is over stays as it was written; only the copy that a merge made goes when the merge is undone.
create function period_is_over() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.to_at is not null then
    raise exception 'a period of % that has ended is append-only', tg_table_name;
  end if;
  if tg_op = 'DELETE' then
    if old.merged_from is null then
      raise exception '% is append-only', tg_table_name;
    end if;
    return old;
  end if;
  return new;
end $$;
create trigger custody_append_only before update or delete on custody_periods for each row execute function period_is_over();
create trigger condition_append_only before update or delete on condition_periods for each row execute function period_is_over();

-- Who has what by hand, and where things are, before there were periods.
insert into custody_periods (asset_id, id, holder_kind, holder_id, holder_label, from_at, out_by, recorded_at)
select v.asset_id, gen_random_uuid(), 'person', p.id, p.name, v.observed_at, coalesce(v.actor, 'Muster'), v.observed_at
from asset_field_values v join people p on to_jsonb(p.id) = v.value where v.field = 'person' and v.source = 'manual';

insert into placement_periods (asset_id, id, place_id, place_label, from_at, source, actor, recorded_at)
select a.id, gen_random_uuid(), a.place_id, coalesce(pl.name, a.place_id::text), a.updated_at, v.source, v.actor, a.updated_at
from assets a left join places pl on pl.id = a.place_id
left join lateral (select source, actor from asset_field_values v where v.asset_id = a.id and v.field = 'place' and v.value = to_jsonb(a.place_id)
  order by (v.source = 'manual') desc, v.observed_at desc limit 1) v on true
where a.place_id is not null;

-- A trigger, so that no way of writing a record can forget where the asset was: reports, edits, imports, merges. A verb that backdates
-- writes the period first; then there is nothing left to do here.
create function keep_placement() returns trigger language plpgsql as $$
declare
  open placement_periods;
  moment timestamptz;
  told record;
begin
  select * into open from placement_periods where asset_id = new.id and to_at is null;
  if open.place_id is not distinct from new.place_id then
    return null;
  end if;
  moment := greatest(new.updated_at, open.from_at, (select max(to_at) from placement_periods where asset_id = new.id));
  update placement_periods set to_at = moment where asset_id = new.id and to_at is null;
  if new.place_id is not null then
    select source, actor into told from asset_field_values v where v.asset_id = new.id and v.field = 'place' and v.value = to_jsonb(new.place_id)
      order by (v.source = 'manual') desc, v.observed_at desc limit 1;
    insert into placement_periods (asset_id, id, place_id, place_label, from_at, source, actor, recorded_at)
      values (new.id, gen_random_uuid(), new.place_id, coalesce((select name from places where id = new.place_id), new.place_id::text), moment, told.source, told.actor, new.updated_at);
  end if;
  return null;
end $$;
create trigger assets_placed after insert on assets for each row when (new.place_id is not null) execute function keep_placement();
create trigger assets_moved after update of place_id on assets for each row when (old.place_id is distinct from new.place_id) execute function keep_placement();
