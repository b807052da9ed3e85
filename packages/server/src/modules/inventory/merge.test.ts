import { deviceFromWalk, readWalk, reportOfDevice } from '@muster/protocols';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { testDb, type TestDb } from '../../testing/index.ts';
import { readAsset, seedAssetClasses, updateAsset } from '../assets/index.ts';
import { resolveConflict } from './conflicts.ts';
import { ingestReports } from './ingest.ts';
import { networkKnowledge } from './network-knowledge.ts';
import { mergeAssets, splitAsset, undoOperation } from './operations.ts';
import { item, type Machine, report } from './test-reports.ts';

let t: TestDb;
let db: Db;
beforeAll(async () => {
  t = await testDb();
  db = t.db;
  await db.transaction().execute(seedAssetClasses);
});
afterAll(() => t.close());
const clear = async (): Promise<void> => {
  await sql`truncate assets, asset_field_values, asset_events, observations, observation_sections, identity_keys, identity_decisions, identity_operations, identity_pins, identity_not_same, identity_conflicts, device_facts, interfaces, storage_devices, asset_users, installations, components, relations, device_supplies, device_page_readings, device_power`.execute(
    db,
  );
};
beforeEach(clear);

const at = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T08:00:00Z`;
const when = (day: number): Date => new Date(at(day));
const see = async (m: Machine, day: number, family: 'glpi' | 'ocs' = 'glpi'): Promise<{ assetId: string; observationId: string }> => {
  const [result] = await db.transaction().execute((tx) => ingestReports(tx, [item(report(m, { family }), at(day))]));
  return result as { assetId: string; observationId: string };
};
const merge = async (a: string, b: string, day: number): Promise<string> =>
  db.transaction().execute((tx) => mergeAssets(tx, systemActor, a, b, 'the same desk', when(day)));
const split = async (from: string, observations: string[], day: number, into: string | null = null): Promise<string> =>
  db.transaction().execute((tx) => splitAsset(tx, systemActor, from, { observations, into, reason: 'two desks' }, when(day)));
const undo = async (id: string, day: number): Promise<void> =>
  db.transaction().execute((tx) => undoOperation(tx, systemActor, id, 'a mistake', when(day)));
const ownerOf = async (observation: string): Promise<unknown> =>
  (await sql<{ v: string }>`select asset_id as v from observations where id = ${observation}`.execute(db)).rows[0]?.v;

/** Everything kept per asset. The version and the time of the last change go on, and the timeline only grows. */
async function dump(ids: readonly string[], events?: unknown): Promise<Record<string, unknown>> {
  const out: Record<string, unknown> = {};
  const tables = [
    'assets',
    'asset_field_values',
    'asset_events',
    'observations',
    'observation_sections',
    'identity_keys',
    'device_facts',
    'interfaces',
    'storage_devices',
    'asset_users',
    'installations',
    'components',
    'network_components',
    'network_neighbours',
    'device_supplies',
    'device_page_readings',
    'device_power',
    'relations',
  ];
  for (const table of tables) {
    const column = table === 'assets' ? 'id' : 'asset_id';
    const rows = (
      await sql<{
        v: { id?: string };
      }>`select to_jsonb(x) - 'version' - 'updated_at' - 'version_since' as v from ${sql.table(table)} x where x.${sql.ref(column)} = any(${ids}::uuid[]) order by 1`.execute(
        db,
      )
    ).rows.map((r) => r.v);
    const known = new Set((events as { id: string }[] | undefined)?.map((e) => e.id));
    out[table] = table === 'asset_events' && events ? rows.filter((r) => known.has(r.id as string)) : rows;
  }
  return out;
}

const host: Machine = {
  name: 'host',
  deviceId: 'host',
  serial: '5HOST77',
  uuid: '4c4c4544-0034-4810-8031-b7c04f354d99',
  mac: 'd4:81:d7:66:77:88',
  disks: ['S9-9'],
};
const other: Machine = {
  name: 'pc2',
  serial: '8YL32N4',
  uuid: '9a1b2c3d-1111-4222-8333-abcdef012345',
  mac: '00:1b:21:00:00:02',
  user: 'grace',
};

test('a merged asset keeps its id and redirects; the survivor has what both had', async () => {
  const a = await see({ titles: ['A@1'] }, 1);
  const b = await see({ ...other, titles: ['B@1'] }, 2);
  await merge(a.assetId, b.assetId, 3);
  expect(await readAsset(db, b.assetId, when(3))).toMatchObject({ redirectedTo: a.assetId });
  const survivor = await readAsset(db, a.assetId, when(3));
  expect(survivor).toMatchObject({ name: 'pc2', lastSeenAt: '2026-03-02T08:00:00.000Z', redirectedTo: null });
  expect(survivor.sources.length).toBe(2);
  const users = await sql<{ login: string }>`select login from asset_users where asset_id = ${a.assetId} order by 1`.execute(db);
  expect(users.rows.map((u) => u.login)).toEqual(['ada', 'grace']);
  await expect(merge(b.assetId, a.assetId, 4)).rejects.toMatchObject({ code: 'conflict' });
});

test('a report after a merge or a split keeps what the person decided', async () => {
  const a = await see({}, 1);
  const b = await see(other, 2);
  await merge(a.assetId, b.assetId, 3);
  expect(await see({ ...other, mac: '00:1b:21:00:00:09' }, 4)).toMatchObject({ assetId: a.assetId });
  await split(a.assetId, [b.observationId], 5, b.assetId);
  expect(await readAsset(db, b.assetId, when(5))).toMatchObject({ redirectedTo: null, name: 'pc2' });
  expect(await see({ ...other, mac: '00:1b:21:00:00:0a' }, 6)).toMatchObject({ assetId: b.assetId });
  expect(await see({}, 6)).toMatchObject({ assetId: a.assetId });
  await expect(merge(a.assetId, b.assetId, 7)).rejects.toMatchObject({ code: 'conflict' });
});

test('observations of two sources can be split into a new asset, and that undone', async () => {
  const a = await see({ titles: ['A@1'] }, 1);
  const seen = await see({ titles: ['A@1'], name: 'pc1b', deviceId: 'ocs-1', memoryMb: 4096 }, 2, 'ocs');
  expect(seen.assetId).toBe(a.assetId);
  const before = await dump([a.assetId]);
  const id = await split(a.assetId, [seen.observationId], 3);
  const fresh = (await ownerOf(seen.observationId)) as string;
  expect(fresh).not.toBe(a.assetId);
  expect(await readAsset(db, fresh, when(3))).toMatchObject({ name: 'pc1b', memoryMb: 4096, state: 'discovered' });
  expect(await see({ name: 'pc1b', deviceId: 'ocs-1', memoryMb: 4096, mac: '00:1b:21:00:00:0b' }, 2, 'ocs')).toMatchObject({
    assetId: fresh,
  });
  await undo(id, 4);
  expect((await dump([a.assetId], before['asset_events']))['asset_field_values']).toEqual(before['asset_field_values']);
  expect(await readAsset(db, fresh, when(4))).toMatchObject({ redirectedTo: a.assetId });
});

test('what is reported after a merge stays with its machine when the merge is undone', async () => {
  const a = await see({}, 1);
  const b = await see(other, 2);
  const id = await merge(a.assetId, b.assetId, 3);
  await see({ ...other, memoryMb: 32768 }, 4);
  await undo(id, 5);
  expect(await readAsset(db, b.assetId, when(5))).toMatchObject({ memoryMb: 32768, redirectedTo: null });
  expect(await readAsset(db, a.assetId, when(5))).toMatchObject({ memoryMb: 16384, name: 'pc1' });
  await expect(undo(id, 6)).rejects.toMatchObject({ code: 'conflict' });
});

test('a contradicting report opens a conflict that is answered once', async () => {
  const a = await see({}, 1);
  const b = await see({ ...other, uuid: '4c4c4544-0037-5810-8047-b7c04f4d3333' }, 2);
  expect(b.assetId).not.toBe(a.assetId);
  const open = await sql<{ id: string; kind: string }>`select id, kind from identity_conflicts where state = 'open'`.execute(db);
  expect(open.rows).toMatchObject([{ kind: 'contradiction' }]);
  const answer = async (as: 'same' | 'different'): Promise<void> =>
    db
      .transaction()
      .execute((tx) =>
        resolveConflict(tx, systemActor, open.rows[0]?.id as string, { as, survivor: a.assetId, reason: 'new board' }, when(3)),
      );
  await answer('same');
  expect(await ownerOf(b.observationId)).toBe(a.assetId);
  await expect(answer('different')).rejects.toMatchObject({ code: 'conflict' });
});

test('merge then undo restores the exact earlier state', async () => {
  const titles = fc.uniqueArray(fc.constantFrom('A@1', 'B@1', 'C@2', 'D@1'), { maxLength: 4 });
  const machine = fc.record({
    titles,
    memoryMb: fc.constantFrom(4096, 8192),
    user: fc.constantFrom('ada', 'grace', null),
    name: fc.constantFrom('x', 'y'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(machine, { minLength: 1, maxLength: 2 }),
      fc.array(machine, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      async (ones, twos, byHand) => {
        await clear();
        let a = { assetId: '' };
        let b = { assetId: '' };
        for (const [i, m] of ones.entries()) a = await see({ ...m, deviceId: `a${i}` }, 1 + i, i === 0 ? 'glpi' : 'ocs');
        for (const [i, m] of twos.entries()) b = await see({ ...other, ...m, deviceId: `b${i}` }, 1 + i, i === 0 ? 'glpi' : 'ocs');
        if (byHand) {
          const { version } = await readAsset(db, b.assetId, when(4));
          await db
            .transaction()
            .execute((tx) => updateAsset(tx, systemActor, b.assetId, version, { tag: 'T-1', notes: 'by the door' }, when(4)));
        }
        const third = (await see(host, 4)).assetId;
        for (const [assetId, otherId] of [
          [b.assetId, third],
          [third, b.assetId],
          [a.assetId, b.assetId],
        ] as const)
          await sql`insert into relations (asset_id, id, kind, other_id, source, data, first_seen_at, last_seen_at)
            values (${assetId}, ${newId()}, 'depends_on', ${otherId}, 'manual', '{}', ${when(4)}, ${when(4)})`.execute(db);
        const before = await dump([a.assetId, b.assetId, third]);
        const id = await merge(a.assetId, b.assetId, 5);
        const moved = await sql<{
          n: number;
        }>`select count(*)::integer as n from relations where asset_id = ${b.assetId} or other_id = ${b.assetId}`.execute(db);
        expect(moved.rows[0]?.n).toBe(1);
        await undo(id, 6);
        expect(await dump([a.assetId, b.assetId, third], before['asset_events'])).toEqual(before);
      },
    ),
    { numRuns: 15 },
  );
});

describe('what a device measures of itself', () => {
  const entity = '1.3.6.1.2.1.47.1.1.1.1';
  const [marker, ups] = ['1.3.6.1.2.1.43', '1.3.6.1.2.1.33.1'];
  /** Walks of two devices; `n` is what they count or have left. */
  const printer = (serial: string, n: number): string[] => [
    `${marker}.5.1.1.17.1|4|${serial}`,
    `${marker}.10.2.1.4.1.1|65|${1000 + n}`,
    ...['Black Toner', 'Cyan Toner'].flatMap((name, i) => [
      `${marker}.11.1.1.5.1.${i + 1}|2|3`,
      `${marker}.11.1.1.6.1.${i + 1}|4|${name}`,
      `${marker}.11.1.1.8.1.${i + 1}|2|100`,
      `${marker}.11.1.1.9.1.${i + 1}|2|${90 - n}`,
    ]),
  ];
  const battery = (serial: string, n: number): string[] => [
    `${entity}.5.1|2|3`,
    `${entity}.11.1|4|${serial}`,
    `${ups}.2.1.0|2|2`,
    `${ups}.2.4.0|2|${90 - n}`,
    `${ups}.4.1.0|2|3`,
  ];
  const walked = async (lines: string[], day: number): Promise<{ assetId: string; observationId: string }> => {
    const read = reportOfDevice(deviceFromWalk(readWalk(Buffer.from(`${lines.join('\n')}\n`)).oids, networkKnowledge));
    const [result] = await db.transaction().execute((tx) => ingestReports(tx, [{ ...item(read, at(day)), source: 'snmp' }]));
    return { assetId: result?.assetId ?? '', observationId: result?.observationId ?? '' };
  };
  /** All of it, by what it was told of. */
  const measured = async (assetId: string): Promise<string[]> => {
    const { device_supplies: supplies, device_page_readings: pages, device_power: power } = await dump([assetId]);
    const rows = [supplies, pages, power].flat() as { asset_id: string }[];
    return rows.map((row) => JSON.stringify({ ...row, asset_id: null })).toSorted();
  };

  test.each([
    // Two days of pages and two supplies, then a third day; one battery.
    ['printers', printer, 4, 5],
    ['UPSs', battery, 1, 1],
  ] as const)(
    '%s: a merge keeps what both told, a split takes along its own, and undoing either restores all',
    async (_, walk, rows, later) => {
      const a = await walked(walk('VNB1000001', 1), 1);
      const b = await walked(walk('VNB1000002', 5), 1);
      expect(b.assetId).not.toBe(a.assetId);
      expect(await walked(walk('VNB1000001', 2), 2)).toMatchObject(a);
      expect(await walked(walk('VNB1000002', 7), 2)).toMatchObject(b);
      const [ofA, ofB] = [await measured(a.assetId), await measured(b.assetId)];
      expect([ofA.length, ofB.length]).toEqual([rows, rows]);
      const both = [...ofA, ...ofB].toSorted();

      const before = await dump([a.assetId, b.assetId]);
      const merged = await merge(a.assetId, b.assetId, 3);
      expect([await measured(a.assetId), await measured(b.assetId)]).toEqual([both, []]);
      await undo(merged, 4);
      expect(await dump([a.assetId, b.assetId], before['asset_events'])).toEqual(before);

      await merge(a.assetId, b.assetId, 5);
      const parted = await split(a.assetId, [b.observationId], 6);
      const fresh = (await ownerOf(b.observationId)) as string;
      expect([await measured(a.assetId), await measured(fresh)]).toEqual([ofA, ofB]);
      // The next report is of the one that was split off.
      expect(await walked(walk('VNB1000002', 9), 6)).toMatchObject({ assetId: fresh });
      expect(await measured(a.assetId)).toEqual(ofA);
      expect(await measured(fresh)).toHaveLength(later);
      await undo(parted, 7);
      expect(await measured(a.assetId)).toHaveLength(rows + later);
      expect(await measured(fresh)).toEqual([]);
    },
  );
});
