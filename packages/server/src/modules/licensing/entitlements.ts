import { type FieldError, Problem } from '@muster/api/errors';
import type { Entitlement, EntitlementInput, EntitlementPatch } from '@muster/api/licensing';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { forgetProductChanges, noteProductChanges, productChangesOf } from '../software/index.ts';
import { settleCustom, showCustom } from '../fields/index.ts';
import { dayOf, reconcileProducts } from './reconcile.ts';
import {
  entitlementById,
  type EntitlementRow,
  type EntitlementValues,
  insertEntitlement,
  markRetired,
  productExists,
  setEntitlementCustom,
  updateEntitlement,
} from './store.ts';

/** @throws Problem not_found */
export async function readEntitlement(db: Db, id: string, now: Date): Promise<Entitlement> {
  const row = await entitlementById(db, id);
  if (!row) throw new Problem('not_found', 'There is no entitlement with this id.');
  return { ...present(row, now), custom: (await showCustom(db, 'entitlements', row)).custom };
}

/** Enters an entitlement and brings the position of its product up to date. @throws Problem validation_failed with every bad field */
export async function createEntitlement(platform: Platform, actor: Actor, input: EntitlementInput): Promise<Entitlement> {
  const now = platform.now();
  const id = newId(now.getTime());
  const values = valuesOf(input);
  await inTx(platform.db, async (tx) => {
    const given = { resource: 'entitlements', recordId: id, current: {}, given: input.custom, creating: true } as const;
    const custom = await settleCustom(tx, actor, given);
    await check(tx, values, custom.errors);
    await insertEntitlement(tx, id, values, now);
    await setEntitlementCustom(tx, id, custom.custom);
    await record(tx, actor, 'created', id, null, { ...values, custom: custom.custom });
  });
  await refresh(platform, [values.product_id]);
  return readEntitlement(platform.db, id, now);
}

/** Changes the given fields. @throws Problem not_found, stale, conflict (it is retired), validation_failed */
export async function changeEntitlement(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  patch: EntitlementPatch,
): Promise<Entitlement> {
  const products = await inTx(platform.db, async (tx) => {
    const row = await current(tx, id, version);
    const before = inputOf(row);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const values = valuesOf({ ...before, ...given });
    const wanted = { resource: 'entitlements', recordId: id, current: row.custom, given: patch.custom, creating: false } as const;
    const custom = await settleCustom(tx, actor, wanted);
    await check(tx, values, custom.errors);
    await updateEntitlement(tx, id, values, platform.now());
    if (custom.changes.length > 0) await setEntitlementCustom(tx, id, custom.custom);
    await record(tx, actor, 'changed', id, { ...valuesOf(before), custom: row.custom }, { ...values, custom: custom.custom });
    return [row.product_id, values.product_id];
  });
  await refresh(platform, products);
  return readEntitlement(platform.db, id, platform.now());
}

/** Takes an entitlement out of every position; it stays on record. @throws Problem not_found, stale, conflict (it is retired) */
export async function retireEntitlement(platform: Platform, actor: Actor, id: string, version: number): Promise<void> {
  const product = await inTx(platform.db, async (tx) => {
    const row = await current(tx, id, version);
    await markRetired(tx, id, platform.now());
    await record(tx, actor, 'retired', id, valuesOf(inputOf(row)), null);
    return row.product_id;
  });
  await refresh(platform, [product]);
}

async function current(tx: Tx, id: string, version: number): Promise<EntitlementRow> {
  const row = await entitlementById(tx, id, true);
  if (!row) throw new Problem('not_found', 'There is no entitlement with this id.');
  if (row.version !== version) throw new Problem('stale');
  if (row.retired_at) throw new Problem('conflict', 'The entitlement is retired.');
  return row;
}

type Recorded = EntitlementValues & { custom?: Readonly<Record<string, unknown>> };

