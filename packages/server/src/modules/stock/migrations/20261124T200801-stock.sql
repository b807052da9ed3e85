-- Things that are counted and have no record each: consumables, accessories, cables.
create table stock_items (
  id uuid primary key,
  name text not null,
  category text not null check (category in ('consumable', 'accessory', 'cable', 'spare_part', 'other')),
  -- one_way: issued is used up. two_way: checked out comes back. Fixed once something has moved.
  mode text not null check (mode in ('one_way', 'two_way')),
  manufacturer text,
  part_number text,
  unit text not null,
  -- Over all places; null: none is watched.
  minimum integer check (minimum >= 0),
  notes text,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create index stock_items_name on stock_items (name, id);

-- What is where: the sums of stock_movements, kept beside them so that a check-out locks one row. The minimum is a wish, not a sum.
create table stock_levels (
  id uuid not null unique,
  item_id uuid not null references stock_items,
  place_id uuid not null references places,
  on_hand integer not null default 0 check (on_hand >= 0),
  -- Given out from here and not yet back.
  out integer not null default 0 check (out >= 0),
  minimum integer check (minimum >= 0),
  -- Of the last movement; the next one is never earlier, so that a past day never shows less than nothing.
  moved_at timestamptz,
  primary key (item_id, place_id)
);
create index stock_levels_place on stock_levels (place_id);
create index stock_levels_moved on stock_levels (moved_at, id);

-- Who has how many of a two-way item: one row per check-out; the sums of the movements that name it.
create table stock_holdings (
  id uuid primary key,
  item_id uuid not null references stock_items,
  place_id uuid not null references places,
  holder_kind text not null check (holder_kind in ('person', 'team', 'place', 'asset')),
  holder_id uuid not null,
  -- Its name when it was given out: shown once the holder itself is gone.
  holder_label text not null,
  quantity integer not null check (quantity >= 0),
  since timestamptz not null,
  due_on date
);
create index stock_holdings_item on stock_holdings (item_id) where quantity > 0;
create index stock_holdings_holder on stock_holdings (holder_id, holder_kind) where quantity > 0;
create index stock_holdings_since on stock_holdings (since, id);
create index stock_holdings_due on stock_holdings (due_on, id);

create table stock_movements (
  id uuid primary key,
  item_id uuid not null references stock_items,
  place_id uuid not null references places,
  kind text not null check (kind in ('receipt', 'consume', 'check_out', 'return', 'transfer_out', 'transfer_in', 'adjust', 'loss', 'damage')),
  quantity integer not null check (quantity > 0),
  -- What it adds to the level of its place: on hand, and out.
  on_hand_change integer not null,
  out_change integer not null,
  holder_kind text check (holder_kind in ('person', 'team', 'place', 'asset')),
  holder_id uuid,
  holder_label text,
  -- Whose check-out it opens, or takes from.
  holding_id uuid references stock_holdings,
  due_on date,
  note text,
  -- Both sides of a transfer have the same.
  transfer_id uuid,
  -- The movement that this one undoes; each can be undone once.
  reverses uuid unique references stock_movements,
  at timestamptz not null,
  by_label text not null,
  recorded_at timestamptz not null,
  -- The change follows from kind and quantity, turned round for an undo.
  constraint stock_movement_adds_up check (
    case kind
      when 'receipt' then (on_hand_change, out_change) = (quantity, 0)
      when 'transfer_in' then (on_hand_change, out_change) = (quantity, 0)
      when 'consume' then (on_hand_change, out_change) = (-quantity, 0)
      when 'transfer_out' then (on_hand_change, out_change) = (-quantity, 0)
      when 'check_out' then (on_hand_change, out_change) = (-quantity, quantity)
      when 'return' then (on_hand_change, out_change) = (quantity, -quantity)
      when 'adjust' then abs(on_hand_change) = quantity and out_change = 0
      else (on_hand_change, out_change) in ((-quantity, 0), (0, -quantity))
    end and reverses is null
    or case kind
      when 'receipt' then (on_hand_change, out_change) = (-quantity, 0)
      when 'transfer_in' then (on_hand_change, out_change) = (-quantity, 0)
      when 'consume' then (on_hand_change, out_change) = (quantity, 0)
      when 'transfer_out' then (on_hand_change, out_change) = (quantity, 0)
      when 'check_out' then (on_hand_change, out_change) = (quantity, -quantity)
      when 'return' then (on_hand_change, out_change) = (-quantity, quantity)
      when 'adjust' then abs(on_hand_change) = quantity and out_change = 0
      else (on_hand_change, out_change) in ((quantity, 0), (0, quantity))
    end and reverses is not null
  ),
  constraint stock_movement_of_holding check ((out_change <> 0) = (holding_id is not null)),
  constraint stock_movement_holder check ((holder_kind is null) = (holder_id is null) and (holder_id is null) = (holder_label is null))
);
create index stock_movements_at on stock_movements (at, id);
create index stock_movements_level on stock_movements (item_id, place_id, at);
create index stock_movements_place on stock_movements (place_id, at);
create index stock_movements_holder on stock_movements (holder_id, at) where holder_id is not null;
create index stock_movements_holding on stock_movements (holding_id) where holding_id is not null;
create index stock_movements_transfer on stock_movements (transfer_id) where transfer_id is not null;

-- Append-only: what was wrong is undone by a counter-movement.
create function stock_movements_are_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'stock movements are append-only';
end $$;
create trigger stock_movements_no_change before update or delete on stock_movements for each row execute function stock_movements_are_append_only();
create trigger stock_movements_no_truncate before truncate on stock_movements for each statement execute function stock_movements_are_append_only();
