import { type FoundPage, foundReportResource, type LabelDefinition, labelTemplateResource } from '@muster/api/labels';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface TemplateRow {
  id: string;
  name: string;
  definition: LabelDefinition;
  default_for: string[];
  version: number;
}

export const templateListing = defineListing(labelTemplateResource, {
  from: sql`label_templates l`,
  id: sql`l.id`,
  columns: {
    id: { sql: sql`l.id` },
    name: { sql: sql`l.name` },
    width: { sql: sql`(l.definition ->> 'width')::float8` },
    height: { sql: sql`(l.definition ->> 'height')::float8` },
    media: { sql: sql`(l.definition -> 'media' ->> 'kind')` },
    defaultFor: { sql: sql`nullif(array_to_string(l.default_for, ', '), '')` },
    updatedAt: { sql: sql`l.updated_at` },
  },
});

export async function templateById(db: Db, id: string): Promise<TemplateRow | undefined> {
  return (await sql<TemplateRow>`select id, name, definition, default_for, version from label_templates where id = ${id}`.execute(db))
    .rows[0];
}

/** The classes that are not there, and those that another template is the default of, with its name. */
export async function defaultsTaken(
  db: Db,
  classes: readonly string[],
  except: string | null,
): Promise<{ unknown: string[]; taken: { key: string; name: string }[] }> {
  const { rows } = await sql<{ key: string; known: boolean; name: string | null }>`select w.key, c.key is not null as known,
      (select l.name from label_templates l where w.key = any(l.default_for) and l.id is distinct from ${except}::uuid limit 1) as name
    from unnest(${classes}::text[]) as w (key) left join asset_classes c on c.key = w.key`.execute(db);
  return {
    unknown: rows.filter((row) => !row.known).map((row) => row.key),
    taken: rows.flatMap(({ key, name }) => (name === null ? [] : [{ key, name }])),
  };
}

export async function insertTemplate(tx: Tx, row: Omit<TemplateRow, 'version'>, now: Date): Promise<void> {
  await sql`insert into label_templates (id, name, definition, default_for, created_at, updated_at)
    values (${row.id}, ${row.name}, ${JSON.stringify(row.definition)}::jsonb, ${row.default_for}::text[], ${now}, ${now})`.execute(tx);
}

/** False when it has another version by now. */
export async function updateTemplate(tx: Tx, row: TemplateRow, now: Date): Promise<boolean> {
  const { rows } = await sql`update label_templates set name = ${row.name}, definition = ${JSON.stringify(row.definition)}::jsonb,
    default_for = ${row.default_for}::text[], updated_at = ${now}, version = version + 1 where id = ${row.id} and version = ${row.version} returning 1`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function removeTemplate(tx: Tx, id: string): Promise<void> {
  await sql`delete from label_templates where id = ${id}`.execute(tx);
}

export interface LabelledAsset {
  id: string;
  tag: string | null;
  name: string | null;
  serial: string | null;
  manufacturer: string | null;
  model: string | null;
  class: string;
  person: string | null;
  place: string | null;
  org_unit: string | null;
}

/** What labels may say of assets: one statement however many there are. Merged ones are left out. */
export async function labelledAssets(db: Db, ids: readonly string[]): Promise<LabelledAsset[]> {
  return (
    await sql<LabelledAsset>`select a.id, a.tag, a.name, a.serial, a.manufacturer, a.model, c.label as class, p.name as person, pl.name as place, o.name as org_unit
      from assets a join asset_classes c on c.key = a.class_key left join people p on p.id = a.person_id left join places pl on pl.id = a.place_id
      left join org_units o on o.id = a.org_unit_id where a.id = any(${ids}::uuid[]) and a.redirected_to is null`.execute(db)
  ).rows;
}

export async function readFoundPage(db: Db): Promise<FoundPage> {
  const { rows } =
    await sql<FoundPage>`select enabled, show_organisation as "showOrganisation", show_tag as "showTag", contact from found_page`.execute(
      db,
    );
  return rows[0] ?? { enabled: false, showOrganisation: true, showTag: false, contact: '' };
}

export async function saveFoundPage(tx: Tx, page: FoundPage): Promise<void> {
  await sql`update found_page set enabled = ${page.enabled}, show_organisation = ${page.showOrganisation}, show_tag = ${page.showTag}, contact = ${page.contact}`.execute(
    tx,
  );
}

/** The asset behind a code made here, own or sticker; a merged one is its survivor. */
export async function foundAsset(db: Db, key: string): Promise<{ id: string; tag: string | null } | undefined> {
  return (
    await sql<{ id: string; tag: string | null }>`select a.id, a.tag from codes c join assets o on o.id = c.asset_id
      join assets a on a.id = coalesce(o.redirected_to, o.id) where c.key = ${key} and c.kind in ('own', 'sticker')`.execute(db)
  ).rows[0];
}

export async function insertFoundReport(
  tx: Tx,
  report: { assetId: string; id: string; message: string; contact: string | null },
  now: Date,
): Promise<void> {
  await sql`insert into found_reports (asset_id, id, at, message, contact) values (${report.assetId}, ${report.id}, ${now}, ${report.message}, ${report.contact})`.execute(
    tx,
  );
}

export const foundReportListing = defineListing(foundReportResource, {
  from: sql`found_reports f join assets a on a.id = f.asset_id`,
  id: sql`f.id`,
  columns: {
    id: { sql: sql`f.id` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`f.asset_id` },
    at: { sql: sql`f.at` },
    message: { sql: sql`f.message` },
    contact: { sql: sql`f.contact` },
  },
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});
