-- Toner, ink, drums of a printer as an observation told them last; replaced with each report that differs.
create table device_supplies (
  asset_id uuid not null,
  observation_id uuid not null,
  ordinal integer not null,
  name text not null,
  kind text not null,
  colour text,
  -- What is left: a share, else a word (ok, low, empty).
  percent smallint,
  state text,
  -- In `unit`, where the printer tells it.
  capacity bigint,
  level bigint,
  unit text,
  primary key (asset_id, observation_id, ordinal)
);

-- Pages in the life of a printer: the last reading of each day.
create table device_page_readings (
  asset_id uuid not null,
  observation_id uuid not null,
  day date not null,
  read_at timestamptz not null,
  total bigint,
  black bigint,
  colour bigint,
  duplex bigint,
  scanned bigint,
  primary key (asset_id, observation_id, day)
);

-- Battery and lines of a UPS as an observation told them last.
create table device_power (
  asset_id uuid not null,
  observation_id uuid not null,
  battery_status text,
  on_battery boolean,
  charge_percent smallint,
  runtime_minutes bigint,
  -- Of the phase with the most load.
  load_percent smallint,
  input_volts double precision,
  output_volts double precision,
  primary key (asset_id, observation_id)
);
