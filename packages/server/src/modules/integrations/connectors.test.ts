import {
  assetCoverageListRoutes,
  connectorListRoutes,
  createConnector,
  getConnector,
  listConnectorRuns,
  runConnector,
  updateConnector,
} from '@muster/api/connectors';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { startDue } from './runs.ts';

const nowhere = 'http://127.0.0.1:9';
const body = (name: string, more: object = {}) => ({
  kind: 'intune' as const,
  name,
  everyMinutes: null,
  settings: { tenantId: 'contoso', clientId: '1', graphUrl: nowhere, loginUrl: nowhere },
  secrets: { clientSecret: 'not a real one' },
  ...more,
});

resourceSuite({
  routes: connectorListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (let i = 0; i < 9; i++) {
      await admin.call(createConnector, {
        body: body(`Connector ${i}`, { enabled: i % 3 !== 0, everyMinutes: i % 2 === 0 ? null : 60 * i }),
      });
      await sql`update connectors set last_state = ${i % 2 === 0 ? 'ok' : 'failed'}, last_run_at = date_trunc('second', now()) - make_interval(hours => ${i}), last_devices = ${i},
        last_ok_at = ${i % 2 === 0 ? new Date(2026, 1, i + 1) : null}, next_run_at = ${i % 2 === 0 ? null : new Date(2030, 1, i)} where name = ${`Connector ${i}`} and ${i} < 7`.execute(
        t.db,
      );
    }
  },
});

resourceSuite({
  routes: assetCoverageListRoutes,
  seed: async (t) => {
    for (let i = 0; i < 9; i++) {
      const sources = i % 3 === 0 ? ['intune'] : i % 3 === 1 ? ['glpi', 'intune'] : ['ocs'];
      const at = sql`date_trunc('second', now()) - make_interval(days => ${i * 9})`;
      await sql`with a as (insert into assets (id, class_key, state, name) values (gen_random_uuid(), ${i % 2 === 0 ? 'laptop' : 'server'}, 'in_use', ${`asset-${i}`}) returning id)
        insert into asset_sources (asset_id, sources, source_count, agent_at, managed_at, last_received_at)
        select id, ${sources.join(', ')}, ${sources.length}, case when ${i % 3 !== 0} then ${at} - interval '1 second' end, case when ${i % 3 !== 2} then ${at} end, ${at} from a`.execute(
        t.db,
      );
    }
  },
});

describe('a connector', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());

  test('everything wrong with it is said at once', async () => {
    const answer = await admin.inject({
      method: 'POST',
      url: '/api/v1/connectors',
      payload: {
        kind: 'intune',
        name: ' ',
        everyMinutes: 1,
        settings: { clientId: '', graphUrl: 'file:///etc/passwd', unknown: 1 },
        secrets: {},
      },
    });
    expect(answer.statusCode).toBe(400);
    const fields = answer.json<{ errors: { field: string }[] }>().errors.map((e) => e.field);
    for (const field of [
      'name',
      'everyMinutes',
      'settings.tenantId',
      'settings.clientId',
      'settings.graphUrl',
      'settings.unknown',
      'secrets.clientSecret',
    ])
      expect(fields, field).toContain(field);
  });

  test('is changed with its version; its name is its own', async () => {
    const made = (await admin.call(createConnector, { body: body('First') })).data;
    await admin.call(createConnector, { body: body('Second') });
    await expect(admin.call(createConnector, { body: body('first') })).rejects.toMatchObject({ code: 'validation_failed' });
    const params = { id: made.id };
    const changed = (
      await admin.call(updateConnector, { params, body: { name: 'Renamed', everyMinutes: 60 }, ifMatch: `"${made.version}"` })
    ).data;
    expect(changed).toMatchObject({ name: 'Renamed', everyMinutes: 60, settings: made.settings, secretsSet: ['clientSecret'] });
    await expect(admin.call(updateConnector, { params, body: { name: 'X' }, ifMatch: `"${made.version}"` })).rejects.toMatchObject({
      code: 'stale',
    });
    await expect(admin.call(updateConnector, { params, body: { name: 'SECOND' }, ifMatch: `"${changed.version}"` })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    const audit = await sql<{
      text: string;
    }>`select string_agg(l::text, ' ') as text from audit_log l where resource = 'connectors'`.execute(t.db);
    expect(audit.rows[0]?.text).toContain('Renamed');
    expect(audit.rows[0]?.text).not.toContain('not a real one');
  });

  test('credentials do not follow a changed address', async () => {
    const made = (await admin.call(createConnector, { body: body('Moved') })).data;
    const change = { params: { id: made.id }, ifMatch: `"${made.version}"` };
    const settings = { graphUrl: 'https://elsewhere.example' };
    await expect(admin.call(updateConnector, { ...change, body: { settings } })).rejects.toMatchObject({
      errors: [{ field: 'secrets.clientSecret', code: 'required' }],
    });
    const moved = (await admin.call(updateConnector, { ...change, body: { settings, secrets: { clientSecret: 'entered again' } } })).data;
    expect(moved.settings['graphUrl']).toBe('https://elsewhere.example');
    const stored = await sql<{ sealed: string }>`select sealed from connectors where id = ${made.id}`.execute(t.db);
    expect(stored.rows[0]?.sealed).not.toContain('entered again');
  });

  test('who may', async () => {
    const made = (await admin.call(createConnector, { body: body('Guarded') })).data;
    const technician = await t.as('technician');
    await expect(technician.call(getConnector, { params: { id: made.id } })).resolves.toBeDefined();
    await expect(technician.call(createConnector, { body: body('Not mine') })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(technician.call(runConnector, { params: { id: made.id } })).rejects.toMatchObject({ code: 'forbidden' });
    const limited = await t.as('asset_manager', { kind: 'asset_class', key: 'laptop' });
    await expect(limited.call(runConnector, { params: { id: made.id } })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('runs by its schedule, once at a time', async () => {
    const made = (await admin.call(createConnector, { body: body('Clockwork', { everyMinutes: 60 }) })).data;
    await sql`update connectors set next_run_at = null where id <> ${made.id}`.execute(t.db);
    await sql`update connectors set next_run_at = now() - interval '1 minute' where id = ${made.id}`.execute(t.db);
    // The clock's own job may have been faster: either way there is one run and a next time.
    await startDue(t.platform);
    expect(await startDue(t.platform)).toBe(0);
    const { items } = (await admin.call(listConnectorRuns, { params: { id: made.id } })).data;
    expect(items).toHaveLength(1);
    const after = (await admin.call(getConnector, { params: { id: made.id } })).data;
    expect(Date.parse(after.nextRunAt ?? '')).toBeGreaterThan(Date.now() + 50 * 60_000);
    await expect(admin.call(runConnector, { params: { id: made.id } })).rejects.toMatchObject({ code: 'conflict' });
    await t.jobsDone(60_000);
    const done = (await admin.call(getConnector, { params: { id: made.id } })).data;
    expect(done).toMatchObject({
      health: 'failing',
      cells: [{ state: 'failed' }, { state: 'failed' }, { state: 'failed' }, { state: 'failed' }],
    });
  }, 90_000);
});
