import * as api from '@muster/api/codes';
import { createAsset, getAsset, getAssetTimeline } from '@muster/api/assets';
import { createOrgUnit } from '@muster/api/people';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.tagSequenceListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (const [name, classKey, prefix] of [
      ['Laptops', 'laptop', 'NB-'],
      ['Desktops', 'desktop', 'PC-'],
      ['Servers', 'server', 'SV'],
      ['Printers', 'printer', 'PR'],
      ['Monitors', 'monitor', 'M'],
      ['Phones', 'phone', 'PH'],
      ['All else', null, 'A'],
    ] as const)
      await admin.call(api.createTagSequence, { body: { name, classKey, prefix, checkDigit: name === 'Laptops' ? 'luhn' : 'none' } });
    await admin.call(api.createTagSequence, { body: { name: '+by hand', prefix: 'Z', automatic: false, suffix: '-Z', width: 3 } });
  },
});
resourceSuite({
  routes: api.stickerBatchListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (const [index, name] of ['Roll 1', 'Roll 2', '+roll', 'Roll b', 'Roll a', 'Roll 10', 'Shelf', 'Room'].entries()) {
      const stickers = 1 + (index % 3);
      await admin.call(api.createStickerBatch, { body: { name, stickers } });
    }
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp({ env: { MUSTER_BASE_URL: 'https://assets.example.org' } });
  admin = await t.as('administrator');
});
afterAll(() => t.close());

const make = async (body: Partial<Parameters<typeof admin.call<typeof createAsset>>[1]['body']>) =>
  (await admin.call(createAsset, { body: { class: 'laptop', ...body } })).data;
const resolve = async (code: string, actor = admin) => (await actor.call(api.resolveCode, { params: { code } })).data;

