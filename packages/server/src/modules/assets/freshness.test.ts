import { assetListRoutes, type AssetRecord, freshnessStates, getAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { listStaleness, putStaleness, resetStaleness, type StalenessBody } from '@muster/api/staleness';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { assetsModule } from './module.ts';
import { createDiscovered } from './observed-values.ts';

let t: TestApp;
let admin: TestActor;
let manager: TestActor;
const dayMs = 86_400_000;
const ids = new Map<string, string>();

beforeAll(async () => {
  t = await testApp({ modules: [accessModule, assetsModule] });
  admin = await t.as('administrator');
  manager = await t.as('asset_manager');
  const machines: [string, string, number][] = [
    ['laptop-new', 'laptop', 0],
    ['laptop-9', 'laptop', 9],
    ['laptop-20', 'laptop', 20],
    ['laptop-40', 'laptop', 40],
    ['laptop-100', 'laptop', 100],
    ['server-9', 'server', 9],
    ['blade-20', 'blade', 20],
  ];
  await inTx(t.db, (tx) =>
    createDiscovered(
      tx,
      machines.map(([name, key, age]) => {
        const id = newId();
        ids.set(name, id);
        return { id, source: 'glpi', seenAt: new Date(Date.now() - age * dayMs - 60_000), values: { class: key, name } };
      }),
    ),
  );
  await sql`insert into assets (id, class_key, name, created_at) values (${newId()}, 'monitor', 'by-hand', now())`.execute(t.db);
});
afterAll(() => t.close());

const named = async (filter: string, sort = 'name'): Promise<(string | null | undefined)[]> =>
  (await manager.call(assetListRoutes.list, { query: { filter, sort, fields: 'name,freshness' } })).data.items.map((i) => i.name);
const read = async (name: string): Promise<AssetRecord> => (await manager.call(getAsset, { params: { id: ids.get(name) ?? '' } })).data;
const status = async (promise: Promise<unknown>): Promise<number> =>
  promise.then(
    () => 200,
    (error: unknown) => (error instanceof ApiProblem ? error.document.status : 500),
  );

describe('freshness', () => {
  test('is a filter by the limits of each class, which a class has from the one above it', async () => {
    expect(await named('freshness:seen')).toEqual(['laptop-9', 'laptop-new']);
    expect(await named('freshness:stale')).toEqual(['laptop-20', 'server-9']);
    expect(await named('freshness:missing')).toEqual(['blade-20', 'laptop-40']);
    expect(await named('freshness:retire_candidate')).toEqual(['laptop-100']);
    expect(await named('freshness:unseen')).toEqual(['by-hand']);
    expect(await named('freshness:(missing OR unseen)')).toEqual(['blade-20', 'by-hand', 'laptop-40']);
    expect(await named('-freshness:seen class:laptop')).toEqual(['laptop-100', 'laptop-20', 'laptop-40']);
    expect(await named('freshness:null')).toEqual([]);
  });
  test('is what the record says', async () => {
    for (const state of freshnessStates)
      for (const name of await named(`freshness:${state}`))
        if (name && ids.has(name)) expect((await read(name)).freshness?.state).toBe(state);
    expect((await read('server-9')).freshness).toEqual({ state: 'stale', staleDays: 3, missingDays: 14, retireDays: 60 });
  });
  test('sorts by when it was last seen, over pages, and is counted in facets', async () => {
    const names: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await manager.call(assetListRoutes.list, {
        query: { sort: 'freshness', limit: 2, fields: 'name,freshness', ...(cursor ? { cursor } : {}) },
      });
      names.push(...data.items.map((i) => i.name));
      cursor = data.nextCursor ?? undefined;
    } while (cursor);
    expect(names).toEqual([
      'laptop-100',
      'laptop-40',
      expect.anything(),
      expect.anything(),
      expect.anything(),
      expect.anything(),
      'laptop-new',
      'by-hand',
    ]);
    const { data } = await manager.call(assetListRoutes.facets, {});
    const facet = data.facets.find((f) => f.field === 'freshness');
    expect(Object.fromEntries((facet?.values ?? []).map((v) => [v.value, v.count]))).toEqual({
      seen: 2,
      stale: 2,
      missing: 2,
      retire_candidate: 1,
      unseen: 1,
    });
  });
  test('is found by the index on when it was last seen', async () => {
    const { rows } = await sql<{ 'QUERY PLAN': unknown }>`explain (format json) select 1 from assets a
      where a.redirected_to is null and a.last_seen_at between freshness_from('missing') and freshness_until('missing')`.execute(t.db);
    expect(JSON.stringify(rows)).toContain('last_seen_at');
  });
});

describe('the limits', () => {
  const body: StalenessBody = { classKey: 'computer', staleDays: 2, missingDays: 5, retireDays: 10 };
  test('are seen by all who see assets, changed by an administrator, and hold at once', async () => {
    expect((await manager.call(listStaleness, {})).data.items).toContainEqual(
      expect.objectContaining({ classKey: 'blade', origin: 'inherited', from: 'server', staleDays: 3 }),
    );
    expect(await status(manager.call(putStaleness, { body }))).toBe(403);
    const { data } = await admin.call(putStaleness, { body });
    expect(data.items).toContainEqual(
      expect.objectContaining({ classKey: 'laptop', origin: 'inherited', from: 'computer', retireDays: 10 }),
    );
    expect(data.items).toContainEqual(expect.objectContaining({ classKey: 'server', origin: 'shipped' }));
    expect(await named('freshness:missing class:laptop')).toEqual(['laptop-9']);
    await admin.call(resetStaleness, { body: { classKey: 'computer' } });
    expect(await named('freshness:missing class:laptop')).toEqual(['laptop-40']);
    expect(await status(admin.call(resetStaleness, { body: { classKey: 'computer' } }))).toBe(404);
  });
  test('follow each other, and belong to a class that there is', async () => {
    const answer = await admin.inject({
      method: 'PUT',
      url: '/api/v1/staleness-limits',
      payload: { classKey: null, staleDays: 9, missingDays: 9, retireDays: 3 },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: unknown[] }>().errors).toHaveLength(2);
    expect(await status(admin.call(putStaleness, { body: { ...body, classKey: 'spoon' } }))).toBe(400);
  });
});
