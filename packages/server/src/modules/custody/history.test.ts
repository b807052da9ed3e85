import { updateAsset, createAsset, getAsset } from '@muster/api/assets';
import * as api from '@muster/api/custody';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import { createTeam } from '@muster/api/teams';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { mergeAssets, undoOperation } from '../inventory/operations.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';

let t: TestApp;
let admin: TestActor;
let people: string[];
let places: string[];
let team: string;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
  people = [];
  for (const name of ['Ann', 'Bob', 'Cleo']) people.push((await admin.call(createPerson, { body: { name } })).data.id);
  places = [];
  for (const name of ['North', 'South']) places.push((await admin.call(createPlace, { body: { name } })).data.id);
  team = (await admin.call(createTeam, { body: { name: 'Crew' } })).data.id;
});
afterAll(() => t.close());

let count = 0;
const asset = async (extra: Record<string, unknown> = {}) =>
  (await admin.call(createAsset, { body: { class: 'laptop', name: `asset-${++count}`, ...extra } })).data.id;
const record = async (id: string) => (await admin.call(getAsset, { params: { id } })).data;
const at = (day: number): string => new Date(Date.UTC(2026, 0, day, 8)).toISOString();

/** Everything that is kept of who, where and in which condition; the version and the time of the last change go on. */
async function everything(ids: readonly string[]): Promise<unknown> {
  const out: Record<string, unknown> = {};
  for (const [table, key] of [
    ['assets', 'id'],
    ['asset_field_values', 'asset_id'],
    ['custody_periods', 'asset_id'],
    ['placement_periods', 'asset_id'],
    ['condition_periods', 'asset_id'],
  ] as const)
    out[table] = (
      await sql<{ v: unknown }>`select to_jsonb(x) - 'version' - 'updated_at' - 'version_since' as v from ${sql.table(table)} x
        where x.${sql.ref(key)} = any(${ids}::uuid[]) order by to_jsonb(x)::text`.execute(t.db)
    ).rows.map((r) => r.v);
  return out;
}

const merge = async (a: string, b: string) =>
  t.db.transaction().execute((tx) => mergeAssets(tx, systemActor, a, b, 'the same desk', t.platform.now()));
const undo = async (id: string) => t.db.transaction().execute((tx) => undoOperation(tx, systemActor, id, 'a mistake', t.platform.now()));
const facts = async (id: string, as_of?: string) =>
  (await admin.call(api.getAssetCustody, { params: { id }, query: as_of ? { as_of } : {} })).data;

const holders = (): api.Holder[] => [...people.map((id) => ({ kind: 'person' as const, id })), { kind: 'team', id: team }];

type Step =
  | { do: 'out' | 'over'; holder: number }
  | { do: 'in' }
  | { do: 'patch'; person: number | null }
  | { do: 'place'; place: number }
  | { do: 'condition'; condition: 'good' | 'worn' | 'broken' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('out' as const, 'over' as const), holder: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('in' as const) }),
  fc.record({ do: fc.constant('patch' as const), person: fc.option(fc.nat({ max: 2 })) }),
  fc.record({ do: fc.constant('place' as const), place: fc.nat({ max: 1 }) }),
  fc.record({ do: fc.constant('condition' as const), condition: fc.constantFrom('good' as const, 'worn' as const, 'broken' as const) }),
);

/** Does a step; a refusal is an answer too. Reports whether it was done. */
async function run(id: string, one: Step): Promise<boolean> {
  const assets = [id];
  const calls: Record<Step['do'], () => Promise<unknown>> = {
    out: () => admin.call(api.checkOut, { body: { assets, holder: holders()[(one as { holder: number }).holder]! } }),
    over: () => admin.call(api.handOver, { body: { assets, holder: holders()[(one as { holder: number }).holder]! } }),
    in: () => admin.call(api.checkIn, { body: { assets } }),
    patch: async () => {
      const { person } = one as { person: number | null };
      const { version } = await record(id);
      return admin.call(updateAsset, {
        params: { id },
        ifMatch: `"${version}"`,
        body: { person: person === null ? null : people[person]! },
      });
    },
    place: () => admin.call(api.placeAssets, { body: { assets, place: places[(one as { place: number }).place]! } }),
    condition: () => admin.call(api.setCondition, { body: { assets, condition: (one as { condition: 'good' }).condition } }),
  };
  try {
    await calls[one.do]();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'conflict' });
    return false;
  }
}