describe('codes of an asset', () => {
  test('several of them lead to it, whatever their case, until they are taken off', async () => {
    const asset = await make({ name: 'coded', tag: 'T-1', serial: 'SN-abc-1' });
    const params = { id: asset.id };
    const added = (await admin.call(api.addAssetCode, { params, body: { value: 'Svc-77', kind: 'service_tag', source: 'dell' } })).data;
    expect(added).toMatchObject({ value: 'Svc-77', kind: 'service_tag', symbology: 'code128', source: 'dell', url: null });
    await admin.call(api.addAssetCode, { params, body: { value: 'https://vendor.example/c/1?x=2', symbology: 'qr' } });
    await t.db.transaction().execute(async (tx) => {
      await sql`insert into interfaces (asset_id, observation_id, name, ordinal, mac) values (${asset.id}, ${newId()}, 'eth0', 1, '0a1b2c3d4e5f')`.execute(
        tx,
      );
    });
    for (const [scanned, by] of [
      ['svc-77', 'code'],
      ['https://vendor.example/c/1?x=2', 'code'],
      ['t-1', 'tag'],
      ['SN-abc-1', 'serial'],
      ['0A:1B:2C:3D:4E:5F', 'mac'],
      ['0a1b.2c3d.4e5f', 'mac'],
      [`https://assets.example.org/assets/${asset.id}`, 'id'],
    ] as const) {
      const found = await resolve(scanned);
      expect([scanned, found.asset?.id, found.candidates.map((one) => one.by)]).toEqual([scanned, asset.id, [by]]);
    }
    expect((await admin.call(api.listAssetCodes, { params })).data.items.map((one) => one.value).sort()).toEqual([
      'Svc-77',
      'https://vendor.example/c/1?x=2',
    ]);
    await admin.call(api.removeAssetCode, { params: { id: asset.id, codeId: added.id } });
    expect(await resolve('svc-77')).toMatchObject({ asset: null, candidates: [], sticker: null });
    await expect(admin.call(api.removeAssetCode, { params: { id: asset.id, codeId: added.id } })).rejects.toMatchObject({
      code: 'not_found',
    });
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${asset.id} order by at, id`.execute(
      t.db,
    );
    expect(rows.map((row) => row.action)).toEqual(['asset.created', 'asset.code_added', 'asset.code_added', 'asset.code_removed']);
    const events = (await admin.call(getAssetTimeline, { params, query: {} })).data.items;
    expect(events[0]?.summary).toBe('The code Svc-77 was taken off.');
  });

  test('one value is on one asset, in whatever symbology; the refusal says on which', async () => {
    const [one, two] = [await make({ name: 'first' }), await make({ name: 'second' })];
    await admin.call(api.addAssetCode, { params: { id: one.id }, body: { value: 'SHARED', symbology: 'qr' } });
    await expect(
      admin.call(api.addAssetCode, { params: { id: two.id }, body: { value: 'shared', symbology: 'datamatrix' } }),
    ).rejects.toMatchObject({ code: 'conflict', message: 'The code SHARED is on first already.' });
    const limited = await t.as('technician', { kind: 'asset_class', key: 'server' });
    const server = await make({ name: 'third', class: 'server' });
    await expect(limited.call(api.addAssetCode, { params: { id: server.id }, body: { value: 'SHARED' } })).rejects.toMatchObject({
      message: 'The code SHARED is on another asset already.',
    });
    await expect(limited.call(api.addAssetCode, { params: { id: one.id }, body: { value: 'X' } })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await resolve('SHARED', limited)).toMatchObject({ asset: null, candidates: [], sticker: null });
    await expect(admin.call(api.addAssetCode, { params: { id: one.id }, body: { value: 'a\u0007b' } })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  test('a serial number of two machines lists both', async () => {
    const [one, two] = [await make({ serial: 'TWICE' }), await make({ serial: 'TWICE' })];
    const found = await resolve('twice');
    expect(found.asset).toBeNull();
    expect(found.candidates.map((candidate) => candidate.asset.id).sort()).toEqual([one.id, two.id].sort());
  });
});

describe('unclaimed stickers', () => {
  test('are claimed by one asset only, also when two scan at once, and are free again when taken off', async () => {
    const batch = (await admin.call(api.createStickerBatch, { body: { name: 'Roll A', stickers: 25 } })).data;
    const read = async () => (await admin.call(api.getStickerBatch, { params: { id: batch.id } })).data;
    const { items } = await read();
    expect(items).toHaveLength(25);
    expect(new Set(items.map((one) => one.value)).size).toBe(25);
    expect(items[0]?.value).toMatch(/^[A-HJ-NP-Z2-9]{12}$/);
    const value = items[0]?.value ?? '';
    const scanned = `https://assets.example.org/c/${value.toLowerCase()}`;
    expect(await resolve(scanned)).toMatchObject({ asset: null, sticker: { value, batch: { label: 'Roll A' } } });
    const assets = await Promise.all(['a', 'b', 'c', 'd'].map((name) => make({ name: `claims ${name}` })));
    const tries = await Promise.allSettled(
      assets.map((asset) => admin.call(api.addAssetCode, { params: { id: asset.id }, body: { value: scanned } })),
    );
    const won = tries.findIndex((one) => one.status === 'fulfilled');
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of tries.filter((each): each is PromiseRejectedResult => each.status === 'rejected'))
      expect(one.reason).toMatchObject({ code: 'conflict', message: `The code ${value} is on ${assets[won]?.name} already.` });
    expect((await resolve(value)).asset?.id).toBe(assets[won]?.id);
    expect((await read()).items[0]).toMatchObject({
      asset: { id: assets[won]?.id },
      claimedBy: expect.stringContaining('Test administrator') as string,
    });
    const { items: codes } = (await admin.call(api.listAssetCodes, { params: { id: assets[won]?.id ?? '' } })).data;
    expect(codes).toMatchObject([{ kind: 'sticker', url: `https://assets.example.org/c/${value}` }]);
    await admin.call(api.removeAssetCode, { params: { id: assets[won]?.id ?? '', codeId: codes[0]?.id ?? '' } });
    expect((await resolve(value)).sticker?.value).toBe(value);
  });
});

