-- What people accept when they sign: versions per language, of which one is in force for new documents.
create table acceptance_texts (
  id uuid primary key,
  language text not null check (language in ('en', 'de')),
  text_version integer not null,
  title text not null,
  body text not null,
  -- Of title, line feed and body; written by the trigger below.
  sha256 text not null,
  in_force boolean not null,
  created_by text not null,
  created_at timestamptz not null,
  unique (language, text_version)
);
create unique index acceptance_texts_in_force on acceptance_texts (language) where in_force;

create sequence handover_numbers;
create table handover_documents (
  id uuid primary key,
  number text not null unique default 'H-' || lpad(nextval('handover_numbers')::text, 6, '0'),
  person_id uuid not null references people (id),
  -- The names as they were when it was made.
  person_label text not null,
  issued_by text not null,
  text_id uuid not null references acceptance_texts (id),
  state text not null default 'pending' check (state in ('pending', 'accepted', 'declined')),
  created_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  signature_kind text check (signature_kind in ('typed', 'drawn')),
  signature_name text,
  signature_png bytea,
  reason text,
  check ((state = 'pending') = (decided_at is null)),
  check ((state = 'accepted') = (signature_kind is not null and signature_name is not null)),
  check ((signature_kind is not distinct from 'drawn') = (signature_png is not null))
);
create index handover_documents_person on handover_documents (person_id);
create index handover_documents_created on handover_documents (created_at, id);

-- The assets of a document as they were when it was made, each with the custody that it hands over.
create table handover_document_assets (
  asset_id uuid not null,
  document_id uuid not null references handover_documents (id),
  custody_id uuid not null,
  position integer not null,
  label text not null,
  tag text,
  serial text,
  model text,
  class text not null,
  primary key (asset_id, document_id)
);
create index handover_document_assets_document on handover_document_assets (document_id);

create table handover_links (
  token_hash bytea primary key,
  document_id uuid not null references handover_documents (id),
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Used, or replaced by a newer one.
  ended_at timestamptz
);
create index handover_links_document on handover_links (document_id);

-- What was signed must read the same for ever, whoever writes to the database.
create function handover_is_signed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception '% is append-only', tg_table_name;
  end if;
  if tg_table_name = 'acceptance_texts' then
    if (old.id, old.language, old.text_version, old.title, old.body, old.sha256, old.created_by, old.created_at)
      is distinct from (new.id, new.language, new.text_version, new.title, new.body, new.sha256, new.created_by, new.created_at) then
      raise exception 'a version of an acceptance text never changes';
    end if;
  elsif tg_table_name = 'handover_document_assets' then
    raise exception 'the assets of a hand-over document never change';
  elsif old.state <> 'pending' or (old.number, old.person_id, old.person_label, old.issued_by, old.text_id, old.created_at)
      is distinct from (new.number, new.person_id, new.person_label, new.issued_by, new.text_id, new.created_at) then
    raise exception 'a hand-over document changes only by its one decision';
  end if;
  return new;
end $$;
create trigger acceptance_texts_fixed before update or delete on acceptance_texts for each row execute function handover_is_signed();
create trigger handover_documents_fixed before update or delete on handover_documents for each row execute function handover_is_signed();
create trigger handover_document_assets_fixed before update or delete on handover_document_assets
  for each row execute function handover_is_signed();

create function hash_acceptance_text() returns trigger language plpgsql as $$
begin
  new.sha256 := encode(sha256(convert_to(new.title || chr(10) || new.body, 'UTF8')), 'hex');
  return new;
end $$;
create trigger acceptance_texts_hash before insert on acceptance_texts for each row execute function hash_acceptance_text();

insert into acceptance_texts (id, language, text_version, title, body, in_force, created_by, created_at) values
  (gen_random_uuid(), 'en', 1, 'Receipt of equipment',
   'I have received the equipment listed in this document. It remains the property of the organisation. I will take good care of it, report loss or damage without delay, and return it when asked.',
   true, 'Muster', now()),
  (gen_random_uuid(), 'de', 1, 'Empfangsbestätigung',
   'Ich habe die in diesem Dokument aufgeführten Geräte erhalten. Sie bleiben Eigentum der Organisation. Ich gehe sorgfältig mit ihnen um, melde Verlust oder Beschädigung unverzüglich und gebe sie auf Aufforderung zurück.',
   true, 'Muster', now());
