-- What a key opens: the agents' endpoints or a collector's, never both.
alter table enrolment_keys add column kind text not null default 'agent' check (kind in ('agent', 'collector'));
