-- The id by which a directory knows a person for life, whatever becomes of their name, login or e-mail.
create table person_directory_ids (
  source text not null,
  directory_id text not null,
  person_id uuid not null,
  seen_at timestamptz not null,
  primary key (source, directory_id)
);
create index person_directory_ids_person on person_directory_ids (person_id);
