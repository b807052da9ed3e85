alter table places add column custom jsonb not null default '{}';
