-- Logins by SSH and WinRM: their credentials, and the keys that hosts showed at first use.
alter table credential_sets drop constraint credential_sets_kind_check;
alter table credential_sets add constraint credential_sets_kind_check check (kind in ('snmp_v1', 'snmp_v2c', 'snmp_v3', 'ssh', 'winrm'));

create table scan_host_keys (
  id uuid primary key,
  -- Two sites may use the same private addresses.
  range_id uuid not null references scan_ranges (id) on delete cascade,
  address text not null,
  method text not null check (method in ('ssh', 'winrm')),
  fingerprint text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- Another key that was shown since.
  refused text,
  refused_at timestamptz,
  unique (range_id, address, method)
);
create index scan_host_keys_address on scan_host_keys (address, id);
