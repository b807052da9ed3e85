-- What the last report told of the agent itself. Room in each page: every report notes its time here.
alter table agent_states add column observation_id uuid;
alter table agent_states add column missing_sections text[] not null default '{}';
-- Seconds by which the machine's clock was ahead of the server's; null: not told.
alter table agent_states add column clock_skew_seconds integer;
alter table agent_states set (fillfactor = 80);
create index agent_states_search on agent_states using gin (lower(device_key) gin_trgm_ops);
