import * as api from '@muster/api/asset-classes';
import * as models from '@muster/api/models';
import { createAsset, getAsset } from '@muster/api/assets';
import { listAssetClasses } from '@muster/api/asset-classes';
import { modelListRoutes } from '@muster/api/models';
import { createCustomField } from '@muster/api/custom-fields';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { seedAssetClasses } from './classes.ts';

describe('asset classes and models', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());
  const patch = async (key: string, version: number, body: object) =>
    (await admin.call(api.updateAssetClass, { params: { key }, ifMatch: `"${version}"`, body })).data;

  test('one of your own is defined, renamed, moved, and retired when it is empty', async () => {
    const body = { key: 'kiosk', label: 'Kiosk', parent: 'computer', capabilities: ['software', 'custody'] } as const;
    const made = (await admin.call(api.createAssetClass, { body: { ...body, capabilities: [...body.capabilities] } })).data;
    expect(made).toMatchObject({ ...body, own: true, retired: false, assets: 0, version: 1 });
    await expect(admin.call(api.createAssetClass, { body: { key: 'kiosk', label: 'Twin' } })).rejects.toMatchObject({ code: 'conflict' });
    await expect(admin.call(api.createAssetClass, { body: { key: 'lost', label: 'Lost', parent: 'nosuch' } })).rejects.toMatchObject({
      errors: [{ field: 'parent' }],
    });
    await admin.call(api.createAssetClass, { body: { key: 'kiosk_big', label: 'Big kiosk', parent: 'kiosk' } });
    await expect(patch('kiosk', 1, { parent: 'kiosk_big' })).rejects.toMatchObject({ errors: [{ field: 'parent', code: 'cycle' }] });
    expect(await patch('kiosk', 1, { label: 'Info kiosk', parent: 'desktop' })).toMatchObject({
      label: 'Info kiosk',
      parent: 'desktop',
      version: 2,
    });
    await admin.call(createAsset, { body: { class: 'kiosk', name: 'Hall' } });
    await expect(patch('kiosk', 2, { retired: true })).rejects.toMatchObject({
      code: 'conflict',
      message: '“Info kiosk” still has 1 assets and 1 classes. Move them first.',
    });
    await expect(patch('kiosk', 1, { label: 'Late' })).rejects.toMatchObject({ code: 'stale' });
    await patch('kiosk_big', 1, { retired: true });
    await expect(admin.call(createAsset, { body: { class: 'kiosk_big', name: 'No' } })).rejects.toMatchObject({
      errors: [{ field: 'class' }],
    });
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource = 'asset-classes' order by at, id`.execute(
      t.db,
    );
    expect(rows.map((row) => row.action)).toEqual([
      'asset_class.created',
      'asset_class.created',
      'asset_class.changed',
      'asset_class.retired',
    ]);
  });

  test('of a shipped class the capabilities can be changed, with what that hides, and an update of the content keeps them', async () => {
    await admin.call(createAsset, { body: { class: 'printer', name: 'P1' } });
    const preview = (
      await admin.call(api.previewAssetClass, { params: { key: 'printer' }, body: { capabilities: ['interfaces', 'rackable'] } })
    ).data;
    expect(preview).toEqual({
      assets: 1,
      off: [
        { capability: 'custody', hides: api.assetCapabilities.custody.hides },
        { capability: 'depreciates', hides: api.assetCapabilities.depreciates.hides },
      ],
      on: ['rackable'],
    });
    await expect(patch('printer', 1, { label: 'Drucker', parent: 'computer', retired: true })).rejects.toMatchObject({
      errors: [{ field: 'label' }, { field: 'parent' }, { field: 'retired' }],
    });
    await patch('printer', 1, { capabilities: ['interfaces', 'rackable'] });
    await t.db.transaction().execute(seedAssetClasses);
    const { items } = (await admin.call(listAssetClasses, {})).data;
    expect(items.find((one) => one.key === 'printer')).toMatchObject({ capabilities: ['interfaces', 'rackable'], own: false });
    expect(items.find((one) => one.key === 'kiosk')).toMatchObject({ label: 'Info kiosk', own: true });
    const manager = await t.as('asset_manager');
    await expect(
      manager.call(api.updateAssetClass, { params: { key: 'printer' }, ifMatch: '"2"', body: { capabilities: [] } }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a model gives values to its assets, until one has its own', async () => {
    const field = { resource: 'assets', key: 'noise', label: 'Noise', type: 'number', unit: 'dB', classDefaults: { laptop: 30 } } as const;
    await admin.call(createCustomField, { body: field });
    await admin.call(createCustomField, { body: { resource: 'models', key: 'eol', label: 'End of life', type: 'date' } });
    const body = { manufacturer: 'Lenovo', name: 'T14', class: 'laptop', custom: { eol: '2030-01-01' }, assetCustom: { noise: 25 } };
    const model = (await admin.call(models.createModel, { body })).data;
    expect(model).toMatchObject({ custom: { eol: '2030-01-01' }, assetCustom: { noise: 25 }, version: 1 });
    await expect(admin.call(models.createModel, { body: { ...body, manufacturer: 'LENOVO' } })).rejects.toMatchObject({ code: 'conflict' });
    const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: 'A', manufacturer: 'lenovo', model: 't14' } })).data;
    expect(asset.customInherited).toEqual({ noise: { value: 25, from: 'model', label: 'T14' } });
    const own = (
      await admin.call(createAsset, { body: { class: 'laptop', name: 'B', model: 'T14', manufacturer: 'Lenovo', custom: { noise: 40 } } })
    ).data;
    expect(own).toMatchObject({ custom: { noise: 40 }, customInherited: {} });
    await admin.call(models.updateModel, { params: { id: model.id }, ifMatch: '"1"', body: { assetCustom: { noise: null } } });
    expect((await admin.call(getAsset, { params: { id: asset.id } })).data.customInherited).toEqual({
      noise: { value: 30, from: 'class', label: 'Laptop' },
    });
    await expect(
      admin.call(models.updateModel, {
        params: { id: model.id },
        ifMatch: '"2"',
        body: { custom: { eol: 5 }, assetCustom: { noise: 'loud' } },
      }),
    ).rejects.toMatchObject({ errors: [{ field: 'custom.eol' }, { field: 'assetCustom.noise' }] });
    const found = await admin.call(modelListRoutes.list, { query: { filter: 'custom.eol>2029-01-01' } });
    expect(found.data.items.map((item) => item.name)).toEqual(['T14']);
  });
});
