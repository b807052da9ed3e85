import { sql } from 'kysely';
import { startTestServer, withDatabase } from '../packages/server/src/testing/server.ts';
import { migrationFiles } from '../packages/server/src/platform/db/migrate.ts';
import { openDb } from '../packages/server/src/platform/db/pool.ts';

interface Column {
  name: string;
  type: string;
  nullable: boolean;
  fallback: string | null;
}
export interface Table {
  name: string;
  owner: string;
  columns: Column[];
  constraints: string[];
  indexes: string[];
}

/** Every table of a freshly migrated database, with the module that owns it. */
export async function readCatalogue(): Promise<Table[]> {
  const owners = await ownersOfTables();
  const server = await startTestServer();
  const db = openDb(withDatabase(server.url, server.template), { max: 1 });
  try {
    const { rows } = await sql<Omit<Table, 'owner'>>`
      select c.relname as name,
        (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull,
            'fallback', pg_get_expr(d.adbin, d.adrelid)) order by a.attnum)
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
        coalesce((select json_agg(pg_get_constraintdef(k.oid) order by k.contype = 'p' desc, k.conname) from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'), '[]') as constraints,
        coalesce((select json_agg(pg_get_indexdef(i.indexrelid) order by i.indexrelid::regclass::text) from pg_index i
          where i.indrelid = c.oid and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)), '[]') as indexes
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not like 'schema\\_%' order by c.relname`.execute(
      db,
    );
    return rows.map((table) => ({ ...table, owner: owners.get(table.name) ?? 'platform' }));
  } finally {
    await db.destroy();
    await server.stop();
  }
}

/** Which module's migrations create a table. */
export async function ownersOfTables(): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const file of await migrationFiles()) {
    for (const [, table = ''] of file.text.matchAll(/\bcreate (?:unlogged )?table (?:if not exists )?(\w+)/gi))
      owners.set(table.toLowerCase(), file.owner);
  }
  return owners;
}

/** docs/reference/tables.md. */
export function tablesPage(tables: readonly Table[]): string {
  const owners = [...new Set(tables.map((table) => table.owner))].toSorted();
  const lines = [
    '# Tables',
    '',
    'Generated from the catalogue of a migrated database (`npm run generate`). Only the owning module writes a table; every module may read it.',
  ];
  for (const owner of owners) {
    lines.push('', `## ${owner}`);
    for (const table of tables.filter((candidate) => candidate.owner === owner))
      lines.push('', `### ${table.name}`, '', ...tableLines(table));
  }
  return `${lines.join('\n')}\n`;
}

function tableLines(table: Table): string[] {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return [
    '| column | type | null | default |',
    '|---|---|---|---|',
    ...table.columns.map(
      (column) =>
        `| ${column.name} | ${cell(column.type)} | ${column.nullable ? 'yes' : ''} | ${column.fallback === null ? '' : cell(`\`${column.fallback}\``)} |`,
    ),
    '',
    ...table.constraints.map((text) => `- ${cell(text)}`),
    ...table.indexes.map((text) => `- ${cell(text.replace(/ ON public\./, ' on ').replace(/^CREATE /, ''))}`),
  ];
}
