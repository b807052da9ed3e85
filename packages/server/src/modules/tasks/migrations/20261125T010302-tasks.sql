-- What is to be done about an asset.
create table tasks (
  asset_id uuid not null,
  id uuid not null,
  title text not null,
  note text,
  assignee_kind text check (assignee_kind in ('user', 'team')),
  assignee_id uuid,
  due_on date,
  created_at timestamptz not null,
  created_by text not null,
  done_at timestamptz,
  done_by text,
  version integer not null default 1,
  primary key (asset_id, id),
  check ((assignee_kind is null) = (assignee_id is null)),
  check ((done_at is null) = (done_by is null))
);
create index tasks_id on tasks (id);
create index tasks_due on tasks (due_on, id);
create index tasks_created on tasks (created_at, id);
create index tasks_title on tasks (title, id);
create index tasks_open on tasks (due_on, id) where done_at is null;
create index tasks_assignee on tasks (assignee_id) where done_at is null;