test('any sequence of calls: one open period, no overlap, the person is the open holder, and the past is what was recorded then', async () => {
  let day = 1;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        t.setNow(new Date(Date.UTC(2026, 0, day++)));
        admin = await t.as('administrator');
        const id = await asset();
        const seen: { at: string; custody: string | null; place: string | null; condition: string | null }[] = [];
        let held = null as { kind: string; id: string } | null;
        for (const one of steps) {
          t.setNow(new Date(t.platform.now().getTime() + 60_000));
          const done = await run(id, one);
          const before = held;
          if (one.do === 'out') expect(done).toBe(before === null);
          if (one.do === 'in') expect(done).toBe(before !== null);
          if (done && (one.do === 'out' || one.do === 'over')) held = holders()[one.holder]!;
          if (done && one.do === 'in') held = null;
          if (done && one.do === 'patch')
            held = one.person === null ? (before?.kind === 'person' ? null : before) : { kind: 'person', id: people[one.person]! };
          const now = await facts(id);
          expect(now.custody ? { kind: now.custody.holder.kind, id: now.custody.holder.id } : null).toEqual(held);
          const shown = await record(id);
          expect(shown.person?.id ?? null).toBe(held?.kind === 'person' ? held.id : null);
          expect(shown.place?.id ?? null).toBe(now.placement?.place.id ?? null);
          seen.push({
            at: t.platform.now().toISOString(),
            custody: now.custody?.holder.id ?? null,
            place: now.placement?.place.id ?? null,
            condition: now.condition?.condition ?? null,
          });
        }
        for (const past of seen) {
          const then = await facts(id, past.at);
          expect({
            at: past.at,
            custody: then.custody?.holder.id ?? null,
            place: then.placement?.place.id ?? null,
            condition: then.condition?.condition ?? null,
          }).toEqual(past);
        }
        const { rows } = await sql<{ open: number; overlaps: number }>`select
          (select count(*)::int from custody_periods where asset_id = ${id} and to_at is null) as open,
          (select count(*)::int from custody_periods a join custody_periods b on a.asset_id = b.asset_id and a.id < b.id
            and tstzrange(a.from_at, a.to_at) && tstzrange(b.from_at, b.to_at) where a.asset_id = ${id}) as overlaps`.execute(t.db);
        expect(rows[0]).toEqual({ open: held === null ? 0 : 1, overlaps: 0 });
      }),
      { numRuns: 25 },
    );
  } finally {
    t.setNow(null);
    admin = await t.as('administrator');
  }
}, 240_000);

test('a merge takes custody along; undoing it puts everything back exactly', async () => {
  const survivor = await asset({ place: places[0] });
  const merged = await asset({ place: places[1] });
  const [ann, bob] = people as [string, string];
  const out = async (id: string, person: string, day: number) =>
    admin.call(api.checkOut, { body: { assets: [id], holder: { kind: 'person', id: person }, at: at(day) } });
  const back = async (id: string, day: number) => admin.call(api.checkIn, { body: { assets: [id], at: at(day) } });
  await out(survivor, ann, 1);
  await back(survivor, 10);
  await out(merged, bob, 5);
  await back(merged, 8);
  await out(merged, bob, 9);
  await admin.call(api.setCondition, { body: { assets: [merged], condition: 'worn', at: at(3) } });
  const before = await everything([survivor, merged]);
  const operation = await merge(survivor, merged);
  const after = await facts(survivor);
  // What overlaps the survivor's own past stays with the merged one; who has it now begins where the survivor's past ends.
  expect(after.history.custody.map((p) => [p.holder.label, p.from, p.to])).toEqual([
    ['Bob', at(10), null],
    ['Ann', at(1), at(10)],
  ]);
  expect(after.condition?.condition).toBe('worn');
  expect((await record(survivor)).person?.id).toBe(bob);
  await expect(admin.call(api.checkIn, { body: { assets: [merged] } })).rejects.toMatchObject({ errors: [{ code: 'merged' }] });
  await undo(operation);
  expect(await everything([survivor, merged])).toEqual(before);
});

test('what was recorded after a merge stays when it is undone', async () => {
  const [survivor, merged] = [await asset(), await asset()];
  const [ann, bob] = people as [string, string];
  await admin.call(api.checkOut, { body: { assets: [merged], holder: { kind: 'person', id: ann } } });
  const operation = await merge(survivor, merged);
  expect((await facts(survivor)).custody?.holder.id).toBe(ann);
  await admin.call(api.handOver, { body: { assets: [survivor], holder: { kind: 'person', id: bob } } });
  await undo(operation);
  expect((await facts(survivor)).custody?.holder.id).toBe(bob);
  expect((await record(survivor)).person?.id).toBe(bob);
  expect((await facts(merged)).custody?.holder.id).toBe(ann);
  expect((await record(merged)).person?.id).toBe(ann);
});
