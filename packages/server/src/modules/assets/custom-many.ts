import type { Tx } from '../../platform/db/types.ts';
import { type CustomUndo, type CustomVerdict, judgeCustomRestore, takeCustomRows } from '../fields/index.ts';
import { customOfMany, setCustomMany } from './store-custom.ts';
import { recordEvents } from './store-ingest.ts';

/** Who writes, for the events of the assets. */
export interface CustomWriter {
  readonly now: Date;
  readonly source: 'manual' | 'import';
  readonly actor: string;
  /** What the events say beside field and values. */
  readonly data: Readonly<Record<string, unknown>>;
}
type Written = { readonly id: string } & Pick<CustomVerdict, 'custom' | 'changes' | 'unique'>;

/**
 * Writes judged custom values of assets that are held: unique values, the records, an event for every changed value. In a fixed number of
 * statements, and one per unique field. @throws Problem conflict when a unique value was taken since
 */
export async function writeCustomMany(tx: Tx, writer: CustomWriter, rows: readonly Written[]): Promise<void> {
  const changed = rows.filter((row) => row.changes.length > 0);
  if (changed.length === 0) return;
  await takeCustomRows(tx, changed);
  await setCustomMany(tx, changed, writer.now);
  await recordEvents(
    tx,
    changed.flatMap(({ id, changes }) =>
      changes.map(({ key, label, from, to }) => ({
        assetId: id,
        at: writer.now,
        kind: 'field_changed',
        source: writer.source,
        actor: writer.actor,
        data: { field: `custom.${key}`, label, from, to, ...writer.data },
      })),
    ),
  );
}

/** What undoing changes of custom values would do to assets as they are now. */
export async function judgeRestore(
  tx: Tx,
  rows: readonly { readonly id: string; readonly undo: CustomUndo }[],
): ReturnType<typeof judgeCustomRestore> {
  const touched = rows.filter((row) => Object.keys(row.undo).length > 0);
  const current = await customOfMany(
    tx,
    touched.map((row) => row.id),
  );
  return judgeCustomRestore(
    tx,
    'assets',
    touched.flatMap(({ id, undo }) => {
      const found = current.get(id);
      return found ? [{ id, undo, current: found.custom }] : [];
    }),
  );
}
