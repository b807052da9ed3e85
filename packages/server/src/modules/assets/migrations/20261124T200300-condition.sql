-- The condition now; the module custody keeps since when, and what it was before.
alter table assets add column condition text not null default 'unknown'
  check (condition in ('new', 'good', 'worn', 'damaged', 'broken', 'unknown'));
create index assets_condition on assets (condition, id) where redirected_to is null;
