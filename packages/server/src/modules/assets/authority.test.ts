import { type AssetRecord, getAsset, getAssetTimeline } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { listAuthorityRules, previewAuthorityRule, putAuthorityRule, resetAuthorityRule } from '@muster/api/authority';
import { ApiProblem } from '@muster/api/client';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { systemActor } from '../../platform/context.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { operationsModule } from '../operations/module.ts';
import { createAsset, releaseField, updateAsset } from './edit.ts';
import { transitionAsset } from './lifecycle-move.ts';
import { assetsModule } from './module.ts';
import { applyObservedValues, createDiscovered, type ObservedValues } from './observed-values.ts';
import { readAsset } from './record.ts';
import { resolveSilentJob } from './resolve-again.ts';

let t: TestApp;
let admin: TestActor;
let manager: TestActor;
const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1 + n, 8));

beforeAll(async () => {
  t = await testApp({ modules: [accessModule, operationsModule, assetsModule], now: day(0) });
  await moveTo(day(0));
});
afterAll(() => t.close());

/** Sets the clock; sessions end when it jumps, so everyone signs in again. */
async function moveTo(at: Date): Promise<void> {
  t.setNow(at);
  admin = await t.as('administrator');
  manager = await t.as('asset_manager');
}

/** What inventory notes of a source's report, and the values it takes over. */
async function report(assetId: string, source: string, at: Date, values: ObservedValues): Promise<void> {
  await sql`insert into observations (id, source, native_id, asset_id, first_received_at, last_received_at) values (${newId()}, ${source}, ${assetId}, ${assetId}, ${at}, ${at})
    on conflict (source, native_id) do update set last_received_at = excluded.last_received_at`.execute(t.db);
  await inTx(t.db, (tx) => applyObservedValues(tx, [{ assetId, source, seenAt: at, values }]));
}

async function discover(source: string, at: Date, values: ObservedValues & { class?: string }): Promise<string> {
  const id = newId();
  await inTx(t.db, (tx) => createDiscovered(tx, [{ id, source, seenAt: at, values: { class: 'laptop', ...values } }]));
  await report(id, source, at, {});
  return id;
}

const read = async (id: string): Promise<AssetRecord> => (await manager.call(getAsset, { params: { id } })).data;
const silence = async (): Promise<void> => {
  await inTx(t.db, (tx) => t.platform.jobs.enqueue(tx, resolveSilentJob.kind, {}, { title: 'Silent sources', actor: systemActor }));
  await t.jobsDone();
};
const status = async (promise: Promise<unknown>): Promise<number> =>
  promise.then(
    () => 200,
    (error: unknown) => (error instanceof ApiProblem ? error.document.status : 500),
  );

describe('a source that falls silent', () => {
  test('gives way to the next one without waiting for a report, and says why', async () => {
    await moveTo(day(0));
    const id = await discover('glpi', day(0), { name: 'silent-1', model: 'G' });
    await report(id, 'ocs', day(0), { model: 'O' });
    expect((await read(id)).model).toBe('G');
    await report(id, 'ocs', day(29), { model: 'O2' });
    await moveTo(day(29));
    await silence();
    expect(await read(id)).toMatchObject({ model: 'G', fields: { model: { losing: [{ source: 'ocs', value: 'O2' }] } } });
    await moveTo(day(31));
    const before = await read(id);
    await silence();
    const after = await read(id);
    expect(after).toMatchObject({ model: 'O2', fields: { model: { source: 'ocs', losing: [{ source: 'glpi', value: 'G' }] } } });
    expect(after.version).toBe(before.version + 1);
    const { data } = await manager.call(getAssetTimeline, { params: { id }, query: { kind: 'field_changed', limit: 1 } });
    expect(data.items).toMatchObject([
      { source: 'ocs', summary: 'Model changed from G to O2. GLPI Agent has been silent for more than 30 days.' },
    ]);
    await silence();
    expect((await read(id)).version).toBe(after.version);
  });
});

