-- What a person's record said and when, whoever wrote it: a trigger, so that no way of writing can forget it.
-- Only the fields that changed are kept; the first row of a person has no `before`.
create table person_history (
  id bigint generated always as identity primary key,
  person_id uuid not null,
  at timestamptz not null default now(),
  before jsonb,
  after jsonb not null
);
create index person_history_person on person_history (person_id, id desc);

create function person_tracked(p people) returns jsonb language sql stable as $$
  select jsonb_build_object('name', p.name, 'email', p.email, 'login', p.login, 'employeeNumber', p.employee_number, 'jobTitle', p.job_title,
      'orgUnit', p.org_unit_id, 'place', p.place_id, 'active', p.active)
    || coalesce((select jsonb_object_agg('custom.' || key, value) from jsonb_each(p.custom)), '{}')
$$;

create function keep_person_history() returns trigger language plpgsql as $$
declare
  was jsonb := case when tg_op = 'UPDATE' then person_tracked(old) else '{}' end;
  is_now jsonb := person_tracked(new);
  changed text[];
begin
  select array_agg(key) into changed from (select jsonb_object_keys(was || is_now) as key) k
    where coalesce(was -> key, 'null') is distinct from coalesce(is_now -> key, 'null');
  if changed is null then return null; end if;
  insert into person_history (person_id, before, after)
    select new.id, case when tg_op = 'UPDATE' then jsonb_object_agg(key, coalesce(was -> key, 'null')) end, jsonb_object_agg(key, coalesce(is_now -> key, 'null'))
    from unnest(changed) as key;
  return null;
end
$$;
create trigger people_history after insert or update on people for each row execute function keep_person_history();

-- Those who are there already begin with what they are now.
insert into person_history (person_id, at, after)
  select id, created_at, (select jsonb_object_agg(key, value) from jsonb_each(person_tracked(people)) where value <> 'null') from people;
