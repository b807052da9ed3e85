import { type KitCandidate, type KitLine, kitResource } from '@muster/api/kits';
import { sql } from 'kysely';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing, scopeCondition } from '../../platform/listing/index.ts';

export interface KitRow {
  id: string;
  name: string;
  note: string | null;
  lines: KitLine[];
  version: number;
}

const kits = {
  from: sql`kits k`,
  id: sql`k.id`,
  columns: {
    id: { sql: sql`k.id` },
    name: { sql: sql`k.name` },
    lines: { sql: sql`jsonb_array_length(k.lines)` },
    assets: { sql: sql`(select sum((l ->> 'count')::integer)::integer from jsonb_array_elements(k.lines) l)` },
    note: { sql: sql`k.note` },
    updatedAt: { sql: sql`k.updated_at` },
  },
};
export const kitListing = defineListing(kitResource, kits);
/** Never listed: it says how far a role reaches into the stock that kits are made of. */
const stockListing = defineListing(kitResource, {
  ...kits,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

export async function kitById(db: Db, id: string): Promise<KitRow | undefined> {
  return (await sql<KitRow>`select id, name, note, lines, version from kits where id = ${id}`.execute(db)).rows[0];
}

export async function unknownClasses(db: Db, keys: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{
    key: string;
  }>`select w.key from unnest(${keys}::text[]) w (key) where not exists (select 1 from asset_classes c where c.key = w.key)`.execute(db);
  return rows.map((row) => row.key);
}

export async function insertKit(tx: Tx, kit: Omit<KitRow, 'version'>, now: Date): Promise<void> {
  await sql`insert into kits (id, name, note, lines, created_at, updated_at)
    values (${kit.id}, ${kit.name}, ${kit.note}, ${JSON.stringify(kit.lines)}::jsonb, ${now}, ${now})`.execute(tx);
}

/** False when it has another version by now. */
export async function updateKitRow(tx: Tx, kit: KitRow, now: Date): Promise<boolean> {
  const { rows } = await sql`update kits set name = ${kit.name}, note = ${kit.note}, lines = ${JSON.stringify(kit.lines)}::jsonb,
    updated_at = ${now}, version = version + 1 where id = ${kit.id} and version = ${kit.version} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function removeKit(tx: Tx, id: string): Promise<void> {
  await sql`delete from kits where id = ${id}`.execute(tx);
}

export interface FittingRow extends KitCandidate {
  /** Index of the line that it fits. */
  line: number;
}

const fits = sql`(l.class is null or exists (select 1 from below b where b.top = l.class and b.key = a.class_key))
  and (l.model is null or lower(a.model) = lower(l.model))`;
const linesOf = (lines: readonly KitLine[]): ReturnType<typeof sql> => sql`with recursive below (top, key) as (
    select key, key from asset_classes union all select b.top, c.key from asset_classes c join below b on c.parent_key = b.key
  ), l as (select o.ord::integer - 1 as line, o.v ->> 'class' as class, o.v ->> 'model' as model
    from jsonb_array_elements(${JSON.stringify(lines)}::jsonb) with ordinality o (v, ord))`;

/** For each line up to `most` assets in stock that fit, that nobody has and that the actor may give, in one statement. */
export async function stockFor(
  db: Db,
  lines: readonly KitLine[],
  actor: Actor,
  most: number,
  prefer: readonly string[],
): Promise<FittingRow[]> {
  const scope = scopeCondition(stockListing, actor, 'assets:write');
  const first = (id: ReturnType<typeof sql>) => (prefer.length > 0 ? sql`${id} = any(${prefer}::uuid[]) desc,` : sql``);
  const { rows } = await sql<FittingRow>`${linesOf(lines)} select l.line, s.* from l cross join lateral (
      select a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as label, a.tag, a.serial, a.model from assets a
      where a.state = 'in_stock' and a.redirected_to is null and ${fits} ${scope ? sql`and ${scope}` : sql``}
        and not exists (select 1 from custody_periods p where p.asset_id = a.id and p.to_at is null)
      order by ${first(sql`a.id`)} a.tag nulls last, a.name, a.id limit ${most}
    ) s order by l.line, ${first(sql`s.id`)} s.tag nulls last, s.label, s.id`.execute(db);
  return rows;
}

/** Which of these assets fit which line, whatever their state. */
export async function linesFitting(db: Db, lines: readonly KitLine[], assets: readonly string[]): Promise<{ line: number; id: string }[]> {
  const { rows } = await sql<{
    line: number;
    id: string;
  }>`${linesOf(lines)} select l.line, a.id from l join assets a on a.id = any(${assets}::uuid[]) and ${fits}`.execute(db);
  return rows;
}
