-- What each user wants to be told of, and how.
create table notification_subscriptions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  kind text not null,
  view_id uuid references saved_views (id) on delete cascade,
  lead_days integer check (lead_days >= 0),
  in_app boolean not null,
  mail boolean not null,
  timing text not null check (timing in ('at_once', 'daily', 'weekly')),
  problem text,
  -- Of a watched view: how often its rows were seen to change.
  revision integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  unique nulls not distinct (user_id, kind, view_id),
  check (kind <> 'view_changed' or view_id is not null)
);

-- The rows that a watched view had when it was last looked at.
create table notification_view_rows (
  subscription_id uuid not null references notification_subscriptions (id) on delete cascade,
  row_id text not null,
  label text,
  primary key (subscription_id, row_id)
);

create table notification_preferences (
  user_id uuid primary key references users (id) on delete cascade,
  time_zone text not null,
  digest_hour integer not null check (digest_hour between 0 and 23),
  digest_weekday integer not null check (digest_weekday between 1 and 7),
  language text not null check (language in ('en', 'de')),
  mail_paused boolean not null
);
-- Addresses of people without an account who do not want any mail.
create table notification_stopped_addresses (address text primary key, stopped_at timestamptz not null);

-- A mail with one notification or many. Whoever sends it holds its row until the server has answered.
create table notification_mails (
  id uuid primary key,
  user_id uuid references users (id) on delete set null,
  address text not null,
  language text not null,
  subject text not null,
  body_text text not null,
  body_html text not null,
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
  attempts integer not null default 0,
  next_at timestamptz,
  answer text,
  created_at timestamptz not null,
  sent_at timestamptz,
  check ((state = 'queued') = (next_at is not null))
);
create index notification_mails_next on notification_mails (next_at) where state = 'queued';
create index notification_mails_created on notification_mails (created_at, id);
create index notification_mails_sent on notification_mails (sent_at, id);
create index notification_mails_address on notification_mails (address, id);

create table notifications (
  id uuid primary key,
  -- `user:<id>` or `address:<e-mail>`.
  recipient text not null,
  user_id uuid references users (id) on delete cascade,
  kind text not null,
  subject_type text,
  subject_id text not null,
  occasion text not null,
  -- The row of the kind's list, which may be another than the subject: a custody period of an asset.
  row_id text not null,
  text text not null,
  facts jsonb not null,
  in_app boolean not null,
  -- When a mail is due for it; null: none is.
  mail_at timestamptz,
  mail_id uuid references notification_mails (id),
  created_at timestamptz not null,
  read_at timestamptz,
  -- The same is told to the same once, however often and by how many it is found.
  unique (recipient, kind, row_id, occasion)
);
create index notifications_user on notifications (user_id, created_at, id) where in_app;
create index notifications_unread on notifications (user_id) where in_app and read_at is null;
create index notifications_mail on notifications (mail_at) where mail_at is not null and mail_id is null;

create table mail_settings (
  one boolean primary key default true check (one),
  host text not null,
  port integer not null,
  security text not null check (security in ('starttls', 'tls', 'none')),
  user_name text,
  -- Sealed with the installation's secret key.
  password_sealed text,
  from_address text not null,
  from_name text not null,
  remind_holders boolean not null,
  remind_days integer not null,
  updated_at timestamptz not null
);
