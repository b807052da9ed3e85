import { assetListRoutes } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import {
  getAssetHardware,
  getAssetIdentity,
  getAssetSoftware,
  getHeldSection,
  getObservationSection,
  installationListRoutes,
  observationListRoutes,
} from '@muster/api/inventory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { assetsModule } from '../assets/module.ts';
import { ingestReports } from './ingest.ts';
import { inventoryModule } from './module.ts';
import { item, report } from './test-reports.ts';

let t: TestApp;
let manager: TestActor;
let pc: string;
let other: string;
let held: string;
const day = (n: number): string => `2026-03-0${n}T08:00:00Z`;

beforeAll(async () => {
  t = await testApp({ modules: [accessModule, assetsModule, inventoryModule] });
  manager = await t.as('asset_manager');
  const big = Array.from({ length: 300 }, (_, i) => `Title ${String(i).padStart(3, '0')}@1.${i}`);
  const batches = [
    [
      item(report({ name: 'pc1', titles: ['Firefox@128', ...big] }), day(1)),
      item(
        report({
          name: 'pc2',
          serial: '8YL32N4',
          uuid: '9a1b2c3d-1111-4222-8333-abcdef012345',
          mac: '00:1b:21:00:00:02',
          titles: ['Firefox@128'],
        }),
        day(1),
      ),
      item(report({ name: 'part', serial: null, uuid: null, mac: '00:1b:21:00:00:03' }, { only: ['drives'] }), day(1)),
    ],
    [item(report({ name: 'pc1', titles: ['Firefox@129', ...big] }), day(4))],
  ];
  const results = [];
  for (const batch of batches) results.push(...(await t.db.transaction().execute((tx) => ingestReports(tx, batch))));
  pc = results[0]?.assetId as string;
  other = results[1]?.assetId as string;
  held = results[2]?.observationId as string;
});
afterAll(() => t.close());

const status = async (promise: Promise<unknown>): Promise<number> =>
  promise.then(
    () => 200,
    (error: unknown) => (error instanceof ApiProblem ? error.document.status : 500),
  );

test('hardware is shown with its source and age', async () => {
  const { data } = await manager.call(getAssetHardware, { params: { id: pc } });
  expect(data.facts).toMatchObject([{ source: 'glpi', seenAt: '2026-03-04T08:00:00.000Z', cores: 10, facts: { biosVersion: '1.2' } }]);
  expect(data.interfaces).toMatchObject([{ name: 'eth0', mac: '001b213c4d5e', ips: ['10.0.0.5'], source: 'glpi' }]);
  expect(data.storage).toMatchObject([{ serial: 'S6-1', sizeMb: 512_110 }]);
  expect(data.volumes).toMatchObject([{ mount: 'C:', encrypted: true }]);
  expect(data.monitors).toMatchObject([{ serial: 'CN01' }]);
  expect(data.users).toMatchObject([{ login: 'ada', domain: 'corp', person: null }]);
  expect(data.sections.map((s) => s.section)).toContain('softwares');
});

describe('software', () => {
  const titles = async (query: Record<string, unknown>): Promise<string[]> =>
    (await manager.call(getAssetSoftware, { params: { id: pc }, query })).data.items.map((i) => `${i.title} ${i.version}`);
  test('is what is installed now, or was removed, or was there on a day', async () => {
    expect(await titles({ filter: 'title:Firefox' })).toEqual(['Firefox 129']);
    expect(await titles({ show: 'removed' })).toEqual(['Firefox 128']);
    expect(await titles({ show: 'all', filter: 'title:Firefox', sort: 'version' })).toEqual(['Firefox 128', 'Firefox 129']);
    expect(await titles({ as_of: '2026-03-02', filter: 'title:Firefox' })).toEqual(['Firefox 128']);
    expect(await titles({ as_of: '2026-02-27' })).toEqual([]);
  });
  test('is paged and counted', async () => {
    const first = await manager.call(getAssetSoftware, { params: { id: pc }, query: { limit: 200 } });
    expect(first.data).toMatchObject({ total: 302, totalIsEstimate: false });
    const second = await manager.call(getAssetSoftware, {
      params: { id: pc },
      query: { limit: 200, cursor: first.data.nextCursor as string },
    });
    expect(new Set([...first.data.items, ...second.data.items].map((i) => i.id)).size).toBe(302);
    expect(second.data.items[0]).toMatchObject({
      source: 'glpi',
      channel: 'msi',
      installedOn: '2026-02-03',
      lastSeen: '2026-03-04T08:00:00.000Z',
      removedAt: null,
    });
  });
  test('is found from the asset list and from the list of installations', async () => {
    const byTitle = await manager.call(assetListRoutes.list, { query: { filter: 'software:Firefox', sort: 'name' } });
    expect(byTitle.data.items.map((i) => i.name)).toEqual(['pc1', 'pc2']);
    const installations = await manager.call(installationListRoutes.list, { query: { filter: 'title:Firefox', sort: 'asset' } });
    expect(installations.data.items.map((i) => `${i.asset?.label} ${i.version}`)).toEqual(['pc1 129', 'pc2 128']);
    const before = await manager.call(installationListRoutes.list, { query: { filter: `title:Firefox asset:${pc}`, as_of: '2026-03-02' } });
    expect(before.data.items.map((i) => i.version)).toEqual(['128']);
  });
});

