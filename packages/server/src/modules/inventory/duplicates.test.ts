import { createAsset } from '@muster/api/assets';
import * as api from '@muster/api/duplicates';
import { mergeAsset } from '@muster/api/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

const look = async (t: TestApp, who: TestActor): Promise<void> => {
  await who.call(api.searchDuplicates, {});
  await t.jobsDone(120_000);
};

resourceSuite({
  routes: api.duplicateListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (let i = 0; i < 9; i++)
      for (let twin = 0; twin < 2 + (i % 3); twin++)
        await admin.call(createAsset, { body: { class: 'monitor', name: i === 0 ? '+desk' : `Desk ${i}`, model: 'U2724D' } });
    await look(t, admin);
    const { data } = await admin.call(api.duplicateListRoutes.list, { query: { limit: 3 } });
    for (const item of data.items) await admin.call(api.dismissDuplicate, { params: { id: String(item.id) }, body: {} });
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

const make = async (body: Record<string, unknown>): Promise<string> =>
  (await admin.call(createAsset, { body: { class: 'laptop', ...body } })).data.id;
const groups = async (filter = '') =>
  (await admin.call(api.duplicateListRoutes.list, { query: filter ? { filter } : {} })).data.items.map((g) => ({
    id: String(g.id),
    reason: g.reason,
    value: g.value,
    assets: g.assets,
    state: g.state,
  }));
const read = async (id: string) => (await admin.call(api.getDuplicate, { params: { id } })).data;
const ids = async (id: string) => (await read(id)).assets.map((a) => a.id).sort();

describe('duplicates', () => {
  test('are found by number, tag, address, and name with model; placeholders and what has serials of its own are not', async () => {
    const serials = [await make({ serial: '7XK-21M3', manufacturer: 'Dell' }), await make({ serial: '7xk21m3' })];
    const tags = [await make({ tag: 'NB-0007' }), await make({ tag: 'NB 0007' })];
    const names = [await make({ name: 'Beamer', model: 'EB-FH52' }), await make({ name: 'beamer ', model: 'eb-fh52', serial: 'X9PR4455' })];
    for (const serial of ['To be filled by O.E.M.', '0000000', '12345678']) for (let i = 0; i < 2; i++) await make({ serial });
    await make({ name: 'rack-host', model: 'R760', serial: 'AB12CD3' });
    await make({ name: 'rack-host', model: 'R760', serial: 'AB12CD4' });
    for (let i = 0; i < 2; i++) await make({ name: 'localhost', model: 'VM' });
    const macs = [await make({ name: 'm1' }), await make({ name: 'm2' }), await make({ name: 'm3' }), await make({ name: 'm4' })];
    for (const [index, asset] of macs.entries())
      await sql`insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at)
        values ('mac', ${index < 2 ? '001b213c4d01' : '020054554e01'}, ${asset}, ${asset}, ${index < 2 ? 'good' : 'placeholder'}, now())`.execute(
        t.db,
      );
    await look(t, admin);
    const found = await groups();
    const said = found.map(({ reason, value, assets }) => [reason, String(value).toLowerCase().replace('-', ''), assets]);
    expect(said.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ['mac', '001b213c4d01', 2],
      ['name_and_model', 'beamer', 2],
      ['serial', '7xk21m3', 2],
      ['tag', expect.stringMatching(/^nb ?0007$/) as string, 2],
    ]);
    const of = (reason: string) => ids(found.find((g) => g.reason === reason)?.id ?? '');
    expect([await of('serial'), await of('tag'), await of('name_and_model'), await of('mac')]).toEqual([
      serials.sort(),
      tags.sort(),
      names.sort(),
      macs.slice(0, 2).sort(),
    ]);
  });

  test('that are dismissed stay so until another asset joins, and can be asked about again', async () => {
    await make({ name: 'Trolley', model: 'T1' });
    await make({ name: 'Trolley', model: 'T1' });
    await look(t, admin);
    const [group] = await groups('value:Trolley');
    const params = { id: group?.id ?? '' };
    expect((await admin.call(api.dismissDuplicate, { params, body: { note: 'two rooms' } })).data).toMatchObject({
      state: 'dismissed',
      note: 'two rooms',
    });
    await expect(admin.call(api.dismissDuplicate, { params, body: {} })).rejects.toMatchObject({ code: 'conflict' });
    await look(t, admin);
    expect(await groups('value:Trolley')).toMatchObject([{ state: 'dismissed', assets: 2 }]);
    await admin.call(api.reopenDuplicate, { params });
    expect(await groups('value:Trolley')).toMatchObject([{ state: 'open' }]);
    await admin.call(api.dismissDuplicate, { params, body: {} });
    await make({ name: 'trolley', model: 't1' });
    await look(t, admin);
    expect(await groups('value:trolley')).toMatchObject([{ id: params.id, state: 'open', assets: 3 }]);
    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where resource = 'duplicates' and resource_id = ${params.id} order by at, id`.execute(t.db);
    expect(rows.map((r) => r.action)).toEqual(['duplicate.dismissed', 'duplicate.reopened', 'duplicate.dismissed']);
  });

  test('that are merged leave the list', async () => {
    const [a, b] = [await make({ tag: 'MG-2001' }), await make({ tag: 'MG 2001' })];
    await look(t, admin);
    const [group] = await groups('reason:tag value:MG*');
    expect(group).toMatchObject({ assets: 2 });
    await admin.call(mergeAsset, { params: { id: a }, body: { merged: b, reason: 'entered twice' } });
    expect(await groups('reason:tag value:MG*')).toEqual([]);
    await expect(read(group?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are for whoever may see the whole organisation', async () => {
    const auditor = await t.as('auditor');
    const [group] = await groups();
    const params = { id: group?.id ?? '' };
    expect((await auditor.call(api.getDuplicate, { params })).data.id).toBe(params.id);
    await expect(auditor.call(api.dismissDuplicate, { params, body: {} })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
