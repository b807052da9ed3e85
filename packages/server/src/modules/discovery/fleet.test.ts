import { agentListRoutes, forceFullReports } from '@muster/api/agents';
import { auditListRoutes } from '@muster/api/audit';
import { ApiProblem } from '@muster/api/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { inventory, post } from './test-agent.ts';

const sections = (id: string): Record<string, unknown> => ({
  bios: { ssn: `FLEET-${id}`, smanufacturer: 'Dell Inc.' },
  hardware: { name: id, memory: 16_384, lastloggeduser: 'ada' },
  operatingsystem: { full_name: 'Debian GNU/Linux 12', name: 'Debian', version: '12', timezone: { name: 'UTC', offset: '+0000' } },
  cpus: [{ name: 'i5', core: 4, thread: 8 }],
  memories: [{ capacity: 16_384 }],
  storages: [{ name: 'sda', serial: `D-${id}` }],
  drives: [{ type: '/', total: 1000, free: 10 }],
  networks: [{ description: 'eth0', mac: '00:1b:21:3c:4d:5e' }],
  softwares: [{ name: 'bash', from: 'deb' }],
  users: [{ login: 'ada' }],
});
const without = (id: string, ...names: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(sections(id)).filter(([name]) => !names.includes(name)));

async function seed(t: TestApp): Promise<void> {
  for (let i = 0; i < 8; i++) await post(t, inventory(`fleet-${i}`, i % 2 ? sections(`m${i}`) : without(`m${i}`, 'softwares')));
  await t.reportsDone();
}

resourceSuite({ routes: agentListRoutes, seed });

describe('an agent', () => {
  let t: TestApp;
  let manager: TestActor;
  beforeAll(async () => {
    t = await testApp();
    manager = await t.as('asset_manager');
    const now = new Date(Date.now() + 900_000).toISOString().slice(0, 19).replace('T', ' ');
    await post(t, inventory('whole', sections('whole')));
    await post(t, inventory('lacking', without('lacking', 'softwares', 'storages')));
    await post(t, inventory('fast', { ...sections('fast'), accesslog: { logdate: now } }));
    await post(t, inventory('part', without('part', 'bios', 'cpus', 'users'), { partial: true }));
    await t.reportsDone();
    await sql`update agent_states set last_contact_at = now() - interval '4 days' where device_key = 'glpi:whole'`.execute(t.db);
  });
  afterAll(() => t.close());

  const agents = async (filter: string) => (await manager.call(agentListRoutes.list, { query: { filter } })).data.items;
  const status = async (promise: Promise<unknown>): Promise<number> =>
    promise.then(
      () => 200,
      (error: unknown) => (error instanceof ApiProblem ? error.document.status : 500),
    );

  test('says what is wrong with it, and which asset it reports', async () => {
    expect(await agents('health:silent')).toMatchObject([{ device: 'whole', missing: null, asset: { label: 'whole' } }]);
    expect(await agents('lacks:softwares health:incomplete')).toMatchObject([{ device: 'lacking', missing: 'storages, softwares' }]);
    const [fast] = await agents('health:clock');
    expect(fast).toMatchObject({ device: 'fast' });
    expect(Math.abs((fast?.clockSkew ?? 0) - 900)).toBeLessThan(60);
    expect(await agents('health:never_full')).toMatchObject([{ device: 'part', lastFullAt: null, forceFull: true }]);
  });

  test('contact without a report is noted', async () => {
    const before = (await agents('device:whole'))[0]?.lastContactAt ?? '';
    await post(t, JSON.stringify({ deviceid: 'whole', action: 'contact', name: 'GLPI-Agent', version: '1.12' }), {
      'content-type': 'application/json',
      'glpi-agent-id': '3f2b8f0e-7d4e-4b5e-9d42-5b1f0c6b9a11',
    });
    expect((await agents('device:whole'))[0]?.lastContactAt).not.toBe(before);
  });

  test('is asked for everything, which is audited, and sends it then', async () => {
    expect(await status((await t.as('auditor')).call(forceFullReports, { body: { ids: ['glpi:lacking'] } }))).toBe(403);
    expect(await status(manager.call(forceFullReports, { body: { ids: ['glpi:lacking', 'glpi:nobody'] } }))).toBe(404);
    expect(await status(manager.call(forceFullReports, { body: { ids: [] } }))).toBe(400);
    expect((await manager.call(forceFullReports, { body: { ids: ['glpi:lacking'] } })).data).toEqual({ asked: 1, always: 0 });
    expect(await agents('force_full:yes device:lacking')).toHaveLength(1);
    const { data } = await (await t.as('auditor')).call(auditListRoutes.list, { query: { filter: 'resource:agents' } });
    expect(data.items).toMatchObject([{ action: 'agents.asked_for_everything', summary: 'Asked the agent glpi:lacking for everything' }]);
    await post(t, inventory('lacking', sections('lacking')));
    await t.reportsDone();
    expect(await agents('device:lacking')).toMatchObject([{ forceFull: false, missing: null, health: 'healthy' }]);
  });
});
