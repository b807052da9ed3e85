import type { Db, Tx } from '../../platform/db/types.ts';
import type { ImportContext, ImportField, ImportValue, ReferenceTarget } from '../../platform/importing/importable.ts';
import { Problem } from '@muster/api/errors';
import { customImportFields, type CustomRow, type CustomUndo, type CustomVerdict, givenCustom, judgeCustomRows } from '../fields/index.ts';
import { type CustomWriter, writeCustomMany } from './custom-many.ts';
import { customOfMany } from './store-custom.ts';
import { assetsByKey } from './store-import.ts';

/** A field of the organisation's own, as rows of a file name it. */
export const isCustom = (field: string): boolean => field.startsWith('custom.');

export interface CustomImportRow {
  readonly id: string;
  readonly creating: boolean;
  readonly values: Readonly<Record<string, ImportValue>>;
}

/** What the custom values of each row become, in the rows' order; a constant number of statements. */
export async function judgeImportedCustom(db: Db, rows: readonly CustomImportRow[], share = false): Promise<CustomVerdict[]> {
  const asked = rows.filter((row) => row.creating || Object.keys(row.values).some((field) => isCustom(field) || field === 'class'));
  const fields: ImportField[] = asked.length === 0 ? [] : await customImportFields(db, 'assets');
  const current = await customOfMany(
    db,
    asked.flatMap((row) => (row.creating || fields.length === 0 ? [] : [row.id])),
  );
  return judgeCustomRows(
    db,
    'assets',
    rows.map(({ id, creating, values }): CustomRow => {
      const there = current.get(id);
      const classKey = typeof values['class'] === 'string' ? values['class'] : (there?.classKey ?? null);
      return { id, classKey, creating, current: there?.custom ?? {}, given: givenCustom(values, fields) };
    }),
    { share },
  );
}

export const importWriter = (context: ImportContext, undo: boolean): CustomWriter => ({
  now: context.now,
  source: 'import',
  actor: context.actor.label,
  data: { import: context.importId, ...(undo ? { undo: true } : {}) },
});

/** Writes the custom values of rows that were checked; answers per asset what taking them back needs. @throws Problem conflict */
export async function writeImportedCustom(
  tx: Tx,
  context: ImportContext,
  rows: readonly CustomImportRow[],
): Promise<Map<string, CustomUndo>> {
  const verdicts = await judgeImportedCustom(tx, rows, true);
  const wrong = verdicts.flatMap((one) => one.errors);
  if (wrong.length > 0)
    throw new Problem('conflict', 'The custom fields were changed while the file was imported. Compare it again.', { errors: wrong });
  const written = rows.map(({ id, creating }, i) => {
    const verdict = verdicts[i]!;
    return { id, creating, ...verdict };
  });
  await writeCustomMany(tx, importWriter(context, false), written);
  return new Map(written.map(({ id, undo }) => [id, undo]));
}

/** How a file names an asset that another record points at: by id, tag, serial number or name, the first that any asset has. */
export const assetReferences: ReferenceTarget = {
  resource: 'assets',
  permission: 'assets:write',
  resolve: async (db, named) => {
    const words = named.map((one) => (one['any'] ?? one['name'] ?? '').trim());
    const found = new Map<string, Map<string, string[]>>();
    for (const key of ['id', 'tag', 'serial', 'name']) {
      const hits = await assetsByKey(db, key, [...new Set(words)]);
      found.set(key, new Map([...Map.groupBy(hits, (hit) => hit.value)].map(([value, of]) => [value, of.map((hit) => hit.id)])));
    }
    return words.map((word) => [...found.values()].map((hits) => hits.get(word.toLowerCase())).find((ids) => ids !== undefined) ?? []);
  },
  create: () => Promise.reject(new Error('No asset is made because another record names it')),
  remove: (_tx, _context, ids) => Promise.resolve(new Map(ids.map((id) => [id, 'Assets are not made by being named.']))),
};