/** The note in the change's own transaction is kept if this process dies before the position is computed: the reconciler then does it. */
async function record(
  tx: Tx,
  actor: Actor,
  verb: 'created' | 'changed' | 'retired',
  id: string,
  before: Recorded | null,
  after: Recorded | null,
): Promise<void> {
  const shown = (after ?? before)!;
  const summary = `${verb[0]!.toUpperCase()}${verb.slice(1)} the entitlement ${shown.purchase_reference ?? id}: ${shown.quantity ?? 'unlimited'} by ${shown.metric}`;
  await audit(tx, actor, { action: `entitlement.${verb}`, resource: 'entitlements', resourceId: id, summary, before, after });
  await noteProductChanges(
    tx,
    [before?.product_id, after?.product_id].filter((p) => p !== undefined),
  );
}

async function refresh(platform: Platform, productIds: readonly string[]): Promise<void> {
  try {
    const changes = await productChangesOf(platform.db, productIds);
    await reconcileProducts(platform, productIds);
    await inTx(platform.db, (tx) => forgetProductChanges(tx, changes));
  } catch (error) {
    // The entitlement is saved and the change is noted: the reconciler computes the position a moment later.
    platform.log.warn({ err: error, products: productIds }, 'A position could not be computed at once');
  }
}

/** Everything one field alone cannot tell, all at once. */
async function check(tx: Tx, v: EntitlementValues, custom: readonly FieldError[]): Promise<void> {
  const errors: FieldError[] = [];
  if (!(await productExists(tx, v.product_id))) errors.push({ field: 'productId', code: 'unknown_reference', message: 'names no product' });
  if (v.starts_on !== null && v.ends_on !== null && v.ends_on < v.starts_on)
    errors.push({ field: 'endsOn', code: 'before_start', message: 'must not be before the start' });
  if (v.metric === 'site' && v.quantity !== null && !Number.isInteger(v.quantity))
    errors.push({ field: 'quantity', code: 'not_whole', message: 'sites are whole' });
  if (v.currency !== null && !currencies.has(v.currency))
    errors.push({ field: 'unitPrice.currency', code: 'unknown_currency', message: 'is not a currency of ISO 4217' });
  errors.push(...custom);
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}
const currencies = new Set(Intl.supportedValuesOf('currency'));

function valuesOf(input: EntitlementInput): EntitlementValues {
  return {
    product_id: input.productId,
    metric: input.metric,
    quantity: input.quantity,
    edition: input.edition,
    starts_on: input.startsOn,
    ends_on: input.endsOn,
    pool: input.pool,
    unit_price: input.unitPrice?.amount ?? null,
    currency: input.unitPrice?.currency ?? null,
    purchase_reference: input.purchaseReference,
    supplier: input.supplier,
    purchased_on: input.purchasedOn,
    agreement: input.agreement,
    notes: input.notes,
  };
}

function inputOf(row: EntitlementRow): EntitlementInput {
  return {
    productId: row.product_id,
    metric: row.metric as EntitlementInput['metric'],
    quantity: row.quantity === null ? null : Number(row.quantity),
    edition: row.edition,
    startsOn: row.starts_on,
    endsOn: row.ends_on,
    pool: row.pool,
    unitPrice: money(row.unit_price, row.currency),
    purchaseReference: row.purchase_reference,
    supplier: row.supplier,
    purchasedOn: row.purchased_on,
    agreement: row.agreement,
    notes: row.notes,
  };
}

function present(row: EntitlementRow, now: Date): Omit<Entitlement, 'custom'> {
  const { productId: _, custom: __, ...fields } = inputOf(row);
  return {
    ...fields,
    id: row.id,
    product: { id: row.product_id, label: row.product_name },
    publisher: { id: row.publisher_id, label: row.publisher_name },
    status: statusOf(row, dayOf(now).toString()),
    totalPrice: money(row.total_price, row.currency),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}
/** As the list says it in SQL. */
function statusOf(row: EntitlementRow, today: string): Entitlement['status'] {
  if (row.retired_at) return 'retired';
  if (row.ends_on !== null && row.ends_on < today) return 'expired';
  return row.starts_on !== null && row.starts_on > today ? 'future' : 'active';
}
function money(amount: string | null, currency: string | null): { amount: string; currency: string } | null {
  return amount === null || currency === null ? null : { amount, currency };
}