describe('the order of sources', () => {
  const rule = {
    classKey: 'computer',
    field: 'model' as const,
    order: [
      { source: 'ocs', ttlDays: 14 },
      { source: 'glpi', ttlDays: 30 },
    ],
    otherTtlDays: 30,
  };
  test('can be seen by whoever sees discovery, and changed by an administrator alone', async () => {
    const { data } = await manager.call(listAuthorityRules, {});
    expect(data.items).toContainEqual(expect.objectContaining({ classKey: null, field: null, origin: 'default' }));
    expect(data.sources).toEqual(expect.arrayContaining(['glpi', 'ocs']));
    expect(await status(manager.call(putAuthorityRule, { body: rule }))).toBe(403);
    expect(await status(manager.call(previewAuthorityRule, { body: rule }))).toBe(403);
    expect(await status((await t.as('employee')).call(listAuthorityRules, {}))).toBe(403);
  });
  test('is refused with all mistakes at once', async () => {
    const answer = await admin.inject({
      method: 'PUT',
      url: '/api/v1/authority-rules',
      payload: { classKey: 'laptop', field: 'colour', order: [{ source: 'manual', ttlDays: 0 }], otherTtlDays: 'x' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: { field: string }[] }>().errors.length).toBeGreaterThanOrEqual(4);
    expect(await status(admin.call(putAuthorityRule, { body: { ...rule, classKey: 'spoon' } }))).toBe(400);
    expect(await status(admin.call(putAuthorityRule, { body: { ...rule, order: [...rule.order, ...rule.order] } }))).toBe(400);
    expect(await status(admin.call(resetAuthorityRule, { body: { classKey: null, field: 'tag' } }))).toBe(404);
  });
  test('is previewed, applied by a job to the classes below too, audited, and reset', async () => {
    await moveTo(day(40));
    const id = await discover('glpi', day(40), { name: 'order-1', model: 'G' });
    await report(id, 'ocs', day(40), { model: 'O' });
    const phone = await discover('glpi', day(40), { class: 'phone', name: 'order-2', model: 'G' });
    await report(phone, 'ocs', day(40), { class: 'phone', model: 'O' });
    const { data: preview } = await admin.call(previewAuthorityRule, { body: rule });
    expect(preview).toMatchObject({ complete: true });
    expect(preview.examples).toContainEqual({ asset: { id, label: 'order-1' }, field: 'model', from: 'G', to: 'O', source: 'ocs' });
    expect(preview.examples.map((e) => e.asset.id)).not.toContain(phone);
    expect((await read(id)).model).toBe('G');
    await admin.call(putAuthorityRule, { body: rule });
    await t.jobsDone();
    expect(await read(id)).toMatchObject({
      model: 'O',
      fields: { model: { losing: [{ source: 'glpi', reason: expect.stringContaining('OCS') as string }] } },
    });
    expect((await read(phone)).model).toBe('G');
    expect((await admin.call(listAuthorityRules, {})).data.items).toContainEqual(
      expect.objectContaining({ classKey: 'computer', field: 'model', origin: 'added', order: rule.order }),
    );
    await admin.call(resetAuthorityRule, { body: { classKey: 'computer', field: 'model' } });
    await t.jobsDone();
    expect((await read(id)).model).toBe('G');
    const { data } = await admin.call(auditListRoutes.list, { query: { filter: 'resource:authority-rules' } });
    expect(new Set(data.items.map((i) => i.action))).toEqual(new Set(['authority_rule.changed', 'authority_rule.reset']));
  });
});

describe('a value set by hand', () => {
  const fields = ['name', 'model', 'serial', 'domain'] as const;
  const field = fc.constantFrom(...fields);
  const source = fc.constantFrom('glpi', 'ocs', 'netdiscovery', 'import');
  const value = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), field, value }),
    fc.record({ do: fc.constant('release' as const), field }),
    fc.record({ do: fc.constant('report' as const), source, field, value: fc.option(value) }),
    fc.record({ do: fc.constant('move' as const), to: fc.constantFrom('in_use' as const, 'in_stock' as const) }),
    fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 40 }) }),
  );
  test('is never overwritten by a report, a transition or a job; without one the sources decide', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        let now = 100;
        t.setNow(day(now));
        const at = (): Date => day(now);
        const id = await inTx(t.db, (tx) => createAsset(tx, systemActor, { class: 'laptop', name: 'by hand', state: 'in_stock' }, at()));
        const byHand = new Map<string, string>([['name', 'by hand']]);
        for (const s of steps) {
          if (s.do === 'set') {
            const { version } = await readAsset(t.db, id, at());
            await inTx(t.db, (tx) => updateAsset(tx, systemActor, id, version, { [s.field]: s.value }, at()));
            byHand.set(s.field, s.value);
          } else if (s.do === 'release' && byHand.has(s.field)) {
            await inTx(t.db, (tx) => releaseField(tx, systemActor, id, s.field, at()));
            byHand.delete(s.field);
          } else if (s.do === 'report') await report(id, s.source, at(), { [s.field]: s.value });
          else if (s.do === 'move') await inTx(t.db, (tx) => transitionAsset(tx, systemActor, id, s.to, null, at())).catch(() => undefined);
          else if (s.do === 'wait') {
            t.setNow(day((now += s.days)));
            await silence();
          }
        }
        const record = await readAsset(t.db, id, at());
        for (const f of fields) {
          expect(record.fields[f]?.manual, f).toBe(byHand.has(f));
          if (byHand.has(f)) expect(record[f]).toBe(byHand.get(f));
        }
        // Nothing but a person's edit made a manual value.
        const manual = Object.entries(record.fields)
          .filter(([, p]) => p.manual)
          .map(([f]) => f);
        expect(manual.toSorted()).toEqual(['class', ...byHand.keys()].toSorted());
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