describe('tag sequences', () => {
  test('the nearest class and then the nearest org unit decide; what is taken is passed over; a tag given by hand stays', async () => {
    const unit = (await admin.call(createOrgUnit, { body: { name: 'Research' } })).data;
    const sequence = async (body: Partial<Parameters<typeof admin.call<typeof api.createTagSequence>>[1]['body']> & { name: string }) =>
      (await admin.call(api.createTagSequence, { body })).data;
    await sequence({ name: 'everything', prefix: 'X' });
    const computers = await sequence({ name: 'computers', classKey: 'computer', prefix: 'C-', width: 4 });
    await sequence({ name: 'computers of research', classKey: 'computer', orgUnitId: unit.id, prefix: 'R-', width: 4 });
    expect(computers.nextTag).toBe('C-0001');
    await make({ name: 'by hand', tag: 'c-0002' });
    expect((await make({ name: 'one' })).tag).toBe('C-0001');
    expect((await make({ name: 'two' })).tag).toBe('C-0003');
    expect((await make({ name: 'three', orgUnit: unit.id })).tag).toBe('R-0001');
    expect((await make({ class: 'monitor' })).tag).toBe('X000001');
    expect((await make({ name: 'four', tag: 'OWN' })).tag).toBe('OWN');
    await expect(admin.call(api.createTagSequence, { body: { name: 'Computers', classKey: 'computer' } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(
      admin.call(api.createTagSequence, { body: { name: 'bad', classKey: 'nosuch', orgUnitId: newId() } }),
    ).rejects.toMatchObject({ code: 'validation_failed', errors: [{ field: 'classKey' }, { field: 'orgUnitId' }] });
    const now = (await admin.call(api.getTagSequence, { params: { id: computers.id } })).data;
    const params = { id: computers.id };
    await expect(admin.call(api.updateTagSequence, { params, ifMatch: `"${now.version}"`, body: { nextNumber: 2 } })).rejects.toMatchObject(
      { errors: [{ field: 'nextNumber', code: 'backwards' }] },
    );
    await admin.call(api.updateTagSequence, { params, ifMatch: `"${now.version}"`, body: { nextNumber: 500 } });
    expect((await make({ name: 'five' })).tag).toBe('C-0500');
    await admin.call(api.deleteTagSequence, { params });
    expect((await make({ name: 'six' })).tag).toBe('X000002');
  });

  test('never give a tag twice, also to many at once', async () => {
    const { id } = (
      await admin.call(api.createTagSequence, { body: { name: 'phones', classKey: 'phone', prefix: 'P', checkDigit: 'luhn' } })
    ).data;
    const made = await Promise.all(Array.from({ length: 40 }, (_, index) => make({ class: 'phone', name: `phone ${index}` })));
    expect(new Set(made.map((asset) => asset.tag)).size).toBe(40);
    await sql`insert into assets (id, class_key, name) select gen_random_uuid(), 'phone', 'found ' || n from generate_series(1, 30) n`.execute(
      t.db,
    );
    const { rows } = await sql<{ id: string }>`select id from assets where class_key = 'phone' and tag is null`.execute(t.db);
    const half = rows.slice(0, 15).map((row) => row.id);
    const rest = rows.slice(15).map((row) => row.id);
    const answers = await Promise.all([
      admin.call(api.giveTags, { body: { assetIds: [...half, made[0]?.id ?? ''] } }),
      admin.call(api.giveTags, { body: { assetIds: [...rest, newId()], sequenceId: id } }),
    ]);
    expect(answers.map(({ data }) => [data.given.length, data.skipped.map((one) => one.reason)])).toEqual([
      [15, ['has_tag']],
      [15, ['not_found']],
    ]);
    const { rows: counted } = await sql<{
      assets: number;
      tags: number;
    }>`select count(*)::int as assets, count(distinct lower(tag))::int as tags from assets where class_key = 'phone'`.execute(t.db);
    expect(counted[0]).toEqual({ assets: 70, tags: 70 });
    const one = answers[0].data.given[0];
    const record = (await admin.call(getAsset, { params: { id: one?.id ?? '' } })).data;
    expect(record.tag).toBe(one?.tag);
    expect(record.fields['tag']).toMatchObject({ manual: true });
  });
});
