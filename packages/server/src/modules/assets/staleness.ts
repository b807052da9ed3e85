import type { StalenessBody, StalenessLimitsRow } from '@muster/api/staleness';
import { Problem } from '@muster/api/errors';
import { lineOf } from '@muster/core/authority';
import { limitsByClass, type StalenessLimits } from '@muster/core/freshness';
import content from '../../../../../content/staleness.json' with { type: 'json' };
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { authorityRows, classLabels } from './store-authority.ts';
import { type LimitsRow, limitsRows, putLimits } from './store-staleness.ts';

const shipped = new Map(content.limits.map((l): [string, StalenessLimits] => [l.class, l]));

/** The limits in force for every class, those for any class first. */
export async function readStaleness(db: Db): Promise<{ items: StalenessLimitsRow[] }> {
  const labels = await classLabels(db);
  const items = (await limitsRows(db)).map((r): StalenessLimitsRow => ({
    classKey: r.class_key || null,
    classLabel: r.class_key ? (labels.get(r.class_key) ?? r.class_key) : null,
    staleDays: r.stale_days,
    missingDays: r.missing_days,
    retireDays: r.retire_days,
    origin: r.own ? 'changed' : r.from_class === r.class_key ? 'shipped' : 'inherited',
    from: r.from_class || null,
    changedAt: r.changed_at?.toISOString() ?? null,
    changedBy: r.changed_by,
  }));
  return { items: items.toSorted((a, b) => (a.classLabel ?? '').localeCompare(b.classLabel ?? '')) };
}

/**
 * Sets the limits of a class, and with it of the classes below that have none of their own.
 * @throws Problem validation_failed when there is no such class.
 */
export async function changeStaleness(platform: Platform, actor: Actor, body: StalenessBody): Promise<{ items: StalenessLimitsRow[] }> {
  return inTx(platform.db, async (tx) => {
    if (body.classKey !== null && !(await classLabels(tx)).has(body.classKey))
      throw new Problem('validation_failed', undefined, {
        errors: [{ field: 'body.classKey', code: 'unknown', message: 'There is no asset class with this key.' }],
      });
    const rows = await limitsRows(tx);
    const before = rows.find((r) => r.class_key === (body.classKey ?? ''));
    const own: LimitsRow = {
      class_key: body.classKey ?? '',
      stale_days: body.staleDays,
      missing_days: body.missingDays,
      retire_days: body.retireDays,
      from_class: body.classKey ?? '',
      own: true,
      changed_at: platform.now(),
      changed_by: actor.label,
    };
    await settle(tx, [...rows.filter((r) => r.own && r.class_key !== own.class_key), own]);
    await audit(tx, actor, {
      action: 'staleness_limits.changed',
      resource: 'staleness-limits',
      resourceId: null,
      summary: `Calls ${wordsOf(body.classKey)} stale after ${body.staleDays}, missing after ${body.missingDays} and a candidate for retirement after ${body.retireDays} days`,
      before: before ?? null,
      after: body,
    });
    return readStaleness(tx);
  });
}

/**
 * Back to the shipped limits of a class, or to those of the class above it.
 * @throws Problem not_found when they were not changed.
 */
export async function resetStaleness(platform: Platform, actor: Actor, classKey: string | null): Promise<{ items: StalenessLimitsRow[] }> {
  return inTx(platform.db, async (tx) => {
    const own = (await limitsRows(tx)).filter((r) => r.own);
    const before = own.find((r) => r.class_key === (classKey ?? ''));
    if (!before) throw new Problem('not_found', `The limits of ${wordsOf(classKey)} were not changed.`);
    await settle(
      tx,
      own.filter((r) => r !== before),
    );
    await audit(tx, actor, {
      action: 'staleness_limits.reset',
      resource: 'staleness-limits',
      resourceId: null,
      summary: `The limits of ${wordsOf(classKey)} are as shipped again`,
      before,
    });
    return readStaleness(tx);
  });
}

const wordsOf = (classKey: string | null): string => (classKey === null ? 'any class' : `the class ${classKey}`);

/** Gives each class its row again; called when classes or content may have changed. */
export async function refreshStaleness(tx: Tx): Promise<void> {
  await settle(
    tx,
    (await limitsRows(tx)).filter((r) => r.own),
  );
}

async function settle(tx: Tx, own: readonly LimitsRow[]): Promise<void> {
  const { parents } = await authorityRows(tx);
  const above = new Map(Object.entries(parents));
  const limits = new Map(shipped);
  for (const r of own) limits.set(r.class_key, { staleDays: r.stale_days, missingDays: r.missing_days, retireDays: r.retire_days });
  const mine = new Map(own.map((r) => [r.class_key, r]));
  const found = limitsByClass(limits, (key) => lineOf(key, above), [...above.keys()]);
  await putLimits(
    tx,
    [...found].map(
      ([key, { limits: l, from }]): LimitsRow =>
        mine.get(key) ?? {
          class_key: key,
          stale_days: l.staleDays,
          missing_days: l.missingDays,
          retire_days: l.retireDays,
          from_class: from,
          own: false,
          changed_at: null,
          changed_by: null,
        },
    ),
  );
}
