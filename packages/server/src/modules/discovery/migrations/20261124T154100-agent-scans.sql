-- A network is scanned by a collector or by one agent; only that one gets the credentials.
alter table scan_ranges alter column collector_id drop not null;
alter table scan_ranges add column agent_key text;
-- The enrolment key that the agent used when it was chosen. Its id is no secret: with another key nobody gets the credentials.
alter table scan_ranges add column agent_enrolment_key_id uuid;
alter table scan_ranges add constraint scan_ranges_one_scanner check ((collector_id is null) <> (agent_key is null));
create index scan_ranges_agent on scan_ranges (agent_key) where agent_key is not null;

-- The number that an agent's messages carry; agents compare it as a number.
create sequence scan_process_numbers as integer;
alter table scan_runs add column process_number integer;
-- What an agent does: first who answers, then what those tell. Empty for a collector, which does both at once.
alter table scan_runs add column phase text check (phase in ('discovery', 'inventory'));
create unique index scan_runs_process on scan_runs (process_number) where process_number is not null;

-- Who answered SNMP in an agent's discovery, to be read in its second step.
create table agent_scan_hosts (
  run_id uuid not null references scan_runs (id) on delete cascade,
  number integer not null,
  address text not null,
  credential_id uuid not null,
  port integer not null,
  kind text,
  state text not null default 'waiting' check (state in ('waiting', 'asked', 'read', 'failed')),
  primary key (run_id, number)
);
create unique index agent_scan_hosts_address on agent_scan_hosts (run_id, address);
