import { reportResource } from '@muster/api/discovery';
import { listRoutesOf } from '@muster/api/resource';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { haveFixtures, recorded, replay } from './test-agent.ts';

const reportRoutes = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');

describe.skipIf(!haveFixtures)('recorded agents talk to the server', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(async () => t.close());

  const drained = (): Promise<void> => t.reportsDone();
  const lastReport = async (deviceKey: string) => {
    const { data } = await admin.call(reportRoutes.list, { query: { filter: `deviceKey:"${deviceKey}"`, sort: '-receivedAt', limit: 1 } });
    return data.items[0];
  };
  /** What the agent listed; the operating system counts as a title of its own besides. */
  const titles = async (assetId: string): Promise<number> => {
    const { rows } = await sql<{
      n: string;
    }>`select count(*) as n from installations i join evidence e on e.id = i.evidence_id
      where i.asset_id = ${assetId} and i.removed_at is null and e.channel <> 'os'`.execute(t.db);
    return Number(rows[0]?.n);
  };

  test('FusionInventory 2.6: PROLOG is answered SEND at zlib level 6, the inventory becomes a machine with 839 titles', async () => {
    const prolog = await replay(t, recorded('001'));
    expect(prolog).toMatchObject({ status: 200, magic: '789c', contentType: 'application/x-compress-zlib' });
    expect(prolog.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<REPLY><PROLOG_FREQ>24</PROLOG_FREQ><RESPONSE>SEND</RESPONSE></REPLY>\n',
    );
    const answer = await replay(t, recorded('002'));
    expect(answer).toMatchObject({ status: 200, magic: '789c' });
    expect(answer.text).toContain('<RESPONSE>SEND</RESPONSE>');
    await drained();
    const report = await lastReport('fusioninventory:vm-2026-11-24-02-55-35');
    expect(report).toMatchObject({ state: 'done', outcome: 'created', warnings: 0, agentVersion: '2.6-3', partial: false });
    expect(await titles(report?.asset?.id ?? '')).toBe(839);
  });

  test('the same inventory again is a delivery of its own and no second observation', async () => {
    await replay(t, recorded('002'));
    await drained();
    const report = await lastReport('fusioninventory:vm-2026-11-24-02-55-35');
    expect(report).toMatchObject({ state: 'done', outcome: 'linked' });
    const { rows } = await sql<{ bodies: string; deliveries: string; observations: string }>`select
      (select count(distinct body_hash) from inbox where device_key = 'fusioninventory:vm-2026-11-24-02-55-35') as bodies,
      (select count(*) from inbox where device_key = 'fusioninventory:vm-2026-11-24-02-55-35') as deliveries,
      (select count(*) from observations where native_id = 'vm-2026-11-24-02-55-35') as observations`.execute(t.db);
    expect(rows[0]).toEqual({ bodies: '1', deliveries: '2', observations: '1' });
  });

  test('OCS 2.10 gets zlib with the content type of its own server', async () => {
    const prolog = await replay(t, recorded('014'));
    expect(prolog).toMatchObject({ status: 200, magic: '789c', contentType: 'application/x-compressed' });
    expect(prolog.text).toContain('<RESPONSE>SEND</RESPONSE>');
    const answer = await replay(t, recorded('015'));
    expect(answer.text).toContain('<RESPONSE>NO_ACCOUNT_UPDATE</RESPONSE>');
    await drained();
    const report = await lastReport('ocs:vm-2026-11-24-02-56-47');
    expect(report).toMatchObject({ family: 'ocs', state: 'done', warnings: 1 });
    expect(await titles(report?.asset?.id ?? '')).toBe(865);
  });

  test('GLPI Agent, first contact: PROLOG, CONTACT, full inventory, then partial ones that change what they hold', async () => {
    expect((await replay(t, recorded('023'))).json).toEqual({ status: 'pending' });
    const contact = await replay(t, recorded('024'));
    expect(contact).toMatchObject({ magic: '789c', contentType: 'application/x-compress-zlib' });
    expect(contact.json).toMatchObject({ status: 'ok', expiration: 24, tasks: { inventory: { server: 'glpi', version: '10.0.17' } } });
    expect((await replay(t, recorded('025'))).json).toEqual({ status: 'ok', expiration: 24 });
    await drained();
    const full = await lastReport('glpi:vm-2026-11-24-02-56-37');
    expect(full).toMatchObject({ state: 'done', partial: false });
    const before = await titles(full?.asset?.id ?? '');
    expect(before).toBeGreaterThan(900);
    await replay(t, recorded('026'));
    expect((await replay(t, recorded('027'))).json).toEqual({ status: 'ok', expiration: 24 });
    await replay(t, recorded('028'));
    await replay(t, recorded('029'));
    await drained();
    const partial = await lastReport('glpi:vm-2026-11-24-02-56-37');
    expect(partial).toMatchObject({ state: 'done', outcome: 'linked', partial: true });
    expect(partial?.asset?.id).toBe(full?.asset?.id);
    expect(await titles(full?.asset?.id ?? '')).toBe(before);
  });

  test('GLPI Agent without CONTACT asks for tasks by GET and gets none', async () => {
    expect((await replay(t, recorded('006'))).json).toEqual({ status: 'pending' });
    for (const number of ['007', '008', '009']) expect(await replay(t, recorded(number))).toMatchObject({ status: 200, text: '{}' });
    expect((await replay(t, recorded('010'))).json).toEqual({ status: 'ok', expiration: 24 });
    for (const number of ['011', '012', '013']) expect((await replay(t, recorded(number))).status).toBe(200);
  });

  test('network discovery: start, count, devices and the end that comes twice are kept', async () => {
    for (const number of ['016', '017', '018', '019', '020', '021', '022'])
      expect(await replay(t, recorded(number))).toMatchObject({ status: 200, magic: '789c' });
    await drained();
    const { rows } = await sql<{
      state: string;
      n: string;
    }>`select state, count(*) as n from inbox where kind = 'netdiscovery' group by 1 order by 1`.execute(t.db);
    // Start, count and both ends are done: there is nothing in them to place.
    expect(rows).toEqual([
      { state: 'done', n: '4' },
      { state: 'held', n: '2' },
    ]);
    const { rows: found } = await sql<{
      native_id: string;
    }>`select native_id from observations where source = 'netdiscovery' and native_id like '127.%' order by 1`.execute(t.db);
    expect(found.map((r) => r.native_id)).toEqual(['127.0.0.1', '127.0.0.2']);
  });
});

