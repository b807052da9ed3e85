-- Limits in force, one row per class and '' for any class. `own` rows were set here; the others follow content/staleness.json and the classes above.
create table staleness_limits (
  class_key text primary key,
  stale_days integer not null check (stale_days > 0),
  missing_days integer not null check (missing_days > stale_days),
  retire_days integer not null check (retire_days > missing_days),
  from_class text not null,
  own boolean not null default false,
  changed_at timestamptz,
  changed_by text
);

-- The same as freshnessOf in core; never stored, so that nothing is rewritten when time passes.
create function freshness(seen timestamptz, stale_days integer, missing_days integer, retire_days integer) returns text language sql stable as $$
  select case
    when seen is null then 'unseen'
    when seen > now() - coalesce(stale_days, 14) * interval '24 hours' then 'seen'
    when seen > now() - coalesce(missing_days, 30) * interval '24 hours' then 'stale'
    when seen > now() - coalesce(retire_days, 90) * interval '24 hours' then 'missing'
    else 'retire_candidate'
  end
$$;

-- Between which times an asset of any class was last seen to be of this freshness. In PL/pgSQL, so that the planner keeps the call, computes it once
-- per statement, reads the index on last_seen_at between the two and knows from statistics how many rows that are.
create function freshness_from(state text) returns timestamptz language plpgsql stable as $$
begin
  return coalesce((select now() - case state when 'seen' then max(stale_days) when 'stale' then max(missing_days) when 'missing' then max(retire_days) end * interval '24 hours'
    from staleness_limits), '-infinity');
end $$;
create function freshness_until(state text) returns timestamptz language plpgsql stable as $$
begin
  return coalesce((select now() - case state when 'stale' then min(stale_days) when 'missing' then min(missing_days) when 'retire_candidate' then min(retire_days) end * interval '24 hours'
    from staleness_limits), 'infinity');
end $$;
