-- What of the identity rules was changed here; what has no row is as shipped in content/identity/rules.json.
create table identity_rule_changes (
  -- placeholders, uses, nameWithinDays or proposeSameName.
  setting text primary key,
  value jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- Changed rules tried over the stored history: nothing but these two tables is written by it.
create table identity_dry_runs (
  id uuid primary key,
  job_id uuid not null,
  draft jsonb not null,
  -- The rules in force when it was asked for; it can only be published over the same.
  base jsonb not null,
  asked_at timestamptz not null,
  asked_by text not null,
  finished_at timestamptz,
  published_at timestamptz,
  -- {observations, replayed, byHand, joined, split, regrouped}
  counts jsonb
);
create index identity_dry_runs_asked on identity_dry_runs (asked_at desc, id desc);

create table identity_dry_run_changes (
  dry_run_id uuid not null references identity_dry_runs (id) on delete cascade,
  no integer not null,
  kind text not null check (kind in ('joined', 'split', 'regrouped')),
  clusters_before integer not null,
  clusters_after integer not null,
  members integer not null,
  -- [{observationId, assetId, source, nativeId, before, after, ruleBefore, ruleAfter, reasonBefore, reasonAfter}], of large groups the first.
  detail jsonb not null,
  primary key (dry_run_id, no)
);
create index identity_dry_run_changes_kind on identity_dry_run_changes (dry_run_id, kind, no);

-- A held report that may be of a copy of the observation's machine.
create table observation_doubts (
  observation_id uuid not null,
  -- The observation that keeps the report until the next one tells.
  held_id uuid not null,
  -- The machine's own report came after it: both are alive.
  refuted boolean not null default false,
  at timestamptz not null,
  primary key (observation_id, held_id)
);

alter table identity_conflicts drop constraint identity_conflicts_kind_check;
alter table identity_conflicts add constraint identity_conflicts_kind_check
  check (kind in ('contradiction', 'duplicate', 'board_swap', 'same_name', 'told_apart'));

-- Serial numbers of all types are looked up without their maker, as sources take one for the other.
create index identity_keys_bare_serial on identity_keys (substr(value, strpos(value, '|') + 1), kind)
  where kind in ('serial', 'enclosure_serial', 'board_serial', 'member_serial');

-- The serial number of its host that a container shows leads nowhere and says nothing of other machines that have it.
delete from identity_keys k using observations o
  where o.id = k.observation_id and k.quality = 'shared'
    and o.keys @> jsonb_build_array(jsonb_build_object('kind', k.kind, 'value', k.value, 'quality', 'shared'));

-- Full names and members of stacks lead to assets as well from now on.
insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at)
  select distinct on (k ->> 'kind', k ->> 'value', o.id) k ->> 'kind', k ->> 'value', o.asset_id, o.id, k ->> 'quality', o.last_received_at
  from observations o cross join lateral jsonb_array_elements(o.keys) k
  where o.asset_id is not null and k ->> 'kind' in ('fqdn', 'member_serial') and k ->> 'quality' in ('good', 'weak')
  on conflict do nothing;
