import type { PageCounts, PowerFacts, PrinterSupply } from '@muster/protocols';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type Place, places } from './store-hardware.ts';

/** Days for which readings of pages are kept. */
export const pageDays = 400;

/** Puts what is told now in the place of what the same observations told before. */
export async function replaceSupplies(tx: Tx, rows: readonly (Place & { supplies: readonly PrinterSupply[] })[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from device_supplies s using ${places(rows)} where s.asset_id = w.asset_id and s.observation_id = w.observation_id`.execute(
    tx,
  );
  const data = rows.flatMap((r) =>
    r.supplies.map(({ description, ...more }, i) => ({
      asset_id: r.assetId,
      observation_id: r.observationId,
      ordinal: i,
      name: description,
      ...more,
    })),
  );
  if (data.length === 0) return;
  await sql`insert into device_supplies (asset_id, observation_id, ordinal, name, kind, colour, percent, state, capacity, level, unit)
    select * from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (asset_id uuid, observation_id uuid, ordinal int, name text, kind text,
      colour text, percent smallint, state text, capacity bigint, level bigint, unit text)`.execute(tx);
}

/** Notes the pages of a day, the last reading of it; forgets those of the same observations that are too old. */
export async function notePages(tx: Tx, rows: readonly (Place & { at: Date; pages: PageCounts })[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ asset_id: r.assetId, observation_id: r.observationId, read_at: r.at.toISOString(), ...r.pages }));
  await sql`insert into device_page_readings (asset_id, observation_id, day, read_at, total, black, colour, duplex, scanned)
    select asset_id, observation_id, (read_at at time zone 'utc')::date, read_at, total, black, colour, duplex, scanned
      from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (asset_id uuid, observation_id uuid, read_at timestamptz, total bigint,
        black bigint, colour bigint, duplex bigint, scanned bigint)
    on conflict (asset_id, observation_id, day) do update set read_at = excluded.read_at, total = excluded.total, black = excluded.black,
      colour = excluded.colour, duplex = excluded.duplex, scanned = excluded.scanned`.execute(tx);
  await sql`delete from device_page_readings p
    using unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[])
      as w (asset_id, observation_id, at)
    where p.asset_id = w.asset_id and p.observation_id = w.observation_id and p.day < (w.at at time zone 'utc')::date - ${pageDays}::int`.execute(
    tx,
  );
}

/** As supplies: what is told now stands; null says that the device tells nothing any more. */
export async function replacePower(tx: Tx, rows: readonly (Place & { power: PowerFacts | null })[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from device_power p using ${places(rows)} where p.asset_id = w.asset_id and p.observation_id = w.observation_id`.execute(
    tx,
  );
  const data = rows.flatMap((r) => (r.power === null ? [] : [{ a: r.assetId, o: r.observationId, ...r.power }]));
  if (data.length === 0) return;
  await sql`insert into device_power (asset_id, observation_id, battery_status, on_battery, charge_percent, runtime_minutes, load_percent, input_volts, output_volts)
    select a, o, "batteryStatus", "onBattery", "chargePercent", "runtimeMinutes", "loadPercent", "inputVolts", "outputVolts"
      from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o uuid, "batteryStatus" text, "onBattery" boolean, "chargePercent" smallint,
        "runtimeMinutes" bigint, "loadPercent" smallint, "inputVolts" double precision, "outputVolts" double precision)`.execute(tx);
}

interface Told {
  source: string;
  seen_at: Date;
}
export interface SupplyRow extends Told {
  name: string;
  kind: string;
  colour: string | null;
  percent: number | null;
  state: 'ok' | 'low' | 'empty' | null;
  capacity: number | null;
  level: number | null;
  unit: string | null;
}

const numeric = (value: string | number | null): number | null => (value === null ? null : Number(value));

/** Supplies as the observation told them that reported last: two sources name the same cartridge differently. */
export async function suppliesOfAsset(db: Db, assetId: string): Promise<SupplyRow[]> {
  const { rows } =
    await sql<SupplyRow>`select o.source, o.last_received_at as seen_at, s.name, s.kind, s.colour, s.percent, s.state, s.capacity, s.level, s.unit
    from device_supplies s join observations o on o.id = s.observation_id
    where s.asset_id = ${assetId} and s.observation_id = (select x.observation_id from device_supplies x join observations n on n.id = x.observation_id
      where x.asset_id = ${assetId} order by n.last_received_at desc, n.id limit 1)
    order by s.ordinal`.execute(db);
  return rows.map((r) => ({ ...r, capacity: numeric(r.capacity), level: numeric(r.level) }));
}

export interface PageRow extends PageCounts {
  day: string;
  read_at: Date;
  source: string;
}
/** Readings of pages, one for each day, newest first. */
export async function pagesOfAsset(db: Db, assetId: string): Promise<PageRow[]> {
  const { rows } =
    await sql<PageRow>`select distinct on (p.day) p.day::text as day, p.read_at, o.source, p.total, p.black, p.colour, p.duplex, p.scanned
    from device_page_readings p join observations o on o.id = p.observation_id where p.asset_id = ${assetId}
    order by p.day desc, p.read_at desc limit ${pageDays}`.execute(db);
  return rows.map((r) => ({
    ...r,
    total: numeric(r.total),
    black: numeric(r.black),
    colour: numeric(r.colour),
    duplex: numeric(r.duplex),
    scanned: numeric(r.scanned),
  }));
}

export interface PowerRow extends Told {
  battery_status: PowerFacts['batteryStatus'];
  on_battery: boolean | null;
  charge_percent: number | null;
  runtime_minutes: number | null;
  load_percent: number | null;
  input_volts: number | null;
  output_volts: number | null;
}
/** What a UPS told last; undefined for what is none. */
export async function powerOfAsset(db: Db, assetId: string): Promise<PowerRow | undefined> {
  const { rows } =
    await sql<PowerRow>`select o.source, o.last_received_at as seen_at, p.battery_status, p.on_battery, p.charge_percent, p.runtime_minutes,
      p.load_percent, p.input_volts, p.output_volts
    from device_power p join observations o on o.id = p.observation_id where p.asset_id = ${assetId} order by o.last_received_at desc, o.id limit 1`.execute(
      db,
    );
  return rows[0] && { ...rows[0], runtime_minutes: numeric(rows[0].runtime_minutes) };
}
