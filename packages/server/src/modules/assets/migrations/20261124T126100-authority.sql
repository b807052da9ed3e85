-- Orders of sources that were changed here; what has no row is as shipped in content/authority.json. '' means any class, any field.
create table authority_rules (
  class_key text not null,
  field text not null,
  -- [{ "source": "glpi", "ttlDays": 30 }], the most believed first.
  sources jsonb not null,
  other_ttl_days integer not null check (other_ttl_days > 0),
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (class_key, field)
);
