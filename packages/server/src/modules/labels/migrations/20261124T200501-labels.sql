create table label_templates (
  id uuid primary key,
  name text not null,
  -- As labelDefinitionSchema: size, media and elements in millimetres.
  definition jsonb not null,
  -- Keys of the asset classes it is proposed for.
  default_for text[] not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create unique index label_templates_name on label_templates (lower(name));
