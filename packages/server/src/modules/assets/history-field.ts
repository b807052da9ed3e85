import type { AssetHistoryField, FieldHistoryEntry } from '@muster/api/asset-history';
import { type AssetValueField, lifecycleStateLabels } from '@muster/api/assets';
import { type FieldError, Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { asOfInstant } from '../../platform/listing/index.ts';
import { editable, nameOf, referenceErrors, settle } from './edit.ts';
import { fieldColumns, fieldLabels, type FieldValue } from './fields.ts';
import { classesWithCounts, fieldValuesOf, putManualValue } from './store.ts';
import { findAssetAt, namesOfReferences, valueRuns } from './store-history.ts';
import { recordEvents } from './store-ingest.ts';

const references: readonly AssetHistoryField[] = ['person', 'place', 'orgUnit'];

/**
 * The values a field had one after the other, newest first.
 * @throws Problem bad_cursor
 */
export async function readFieldHistory(
  db: Db,
  id: string,
  field: AssetHistoryField,
  query: { limit: number; cursor?: string | undefined },
): Promise<{ items: FieldHistoryEntry[]; nextCursor: string | null; keptSince: string }> {
  const before = query.cursor === undefined ? null : asOfInstant(query.cursor);
  if (query.cursor !== undefined && before === null) throw new Problem('bad_cursor');
  const column = field === 'state' ? 'state' : fieldColumns[field];
  const rows = await valueRuns(db, id, { column, field }, { limit: query.limit + 1, before });
  const page = rows.slice(0, query.limit);
  const labels = await labelsOf(
    db,
    field,
    page.map((r) => r.value),
  );
  return {
    items: page.map((r) => ({
      value: r.value,
      label: r.value === null ? null : (labels[String(r.value)] ?? null),
      from: r.since,
      until: r.until,
      source: r.source,
      actor: r.actor,
    })),
    nextCursor: rows.length > query.limit ? (page.at(-1)?.since ?? null) : null,
    keptSince: (rows[0]?.kept_since ?? new Date(0)).toISOString(),
  };
}

async function labelsOf(db: Db, field: AssetHistoryField, values: readonly (FieldValue | null)[]): Promise<Record<string, string>> {
  if (field === 'state') return lifecycleStateLabels;
  if (field === 'class') return Object.fromEntries((await classesWithCounts(db)).map((c) => [c.key, c.label]));
  if (!references.includes(field)) return {};
  return namesOfReferences(db, [...new Set(values.filter((v) => v !== null).map(String))]);
}

/**
 * Sets a field by hand to what it was at an instant.
 * @throws Problem not_found; conflict with the reason: merged, not there or empty then, the same now, what it points at is gone, tag taken.
 */
export async function restoreField(tx: Tx, actor: Actor, id: string, field: AssetValueField, at: string, now: Date): Promise<void> {
  const asset = await editable(tx, id);
  const instant = asOfInstant(at);
  const past = instant === null ? undefined : await findAssetAt(tx, id, instant);
  const label = fieldLabels[field];
  if (!past) throw impossible({ field: 'at', code: 'not_there', message: 'The asset was not there at that time.' });
  const value = past[fieldColumns[field]];
  if (value === null)
    throw impossible({
      field: 'at',
      code: 'was_empty',
      message: `${label} was empty then, and a value set by hand cannot be empty. Release the value instead.`,
    });
  const manual = (await fieldValuesOf(tx, [id])).find((v) => v.field === field && v.source === 'manual');
  if (manual && manual.value === value)
    throw impossible({ field: 'at', code: 'same', message: `${label} is set by hand to this value already.` });
  const [gone] = await referenceErrors(tx, { [field]: value }, id);
  if (gone)
    throw impossible(
      gone.code === 'unknown'
        ? { ...gone, code: 'gone', message: `What ${label.toLowerCase()} pointed at then is no longer there.` }
        : gone,
    );
  await putManualValue(tx, id, field, value, now, actor.label);
  await recordEvents(tx, [
    { assetId: id, at: now, kind: 'value_restored', source: 'manual', actor: actor.label, data: { field, to: value, asOf: instant } },
  ]);
  const changes = await settle(tx, actor, asset, now);
  await audit(tx, actor, {
    action: 'asset.field_restored',
    resource: 'assets',
    resourceId: id,
    summary: `Set ${label.toLowerCase()} of ${nameOf(asset)} to what it was on ${(instant ?? at).slice(0, 10)}`,
    before: Object.fromEntries(changes.map((c) => [c.field, c.from])),
    after: { [field]: value },
  });
}

const impossible = (error: FieldError): Problem => new Problem('conflict', error.message, { errors: [error] });
