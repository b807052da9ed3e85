import { type AssetRecord, createAsset, transitionAsset, updateAsset } from '@muster/api/assets';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { assetsModule } from './module.ts';

let t: TestApp;
let manager: TestActor;
const start = Date.now() - 300 * 86_400_000;
/** Day n of the story. */
const day = (n: number): Date => new Date(start + n * 86_400_000);
const onDay = (n: number): void => t.setNow(day(n));

beforeAll(async () => {
  t = await testApp({ modules: [accessModule, assetsModule] });
  manager = await t.as('asset_manager');
});
afterAll(() => t.close());

const make = async (body: Record<string, unknown>): Promise<AssetRecord> =>
  (await manager.call(createAsset, { body: { class: 'laptop', ...body } })).data;
const edit = async (asset: AssetRecord, body: Record<string, unknown>): Promise<AssetRecord> =>
  (await manager.call(updateAsset, { params: { id: asset.id }, ifMatch: `"${asset.version}"`, body })).data;
const versions = async (id: string): Promise<{ valid_from: Date; valid_to: Date; name: string; state: string }[]> =>
  (
    await sql<{
      valid_from: Date;
      valid_to: Date;
      name: string;
      state: string;
    }>`select valid_from, valid_to, name, state from asset_history where asset_id = ${id} order by valid_from`.execute(t.db)
  ).rows;

describe('a version is kept', () => {
  test('for each change of a tracked column, from the time of one write to the time of the next', async () => {
    onDay(1);
    const first = await make({ name: 'pc-1' });
    onDay(2);
    const second = await edit(first, { name: 'pc-2' });
    onDay(3);
    await manager.call(transitionAsset, { params: { id: second.id }, body: { to: 'retired' } });
    expect(await versions(first.id)).toEqual([
      { valid_from: day(1), valid_to: day(2), name: 'pc-1', state: 'in_stock' },
      { valid_from: day(2), valid_to: day(3), name: 'pc-2', state: 'in_stock' },
    ]);
  });

  test('not when it was only seen again, or an edit changed nothing', async () => {
    onDay(10);
    const made = await make({ name: 'pc-seen' });
    await sql`update assets set last_seen_at = ${day(11)}, updated_at = ${day(11)}, version = version + 1 where id = ${made.id}`.execute(
      t.db,
    );
    await sql`update assets set name = 'pc-seen', updated_at = ${day(12)} where id = ${made.id}`.execute(t.db);
    expect(await versions(made.id)).toEqual([]);
  });

  test('once for several changes of one transaction', async () => {
    onDay(20);
    const made = await make({ name: 'pc-many' });
    await t.db.transaction().execute(async (tx) => {
      for (const name of ['a', 'b', 'c'])
        await sql`update assets set name = ${name}, updated_at = ${day(21)}, version = version + 1 where id = ${made.id}`.execute(tx);
    });
    expect((await versions(made.id)).map((v) => v.name)).toEqual(['pc-many']);
  });

  test('with the transaction’s time where a write gives none, and when the asset is deleted', async () => {
    onDay(30);
    const made = await make({ name: 'pc-raw' });
    await sql`update assets set name = 'pc-raw-2' where id = ${made.id}`.execute(t.db);
    await sql`delete from assets where id = ${made.id}`.execute(t.db);
    const kept = await versions(made.id);
    expect(kept.map((v) => v.name)).toEqual(['pc-raw', 'pc-raw-2']);
    expect(Math.abs((kept[0]?.valid_to.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  test('never with an end before its start: a late change counts from the start of the version it replaces', async () => {
    onDay(40);
    const made = await make({ name: 'pc-late' });
    onDay(42);
    const edited = await edit(made, { name: 'pc-late-2' });
    onDay(41);
    await edit(edited, { name: 'pc-late-3' });
    expect((await versions(made.id)).map((v) => v.name)).toEqual(['pc-late']);
  });
});
