-- Transitions that the clock makes on a day, with the rights that whoever planned them has then.
create table planned_transitions (
  asset_id uuid not null,
  id uuid not null,
  transition text not null,
  -- What it was called when it was planned.
  label text not null,
  due_on date not null,
  -- What was typed: {reason, person, place, date, dueOn, reference}
  inputs jsonb not null default '{}',
  state text not null default 'planned' check (state in ('planned', 'done', 'failed', 'cancelled')),
  actor_kind text not null,
  actor_id uuid,
  planned_by text not null,
  planned_at timestamptz not null,
  ended_at timestamptz,
  problem text,
  primary key (asset_id, id)
);
create index planned_transitions_id on planned_transitions (id);
create unique index planned_transitions_once on planned_transitions (asset_id, transition) where state = 'planned';
create index planned_transitions_due on planned_transitions (due_on, id);
create index planned_transitions_at on planned_transitions (planned_at, id);
create index planned_transitions_waiting on planned_transitions (due_on, asset_id, id) where state = 'planned';