describe.skipIf(!haveFixtures)('a GLPI Agent whose full upload was lost', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(async () => t.close());

  test('is held, asked for everything by falling back to XML, and complete after that', async () => {
    const state = async (): Promise<{ state: string; outcome: string | null; kind: string }[]> => {
      const end = performance.now() + 120_000;
      for (;;) {
        const { rows } = await sql<{
          state: string;
          outcome: string | null;
          kind: string;
        }>`select state, outcome, kind from inbox order by id`.execute(t.db);
        if (rows.every((r) => r.state !== 'pending')) return rows;
        if (performance.now() > end) throw new Error('the inbox is not worked off');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    // The full upload (103) met another server's error 500 and never came here; the agent believes it has sent it.
    expect((await replay(t, recorded('101'))).json).toEqual({ status: 'pending' });
    expect((await replay(t, recorded('104'))).json).toMatchObject({ status: 'ok' });
    expect((await replay(t, recorded('105'))).json).toEqual({ status: 'ok', expiration: 24 });
    expect(await state()).toEqual([{ state: 'held', outcome: 'held', kind: 'inventory' }]);
    const { rows: assets } = await sql<{ n: string }>`select count(*) as n from assets`.execute(t.db);
    expect(assets[0]?.n).toBe('0');

    const contact = await replay(t, recorded('028'));
    expect(contact.text, 'an XML answer makes the agent forget that it may speak JSON').toContain('<REPLY>');
    const prolog = await replay(t, recorded('201'));
    expect(prolog.text).toContain('<RESPONSE>SEND</RESPONSE>');
    expect((await replay(t, recorded('202'))).text).toContain('<RESPONSE>SEND</RESPONSE>');
    expect(await state()).toEqual([
      { state: 'done', outcome: 'linked', kind: 'inventory' },
      { state: 'done', outcome: 'created', kind: 'inventory' },
    ]);
    const { rows } = await sql<{
      n: string;
    }>`select count(*) as n from installations i join evidence e on e.id = i.evidence_id where i.removed_at is null and e.channel <> 'os'`.execute(
      t.db,
    );
    expect(Number(rows[0]?.n)).toBe(999);
    expect((await replay(t, recorded('201'))).json, 'back to JSON').toEqual({ status: 'pending' });
  });
});