test('assets are found by MAC, IP and UUID in either byte order', async () => {
  const found = async (filter: string): Promise<unknown[]> =>
    (await manager.call(assetListRoutes.list, { query: { filter } })).data.items.map((i) => i.name);
  expect(await found('mac:001b213c4d5e')).toEqual(['pc1']);
  expect(await found('ip:10.0.0.5 mac:001b21000002')).toEqual(['pc2']);
  expect(await found('uuid:4c4c4544-0037-5810-8047-b7c04f4d3333')).toEqual(['pc1']);
  expect(await found('uuid:44454c4c-3700-1058-8047-b7c04f4d3333')).toEqual(['pc1']);
});

test('identity shows the keys with their quality and the decisions with their reasons', async () => {
  const { data } = await manager.call(getAssetIdentity, { params: { id: pc } });
  expect(data.observations[0]).toMatchObject({ source: 'glpi', reports: 2, lastFullAt: '2026-03-04T08:00:00.000Z' });
  expect(data.observations[0]?.keys).toEqual(
    expect.arrayContaining([
      { kind: 'serial', value: 'DELL|7XK21M3', quality: 'good', reason: null },
      expect.objectContaining({ kind: 'hostname', value: 'pc1', quality: 'weak' }),
    ]),
  );
  expect(data.decisions).toMatchObject([
    {
      outcome: 'create',
      rule: 'unknown',
      reasons: ['No asset has its serial number 7XK21M3, UUID 44454c4c-3700-1058-8047-b7c04f4d3333, MAC address 001b213c4d5e.'],
    },
  ]);
});

test('sections can be read exactly as they were reported, large or small', async () => {
  const { data: hardware } = await manager.call(getAssetHardware, { params: { id: pc } });
  const observationId = hardware.sections[0]?.observationId as string;
  const softwares = await manager.call(getObservationSection, { params: { id: pc, observationId, section: 'softwares' } });
  expect((softwares.data.content as unknown[]).length).toBe(301);
  const bios = await manager.call(getObservationSection, { params: { id: pc, observationId, section: 'bios' } });
  expect(bios.data.content).toMatchObject({ ssn: '7XK21M3' });
  expect(await status(manager.call(getObservationSection, { params: { id: other, observationId, section: 'bios' } }))).toBe(404);
});

test('held observations are listed with the reason, and their sections can be read', async () => {
  const { data } = await manager.call(observationListRoutes.list, { query: { filter: 'held:true' } });
  expect(data.items).toMatchObject([{ id: held, asset: null, reason: expect.stringContaining('sends everything') as string }]);
  expect((await manager.call(getHeldSection, { params: { id: held, section: 'drives' } })).data.content).toMatchObject([{ mount: 'C:' }]);
});

test('a scope holds for everything about an asset', async () => {
  const outsider = await t.as('asset_manager', { kind: 'asset_class', key: 'server' });
  const { data } = await manager.call(getAssetHardware, { params: { id: pc } });
  const observationId = data.sections[0]?.observationId as string;
  for (const call of [
    () => outsider.call(getAssetHardware, { params: { id: pc } }),
    () => outsider.call(getAssetSoftware, { params: { id: pc } }),
    () => outsider.call(getAssetIdentity, { params: { id: pc } }),
    () => outsider.call(getObservationSection, { params: { id: pc, observationId, section: 'bios' } }),
    () => outsider.call(getHeldSection, { params: { id: observationId, section: 'bios' } }),
    () => outsider.call(getHeldSection, { params: { id: held, section: 'drives' } }),
  ]) {
    expect(await status(call())).toBe(404);
  }
  expect((await outsider.call(installationListRoutes.list, {})).data.items).toEqual([]);
  expect((await outsider.call(observationListRoutes.list, {})).data.items).toEqual([]);
  const insider = await t.as('asset_manager', { kind: 'asset_class', key: 'computer' });
  expect((await insider.call(installationListRoutes.list, { query: { filter: 'title:Firefox' } })).data.items.length).toBe(2);
});
