import { createHash } from 'node:crypto';
import type { CustomField } from '@muster/api/custom-fields';
import { Problem } from '@muster/api/errors';
import { convertValue, mayConvert, textOf } from '@muster/core/custom-fields';
import { type CustomColumn, type CustomTable, distinctValues, rewriteValues } from '../../platform/db/custom-values.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { ownerOf } from './registry.ts';

/** More different values than these are not converted at once: they would not fit into memory. */
const mostValues = 200_000;
const shownExamples = 10;

export interface TypePreview {
  readonly total: number;
  readonly kept: number;
  readonly lost: number;
  readonly examples: { value: string; becomes: string | null; records: number }[];
  /** Stands for exactly this outcome: a value that changes in between makes another one. */
  readonly confirm: string;
}
interface Conversion {
  readonly place: Place;
  readonly value: unknown;
  readonly becomes: unknown;
  readonly records: number;
}
interface Place {
  readonly table: CustomTable;
  readonly column: CustomColumn;
}

/** Where values of a field are: its own table, and for assets what models give to theirs. */
const placesOf = (field: CustomField): Place[] => [
  { table: ownerOf(field.resource).table, column: 'custom' },
  ...(field.resource === 'assets' ? [{ table: 'models', column: 'asset_custom' } as const] : []),
];

/** What a change of type or options would do to the values. @throws Problem conflict when no value of one type can be of the other, too_large */
export async function previewType(db: Db, before: CustomField, after: CustomField): Promise<TypePreview> {
  return outcome(before, after, await conversions(db, before, after));
}

/** Converts every value, or refuses: a loss must have been previewed. @throws Problem conflict with examples of what would be lost */
export async function convertType(tx: Tx, before: CustomField, after: CustomField, confirm: string | undefined): Promise<TypePreview> {
  const all = await conversions(tx, before, after);
  const preview = outcome(before, after, all);
  if (preview.lost > 0 && confirm !== preview.confirm) {
    const errors = preview.examples
      .filter((example) => example.becomes === null)
      .map((example) => ({ field: 'type', code: 'would_be_lost', message: `“${example.value}” (${example.records})` }));
    throw new Problem('conflict', `${preview.lost} of ${preview.total} values would be lost. Preview the change and confirm it.`, {
      errors,
    });
  }
  for (const [place, of] of Map.groupBy(all, (one) => one.place)) await rewriteValues(tx, place.table, place.column, before.key, of);
  return preview;
}

async function conversions(db: Db, before: CustomField, after: CustomField): Promise<Conversion[]> {
  if (!mayConvert(before.type, after.type))
    throw new Problem(
      'conflict',
      `A ${before.type.replace('_', ' ')} cannot become a ${after.type.replace('_', ' ')}. Define a new field.`,
    );
  const all: Conversion[] = [];
  for (const place of placesOf(before)) {
    const values = await distinctValues(db, place.table, place.column, before.key, mostValues + 1);
    if (values.length > mostValues)
      throw new Problem(
        'too_large',
        `“${before.label}” has more than ${mostValues.toLocaleString('en')} different values. Define a new field instead.`,
      );
    for (const { value, records } of values) all.push({ place, value, becomes: convertValue(before, after, value), records });
  }
  return all;
}

function outcome(before: CustomField, after: CustomField, all: readonly Conversion[]): TypePreview {
  const sum = (some: readonly Conversion[]): number => some.reduce((n, one) => n + one.records, 0);
  const lost = all.filter((one) => one.becomes === null);
  const examples = [...lost, ...all.filter((one) => one.becomes !== null)].slice(0, shownExamples);
  const digest = createHash('sha256').update(
    JSON.stringify([before.id, before.version, after.type, lost.map((one) => [one.value, one.records])]),
  );
  return {
    total: sum(all),
    kept: sum(all) - sum(lost),
    lost: sum(lost),
    examples: examples.map(({ value, becomes, records }) => ({
      value: textOf(before, value),
      becomes: becomes === null ? null : textOf(after, becomes),
      records,
    })),
    confirm: digest.digest('base64url'),
  };
}
