import { type AssetRecord, createAsset, releaseAssetField, transitionAsset, updateAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import type { CallOf } from '@muster/api/route';
import { getLifecycle, putLifecycle } from '@muster/api/lifecycle';
import { lifecycleStates } from '@muster/api/lifecycle-states';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { assetsModule } from './module.ts';
import { shippedMachine } from './lifecycle-machine.ts';

let t: TestApp;
let admin: TestActor;
const ada = '00000000-0000-7000-8000-0000000000c1';
beforeAll(async () => {
  t = await testApp({ modules: [accessModule, assetsModule] });
  admin = await t.as('administrator');
  await sql`insert into people (id, name, login) values (${ada}, 'Ada Lovelace', 'ada')`.execute(t.db);
});
afterAll(() => t.close());

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('key' as const),
      key: fc.constantFrom(...shippedMachine.transitions.map((one) => one.key), 'shortcut', 'nowhere'),
      person: fc.boolean(),
      reason: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('to' as const),
      to: fc.constantFrom(...lifecycleStates),
      substate: fc.option(fc.constantFrom('available', 'sold', 'ghost'), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('person' as const), value: fc.constantFrom(ada, null) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
  // The machine changes under way: a way is taken out or put in, by valid and by forbidden means.
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('machine' as const),
      from: fc.constantFrom(...lifecycleStates),
      to: fc.constantFrom(...lifecycleStates, 'in_stock/available', 'disposed/sold'),
      guards: fc.subarray<{ kind: 'has_person' | 'no_person' }>([{ kind: 'has_person' }, { kind: 'no_person' }]),
      actions: fc.subarray([{ key: 'unassign' }]),
    }),
  },
);

const refused = async (promise: Promise<unknown>): Promise<void> => {
  try {
    await promise;
  } catch (error) {
    // A refusal is one that a caller can act on, never a failure of the server.
    expect(error).toBeInstanceOf(ApiProblem);
    const { status, errors, detail } = (error as ApiProblem).document;
    expect(status).toBeLessThan(500);
    expect((errors?.length ?? 0) > 0 || (detail ?? '') !== '').toBe(true);
  }
};

async function take(id: string, s: typeof step extends fc.Arbitrary<infer S> ? S : never): Promise<void> {
  const version = async (): Promise<string> =>
    `"${(await sql<{ version: number }>`select version from assets where id = ${id}`.execute(t.db)).rows[0]?.version}"`;
  if (s.do === 'key')
    await refused(
      admin.call(transitionAsset, {
        params: { id },
        body: { transition: s.key, ...(s.person ? { inputs: { person: ada } } : {}), ...(s.reason ? { reason: 'because' } : {}) },
      }),
    );
  else if (s.do === 'to')
    await refused(admin.call(transitionAsset, { params: { id }, body: { to: s.to, ...(s.substate ? { substate: s.substate } : {}) } }));
  else if (s.do === 'person')
    await refused(admin.call(updateAsset, { params: { id }, ifMatch: await version(), body: { person: s.value } }));
  else if (s.do === 'release') await refused(admin.call(releaseAssetField, { params: { id, field: 'person' } }));
  else {
    const { data } = await admin.call(getLifecycle, {});
    const transitions = data.machine.transitions.filter((one) => one.key !== 'shortcut');
    const shortcut = { key: 'shortcut', label: 'Shortcut', from: [s.from], to: s.to, guards: s.guards, actions: s.actions };
    await refused(
      admin.call(putLifecycle, { ifMatch: `"${data.version}"`, body: { ...data.machine, transitions: [...transitions, shortcut] } }),
    );
  }
}

/** What must hold of an asset whatever was called. */
async function expectAllowed(id: string): Promise<void> {
  const { rows } = await sql<{
    state: string;
    substate: string | null;
    person_id: string | null;
  }>`select state, substate, person_id from assets where id = ${id}`.execute(t.db);
  const [asset] = rows;
  if (!asset) throw new Error('It is gone');
  if (asset.state === 'assigned') expect(asset.person_id).not.toBeNull();
  if (asset.substate !== null) expect(shippedMachine.substates.some((s) => s.state === asset.state && s.key === asset.substate)).toBe(true);
  const { rows: periods } = await sql<{
    state: string;
    substate: string | null;
    from_at: Date;
    to_at: Date | null;
  }>`select state, substate, from_at, to_at from asset_state_periods where asset_id = ${id} order by from_at, to_at nulls last, id`.execute(
    t.db,
  );
  expect(periods.filter((p) => p.to_at === null)).toEqual([expect.objectContaining({ state: asset.state, substate: asset.substate })]);
  for (const [i, p] of periods.entries()) {
    const last = periods[i - 1];
    if (!last) continue;
    expect(last.to_at).toEqual(p.from_at);
    expect(last.state).not.toBe('disposed');
    if (p.state === 'disposed') expect(last.state).toBe('retired');
    expect(p.state).not.toBe('discovered');
  }
}

test('no sequence of API calls brings an asset into a forbidden state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<NonNullable<CallOf<typeof createAsset>['body']['state']>[]>(
        'requested',
        'on_order',
        'in_stock',
        'in_use',
        'assigned',
      ),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (state, steps) => {
        const body = { class: 'laptop', name: 'walker', state, ...(state === 'assigned' ? { person: ada } : {}) };
        const { id }: AssetRecord = (await admin.call(createAsset, { body })).data;
        for (const s of steps) {
          await take(id, s);
          await expectAllowed(id);
        }
      },
    ),
    { numRuns: 25 },
  );
}, 300_000);

test('nor do many calls at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 12 }), async (steps) => {
      const { id }: AssetRecord = (await admin.call(createAsset, { body: { class: 'laptop', name: 'crowd', state: 'in_use' } })).data;
      await Promise.all(steps.map((s) => take(id, s)));
      await expectAllowed(id);
    }),
    { numRuns: 10 },
  );
}, 300_000);
