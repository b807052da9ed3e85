import {
  createEntitlement,
  type EntitlementInput,
  entitlementListRoutes,
  getDerivation,
  getEntitlement,
  getPosition,
  getPositionFreshness,
  getPositionSummary,
  listDemands,
  listMetrics,
  patchEntitlement,
  type Position,
  positionListRoutes,
  recomputePositions,
  retireEntitlement,
} from '@muster/api/licensing';
import { randomUUID } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { canonicalUuid } from '@muster/core/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { type TestActor, testApp, type TestApp } from '../../testing/index.ts';
import { noteAssetFactsChanged } from './index.ts';
import { reconcileProducts } from './reconcile.ts';
import { reconcileChanges } from './reconciler.ts';
import { testOrganisation, type TestOrganisation } from './test-organisation.ts';

let t: TestApp;
let manager: TestActor;
let o: TestOrganisation;

beforeAll(async () => {
  t = await testApp();
  manager = await t.as('licence_manager');
  o = testOrganisation(t.db);
});
afterAll(async () => t.close());

const enter = async (body: Partial<EntitlementInput> & { productId: string }) =>
  (await manager.call(createEntitlement, { body: { metric: 'per_device', quantity: 1, ...body } })).data;
/** The one position of a product, as the API answers it. */
async function positionOf(productId: string): Promise<Position> {
  const { rows } = await sql<{ id: string }>`select id from positions where product_id = ${productId}`.execute(t.db);
  expect(rows).toHaveLength(1);
  return (await manager.call(getPosition, { params: { id: rows[0]!.id } })).data;
}
const verified = async (id: string): Promise<void> => {
  const { data } = await manager.call(getDerivation, { params: { id } });
  expect(data.disagreements).toEqual([]);
  expect(data.verified).toBe(true);
};
async function eventually<T>(read: () => Promise<T>, wanted: (value: T) => boolean, ms = 5000): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    const value = await read();
    if (wanted(value) || performance.now() > until) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('entitlements', () => {
  test('are entered, read, listed, changed and retired, each with an audit row', async () => {
    const productId = await o.product('acme/entitled', 'Acme Entitled');
    const made = await enter({
      productId,
      quantity: 12.5,
      unitPrice: { amount: '99.90', currency: 'EUR' },
      purchaseReference: 'PO-4711',
      endsOn: '2099-12-31',
    });
    expect(made).toMatchObject({
      product: { id: productId, label: 'Acme Entitled' },
      quantity: 12.5,
      status: 'active',
      totalPrice: { amount: '1248.75', currency: 'EUR' },
      pool: 'global',
      version: 1,
    });
    const { data: read, etag } = await manager.call(getEntitlement, { params: { id: made.id } });
    expect(read).toEqual(made);
    expect(etag).toBe('"1"');
    const { data: list } = await manager.call(entitlementListRoutes.list, { query: { q: 'po-4711' } });
    expect(list.items).toMatchObject([{ id: made.id, unitPrice: { amount: '99.9', currency: 'EUR' } }]);
    expect(
      (await manager.call(entitlementListRoutes.list, { query: { filter: 'status:active product:"Acme Entitled"' } })).data.items,
    ).toHaveLength(1);

    const { data: changed } = await manager.call(patchEntitlement, {
      params: { id: made.id },
      ifMatch: '"1"',
      body: { quantity: null, endsOn: '2020-01-01' },
    });
    expect(changed).toMatchObject({ quantity: null, status: 'expired', purchaseReference: 'PO-4711', version: 2 });
    await expect(manager.call(patchEntitlement, { params: { id: made.id }, ifMatch: '"1"', body: { quantity: 1 } })).rejects.toMatchObject({
      code: 'stale',
    });
    await manager.call(retireEntitlement, { params: { id: made.id }, ifMatch: '"2"' });
    expect((await manager.call(getEntitlement, { params: { id: made.id } })).data.status).toBe('retired');
    await expect(manager.call(patchEntitlement, { params: { id: made.id }, ifMatch: '"3"', body: { quantity: 1 } })).rejects.toMatchObject({
      code: 'conflict',
    });

    const { rows } = await sql<{
      action: string;
      before: object | null;
    }>`select action, before from audit_log where resource_id = ${made.id} order by id`.execute(t.db);
    expect(rows.map((r) => r.action)).toEqual(['entitlement.created', 'entitlement.changed', 'entitlement.retired']);
    expect(rows[1]!.before).toMatchObject({ quantity: 12.5, ends_on: '2099-12-31' });
  });

  test('every bad field is answered at once', async () => {
    const answer = await manager.inject({
      method: 'POST',
      url: '/api/v1/entitlements',
      payload: {
        productId: newId(),
        metric: 'per_device',
        quantity: 5,
        startsOn: '2026-06-01',
        endsOn: '2026-05-31',
        unitPrice: { amount: '1', currency: 'XQQ' },
      },
    });
    expect(answer.statusCode).toBe(400);
    expect(
      answer
        .json()
        .errors.map((e: { field: string }) => e.field)
        .toSorted(),
    ).toEqual(['endsOn', 'productId', 'unitPrice.currency']);
    const shapes = await manager.inject({
      method: 'POST',
      url: '/api/v1/entitlements',
      payload: { productId: 'x', metric: 'per_moon', quantity: -1, unitPrice: { amount: '-5', currency: 'EUR' } },
    });
    expect(
      shapes
        .json()
        .errors.map((e: { field: string }) => e.field)
        .toSorted(),
    ).toEqual(['metric', 'productId', 'quantity', 'unitPrice.amount']);
  });

  test('unknown ids are not found, and If-Match is asked for', async () => {
    await expect(manager.call(getEntitlement, { params: { id: newId() } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(manager.call(retireEntitlement, { params: { id: newId() }, ifMatch: '"1"' })).rejects.toMatchObject({ code: 'not_found' });
    const answer = await manager.inject({ method: 'DELETE', url: `/api/v1/entitlements/${newId()}` });
    expect(answer.statusCode).toBe(428);
  });

  test('those who may only read, may only read', async () => {
    const productId = await o.product('acme/read-only', 'Acme Read Only');
    const auditor = await t.as('auditor');
    expect((await auditor.call(entitlementListRoutes.list, {})).data.items.length).toBeGreaterThanOrEqual(0);
    await expect(auditor.call(createEntitlement, { body: { productId, metric: 'per_device', quantity: 1 } })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const employee = await t.as('employee');
    await expect(employee.call(positionListRoutes.list, {})).rejects.toMatchObject({ code: 'forbidden' });
    const branch = await t.as('licence_manager', { kind: 'org_unit', id: newId() });
    await expect(branch.call(positionListRoutes.list, {})).rejects.toMatchObject({ code: 'forbidden' });
    await expect(t.anonymous.call(positionListRoutes.list, {})).rejects.toMatchObject({ code: 'not_signed_in' });
  });
});

describe('positions', () => {
  test('an entitlement changes the position before it is answered', async () => {
    const productId = await o.product('acme/draw', 'Acme Draw');
    const title = await o.title(productId);
    for (const name of ['a', 'b', 'c']) await o.install(await o.device(name), title);
    await reconcileProducts(t.platform, [productId]);
    expect(await positionOf(productId)).toMatchObject({
      status: 'unlicensed',
      owned: 0,
      required: { min: 3, max: 3 },
      shortfall: { min: 3, max: 3 },
      costToCure: null,
    });
    const made = await enter({ productId, quantity: 2, unitPrice: { amount: '10', currency: 'EUR' }, purchaseReference: 'PO-1' });
    const short = await positionOf(productId);
    expect(short).toMatchObject({
      status: 'short',
      owned: 2,
      covered: 2,
      shortfall: { min: 1, max: 1 },
      costToCure: { amount: '10.00', currency: 'EUR' },
    });
    expect(short.sentence).toBe('Acme Draw: 3 devices required, 2 owned; 1 short.');
    expect(short.coverage).toMatchObject([{ entitlement: { id: made.id, label: 'PO-1' }, quantity: 2, used: 2, unused: 0 }]);
    await verified(short.id);
    await manager.call(patchEntitlement, { params: { id: made.id }, ifMatch: '"1"', body: { quantity: 5 } });
    expect(await positionOf(productId)).toMatchObject({
      id: short.id,
      status: 'surplus',
      surplus: { min: 2, max: 2 },
      surplusValue: { amount: '20.00', currency: 'EUR' },
    });
    await verified(short.id);
    await manager.call(retireEntitlement, { params: { id: made.id }, ifMatch: '"2"' });
    expect(await positionOf(productId)).toMatchObject({ status: 'unlicensed', owned: 0 });
  });

  test('the derivation opens down to installations, device facts and purchase lines', async () => {
    const productId = await o.product('microsoft/windows-server', 'Windows Server');
    const title = await o.title(productId, { edition: 'Standard', kind: 'os' });
    await o.install(await o.device('PAR-SRV-01', { sockets: 2, cores: 32, threads: 64 }), title);
    const made = await enter({ productId, metric: 'windows_server_core', quantity: 16, purchaseReference: 'PO-WIN' });
    const p = await positionOf(productId);
    expect(p).toMatchObject({ required: { min: 32, max: 32 }, shortfall: { min: 16, max: 16 }, unit: 'core licences' });
    const { data } = await manager.call(getDerivation, { params: { id: p.id } });
    expect(data.verified).toBe(true);
    const required = data.figures.find((f) => f.figure === 'required')!.tree;
    const need = required.inputs![0]!;
    expect(need.sentence).toBe('PAR-SRV-01 needs 32 core licences = max(16, 2 sockets x max(8, 16 cores))');
    const leaves = JSON.stringify(need);
    for (const part of ['device_fact', 'attribute', 'minCoresPerServer', '32 physical cores']) expect(leaves).toContain(part);
    const owned = data.figures.find((f) => f.figure === 'owned')!.tree;
    expect(owned.inputs).toMatchObject([
      { op: 'purchase_line', ref: { resource: 'entitlements', id: made.id, label: 'PO-WIN' }, value: { min: 16, max: 16 } },
    ]);
  });

  test('missing facts are a range with the list of what is missing, and never a shortfall', async () => {
    const productId = await o.product('acme/cores', 'Acme Cores');
    const title = await o.title(productId, { edition: 'Standard' });
    const host = await o.device('H1', { sockets: 2, cores: null, threads: 64 });
    await o.install(host, title);
    await enter({ productId, metric: 'windows_server_core', quantity: 40 });
    const p = await positionOf(productId);
    expect(p).toMatchObject({
      status: 'unknown',
      required: { min: 32, max: 64 },
      shortfall: { min: 0, max: 24 },
      missingFacts: 1,
      missing: [{ fact: 'cores', consumers: 1, spread: 32 }],
    });
    await verified(p.id);
    const { data } = await manager.call(listDemands, { params: { id: p.id }, query: { filter: 'is_range:true' } });
    expect(data.items).toMatchObject([{ consumer: 'H1', asset: { id: host, label: 'H1' }, missing: ['cores'] }]);
    expect(data.items[0]!.sentence).toContain('not known: physical cores');
    await inTx(t.db, async (tx) => {
      await sql`update device_facts set cores = 32 where asset_id = ${host}`.execute(tx);
      await noteAssetFactsChanged(tx, [host]);
    });
    const fresh = await eventually(
      () => positionOf(productId),
      (x) => x.status === 'surplus',
    );
    expect(fresh).toMatchObject({ required: { min: 32, max: 32 }, surplus: { min: 8, max: 8 }, missingFacts: 0 });
  });

  test('Standard is stacked for the virtual machines a host reports; those it is known to run need nothing', async () => {
    const productId = await o.product('acme/host-cores', 'Acme Host Cores');
    const title = await o.title(productId, { edition: 'Standard' });
    const host = await o.device('HV-1', { sockets: 2, cores: 16 });
    const uuids = Array.from({ length: 4 }, () => randomUUID());
    await o.install(host, title);
    for (const [i, uuid] of uuids.slice(0, 3).entries()) {
      const guest = await o.device(`VM-${i}`, { vmSystem: 'Hyper-V', cores: 4 });
      await o.install(guest, title);
      await sql`insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at) values ('uuid', ${canonicalUuid(uuid)}, ${guest}, ${newId()}, 'good', now())`.execute(
        t.db,
      );
    }
    const content = deflateSync(JSON.stringify(uuids.map((uuid) => ({ uuid: uuid.toUpperCase(), name: 'vm', vmtype: 'hyperv' }))));
    await sql`insert into observation_sections (asset_id, observation_id, section, hash, content, changed_at) values (${host}, ${newId()}, 'virtualmachines', ${Buffer.from('x')}, ${content}, now())`.execute(
      t.db,
    );
    await enter({ productId, metric: 'windows_server_core', quantity: 32 });
    const p = await positionOf(productId);
    // Three of four run it: twice 16 cores whatever the fourth runs.
    expect(p).toMatchObject({ required: { min: 32, max: 32 }, status: 'compliant', missingFacts: 0 });
    expect(p.adjustments).toMatchObject([{ reason: 'covered_by_host', installations: 3 }]);
    await verified(p.id);
  });

  test('people count once, whoever told their name, and an unknown user is doubt', async () => {
    const productId = await o.product('acme/mail', 'Acme Mail');
    const title = await o.title(productId);
    const ana = await o.person('Ana Ruiz', 'aruiz');
    for (const device of [{ personId: ana }, { lastUser: 'ACME\\ARuiz' }, { lastUser: 'aruiz@acme.example' }, { lastUser: 'bo' }, {}])
      await o.install(await o.device('pc', device), title);
    await enter({ productId, metric: 'per_named_user', quantity: 2 });
    const p = await positionOf(productId);
    expect(p).toMatchObject({ required: { min: 2, max: 3 }, status: 'unknown', missing: [{ fact: 'user', consumers: 1 }] });
    const { data } = await manager.call(listDemands, { params: { id: p.id }, query: { sort: 'consumer' } });
    expect(data.items.map((d) => d.consumer)).toEqual(['Ana Ruiz', 'bo', 'pc']);
    expect(data.items[0]!.sentence).toBe('Ana Ruiz needs 1 right: one person on 3 devices');
    await verified(p.id);
  });

  test('what needs no licence is left out and said', async () => {
    const productId = await o.product('microsoft/sql-server', 'SQL Server');
    const express = await o.title(productId, { edition: 'Express' });
    const component = await o.title(productId, { kind: 'component' });
    await o.install(await o.device('dev1'), express);
    await o.install(await o.device('dev2'), component);
    await o.install(await o.device('dev3', { state: 'retired' }), await o.title(productId));
    await enter({ productId, quantity: 1 });
    const p = await positionOf(productId);
    expect(p).toMatchObject({ required: { min: 0, max: 0 }, status: 'surplus' });
    expect(p.adjustments.map((a) => a.reason)).toEqual(['decommissioned', 'free_edition', 'not_licensable']);
    await verified(p.id);
  });

  test('a position of many needs pages through them and still proves its figures', async () => {
    const productId = await o.product('acme/many', 'Acme Many');
    const title = await o.title(productId);
    for (let i = 0; i < 30; i++) await o.install(await o.device(`m-${String(i).padStart(2, '0')}`), title);
    await enter({ productId, quantity: 30 });
    const p = await positionOf(productId);
    const { data } = await manager.call(getDerivation, { params: { id: p.id } });
    const group = data.figures.find((f) => f.figure === 'required')!.tree.inputs![0]!;
    expect(group).toMatchObject({ op: 'rows', value: { min: 30, max: 30 }, rows: { count: 30 } });
    expect(data.verified).toBe(true);
    const answer = await manager.inject({ method: 'GET', url: `${group.rows!.href}&limit=20` });
    expect(answer.json()).toMatchObject({ total: 30 });
    expect(answer.json().items).toHaveLength(20);
    // A row that someone changed behind the engine's back is found out.
    await sql`update position_demands set required_min = 2, required_max = 2 where position_id = ${p.id} and label = 'm-07'`.execute(t.db);
    const { data: broken } = await manager.call(getDerivation, { params: { id: p.id } });
    expect(broken.verified).toBe(false);
    expect(broken.disagreements.join()).toContain('required');
    // The next reconciliation only writes what differs by its digest; a full one after the digest is cleared repairs it.
    await sql`update position_demands set digest = '' where position_id = ${p.id}`.execute(t.db);
    await reconcileProducts(t.platform, [productId]);
    await verified(p.id);
  });

  test('a change of installations reaches the position by itself', async () => {
    const productId = await o.product('acme/alive', 'Acme Alive');
    const title = await o.title(productId);
    const device = await o.device('alive');
    await enter({ productId, quantity: 1 });
    expect(await positionOf(productId)).toMatchObject({ required: { min: 0, max: 0 } });
    await o.install(device, title);
    const from = performance.now();
    const used = await eventually(
      () => positionOf(productId),
      (p) => p.required.max === 1,
    );
    expect(used.required).toEqual({ min: 1, max: 1 });
    expect(performance.now() - from).toBeLessThan(4000);
    await o.remove(device, title);
    expect(
      (
        await eventually(
          () => positionOf(productId),
          (p) => p.required.max === 0,
        )
      ).required.max,
    ).toBe(0);
    await eventually(
      async () => (await manager.call(getPositionFreshness, {})).data.pendingProducts,
      (n) => n === 0,
    );
    expect((await manager.call(getPositionFreshness, {})).data.pendingProducts).toBe(0);
  });

  test('a product that is no longer used and not entitled has no position', async () => {
    const productId = await o.product('acme/gone', 'Acme Gone');
    const title = await o.title(productId);
    const device = await o.device('gone');
    await o.install(device, title);
    await reconcileProducts(t.platform, [productId]);
    const p = await positionOf(productId);
    await o.remove(device, title);
    await reconcileProducts(t.platform, [productId]);
    await expect(manager.call(getPosition, { params: { id: p.id } })).rejects.toMatchObject({ code: 'not_found' });
    expect((await sql`select 1 from position_demands where position_id = ${p.id}`.execute(t.db)).rows).toHaveLength(0);
  });

  test('reconciliations at the same time end in the position of the last facts', async () => {
    const productId = await o.product('acme/race', 'Acme Race');
    const title = await o.title(productId);
    const devices = await Promise.all(Array.from({ length: 12 }, (_, i) => o.device(`race-${i}`)));
    await Promise.all(
      devices.map(async (device, i) => {
        await o.install(device, title);
        await (i % 3 === 0 ? enter({ productId, quantity: 1 }) : reconcileProducts(t.platform, [productId]));
      }),
    );
    await reconcileChanges(t.platform);
    const p = await positionOf(productId);
    expect(p).toMatchObject({ required: { min: 12, max: 12 }, owned: 4, shortfall: { min: 8, max: 8 } });
    await verified(p.id);
  });

  test('the day alone ends a term', async () => {
    const productId = await o.product('acme/term', 'Acme Term');
    await o.install(await o.device('term'), await o.title(productId));
    await enter({ productId, quantity: 1, endsOn: '2030-06-30' });
    expect(await positionOf(productId)).toMatchObject({ status: 'compliant' });
    t.setNow(new Date('2030-07-01T00:10:00Z'));
    try {
      const { data } = await manager
        .call(recomputePositions, { body: { productIds: [productId] } })
        .catch(async () => (await t.as('licence_manager')).call(recomputePositions, { body: { productIds: [productId] } }));
      expect(data.jobId).toBeTruthy();
      await t.jobsDone();
      const { rows } = await sql<{
        status: string;
        owned: string;
      }>`select status, owned from positions where product_id = ${productId}`.execute(t.db);
      expect(rows).toMatchObject([{ status: 'short', owned: '0.0000' }]);
    } finally {
      t.setNow(null);
    }
  });
});

describe('the whole', () => {
  test('all positions are recomputed by a job, listed, filtered and summed up', async () => {
    const { data: job } = await manager.call(recomputePositions, { body: {} });
    await t.jobsDone();
    const { rows } = await sql<{
      state: string;
      result: { products: number };
    }>`select state, result from jobs where id = ${job.jobId}`.execute(t.db);
    expect(rows[0]).toMatchObject({ state: 'done' });
    expect(rows[0]!.result.products).toBeGreaterThan(5);
    const { data: short } = await manager.call(positionListRoutes.list, { query: { filter: 'status:short short:>0' } });
    expect(short.items.length).toBeGreaterThan(0);
    for (const item of short.items) expect(item.shortfallMin).toBeGreaterThan(0);
    const { data: facets } = await manager.call(positionListRoutes.facets, { query: {} });
    expect(facets.facets.find((f) => f.field === 'status')!.values.length).toBeGreaterThan(1);
    const { data: summary } = await manager.call(getPositionSummary, { query: { limit: 5 } });
    expect(summary.items.length).toBe(5);
    for (const item of summary.items) expect(item.covered + item.shortfall.min).toBe(item.required.min);
    expect(summary.statuses.reduce((n, s) => n + s.count, 0)).toBe(
      (await manager.call(positionListRoutes.list, { query: { total: 'exact' } })).data.total,
    );
  });

  test('the metrics are explained with their sources', async () => {
    const { data } = await manager.call(listMetrics, {});
    expect(data.items.map((m) => m.key)).toEqual(['site', 'per_device', 'per_installation', 'windows_server_core', 'per_named_user']);
    for (const m of data.items) expect(m.formula.length).toBeGreaterThan(5);
  });
});
