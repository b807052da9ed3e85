alter table org_units add column custom jsonb not null default '{}';
