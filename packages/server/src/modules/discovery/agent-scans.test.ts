import { deflateSync, inflateSync } from 'node:zlib';
import { createEnrolmentKey } from '@muster/api/access';
import { getAsset } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { getReport } from '@muster/api/discovery';
import * as api from '@muster/api/scans';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { agentAccess } from './agent-scans.ts';

let t: TestApp;
let admin: TestActor;
let switches: api.CredentialSet;
let tooNew: api.CredentialSet;
const community = 'see<the>"switches"';
const first = 'scanner-2026-01-02-03-04-05';
const other = 'other-2026-01-02-03-04-05';
const agentOf = (device: string, family = 'fusioninventory') => `${family}:${device}`;

beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
  switches = (await admin.call(api.createCredentialSet, { body: { name: 'Switches', secret: { kind: 'snmp_v2c', community } } })).data;
  const secret = { kind: 'snmp_v3', userName: 'u', authProtocol: 'sha512', authPassword: 'authpassword' } as const;
  tooNew = (await admin.call(api.createCredentialSet, { body: { name: 'SHA-512', secret } })).data;
  for (const device of [first, other]) await say(device, 'INVENTORY', `<HARDWARE><NAME>${device}</NAME></HARDWARE>`);
  await say(first, 'INVENTORY', '<HARDWARE><NAME>glpi</NAME></HARDWARE>', { agent: 'GLPI-Agent_v1.11' });
  await drain();
});
afterAll(() => t.close());

interface Told {
  key?: string;
  agent?: string;
}
/** One message of an agent in XML; answers what it is told. */
async function say(
  device: string,
  query: string,
  content: string,
  { key = t.enrolmentKey, agent = 'FusionInventory-Agent_v2.6-3' }: Told = {},
) {
  const text = `<?xml version="1.0" encoding="UTF-8" ?><REQUEST><DEVICEID>${device}</DEVICEID><QUERY>${query}</QUERY><CONTENT>${content}</CONTENT></REQUEST>`;
  const headers = { 'user-agent': agent, 'content-type': 'application/x-compress-zlib' };
  const answer = await t.app.inject({ method: 'POST', url: `/agent/${key}`, headers, payload: deflateSync(text, { level: 6 }) });
  expect(answer.statusCode).toBe(200);
  return inflateSync(answer.rawPayload).toString();
}
const prolog = async (device: string, told?: Told) => say(device, 'PROLOG', '', told);
const scanning = async (step: 'NETDISCOVERY' | 'SNMPQUERY', process: string, content: string, device = first) => {
  await say(device, step, `${content}<MODULEVERSION>2.6</MODULEVERSION><PROCESSNUMBER>${process}</PROCESSNUMBER>`);
  await drain();
};
const drain = (): Promise<void> => t.reportsDone();
const body = (more: object = {}) => ({
  name: `Net ${newId()}`,
  agentId: agentOf(first),
  ranges: ['10.9.0.0/29'],
  excluded: ['10.9.0.3'],
  credentialIds: [tooNew.id, switches.id],
  snmpPort: 1161,
  concurrency: 4,
  timeoutMs: 1500,
  ...more,
});
async function start(more: object = {}): Promise<string> {
  const { data } = await admin.call(api.createScanRange, { body: body(more) });
  return (await admin.call(api.runScan, { params: { id: data.id } })).data.runId;
}
const run = async (id: string) => (await admin.call(api.getScanRun, { params: { id } })).data;
const stop = async (id: string) => admin.call(api.cancelScanRun, { params: { id } });
const numberOf = (answer: string): string => /PID="(\d+)"/.exec(answer)?.[1] ?? 'none';

describe('a network that an agent scans', () => {
  test('needs one scanner, a known agent and IPv4; every fault is told at once', async () => {
    const both = body({ collectorId: newId(), agentId: 'fusioninventory:nobody', ranges: ['fd00::/126'] });
    await expect(admin.call(api.createScanRange, { body: both })).rejects.toMatchObject({
      errors: [
        { field: 'body.collectorId', code: 'unknown' },
        { field: 'body.agentId', code: 'too_many' },
        { field: 'body.agentId', code: 'unknown' },
        { field: 'body.agentId', code: 'ipv4_only' },
      ],
    });
    await expect(admin.call(api.createScanRange, { body: body({ agentId: null }) })).rejects.toMatchObject({
      errors: [{ field: 'body.collectorId', code: 'missing' }],
    });
    await expect(admin.call(api.createScanRange, { body: body({ ranges: ['8.8.8.8'] }) })).rejects.toMatchObject({
      errors: [{ field: 'body.ranges[0]', code: 'public' }],
    });
    const { data } = await admin.call(api.createScanRange, { body: body() });
    expect(data).toMatchObject({ collector: null, agent: { id: agentOf(first), label: first }, addresses: 5 });
  });

  test('is given to its agent alone, with its credentials and without what is left out', async () => {
    const id = await start();
    expect(await prolog(other)).not.toContain('OPTION');
    expect(await prolog(first, { agent: 'GLPI-Agent_v1.11' })).not.toContain('OPTION');
    const key = (await admin.call(createEnrolmentKey, { body: { name: 'Else' } })).data.key;
    expect(await prolog(first, { key })).not.toContain('OPTION');
    expect(await run(id)).toMatchObject({
      state: 'queued',
      log: [{ level: 'warning', message: expect.stringContaining('“Else”') as string }],
    });

    const answer = await prolog(first);
    expect(answer).toContain('<PROLOG_FREQ>1</PROLOG_FREQ><RESPONSE>SEND</RESPONSE><OPTION><NAME>NETDISCOVERY</NAME>');
    expect(answer).toContain('TIMEOUT="2" THREADS_DISCOVERY="4"');
    expect(answer).toContain('IPSTART="10.9.0.1" IPEND="10.9.0.2" PORT="1161"');
    expect(answer).toContain('IPSTART="10.9.0.4" IPEND="10.9.0.6" PORT="1161"');
    expect(answer.match(/<AUTHENTICATION/g)).toHaveLength(1);
    expect(answer).toContain(`ID="${switches.id}" VERSION="2c" COMMUNITY="see&lt;the&gt;&quot;switches&quot;"`);
    const taken = await run(id);
    expect(taken).toMatchObject({ state: 'running', total: 5, probed: 0 });
    expect(taken.log.map((l) => l.message)).toContain('The credential set “SHA-512” was left out: agents do not know sha512.');
    const { data: log } = await admin.call(auditListRoutes.list, { query: { filter: `action:scan_run.taken resource_id:${id}` } });
    expect(log.items).toHaveLength(1);
    expect(JSON.stringify([log, taken])).not.toContain('see<the>');
    await stop(id);
    expect(await prolog(first)).not.toContain('OPTION');
  });

  test('GLPI Agent is told by CONTACT to fetch jobs, and gets them at the PROLOG without its id', async () => {
    const id = await start({ agentId: agentOf(first, 'glpi') });
    const contact = await t.app.inject({
      method: 'POST',
      url: `/agent/${t.enrolmentKey}`,
      headers: { 'user-agent': 'GLPI-Agent_v1.11', 'content-type': 'application/json', 'glpi-agent-id': newId() },
      payload: JSON.stringify({ action: 'contact', deviceid: first, name: 'GLPI-Agent', version: '1.11' }),
    });
    expect(contact.json()).toMatchObject({
      status: 'ok',
      expiration: 1,
      tasks: { netdiscovery: { server: 'glpiinventory' }, netinventory: { server: 'glpiinventory' } },
      disabled: ['collect', 'deploy', 'esx', 'wakeonlan'],
    });
    expect((await run(id)).state).toBe('queued');
    expect(await prolog(first, { agent: 'GLPI-Agent_v1.11' })).toContain('<NAME>NETDISCOVERY</NAME>');
    await stop(id);
  });

  test('goes from who answers to what those tell; twice said, it is once noted', async () => {
    const id = await start();
    const process = numberOf(await prolog(first));
    await scanning('NETDISCOVERY', process, '<AGENT><START>1</START><AGENTVERSION>2.6</AGENTVERSION></AGENT>');
    const found = `<DEVICE><IP>10.9.0.1</IP><MAC>00:1b:21:aa:bb:01</MAC><SNMPHOSTNAME>core</SNMPHOSTNAME><TYPE>NETWORKING</TYPE><AUTHSNMP>${switches.id}</AUTHSNMP><AUTHPORT>1161</AUTHPORT></DEVICE>
      <DEVICE><IP>10.9.0.2</IP><DNSHOSTNAME>10.9.0.2</DNSHOSTNAME></DEVICE>
      <DEVICE><IP>10.9.0.4</IP><SNMPHOSTNAME>deaf</SNMPHOSTNAME><AUTHSNMP>${switches.id}</AUTHSNMP></DEVICE>
      <DEVICE><IP>10.9.0.5</IP><AUTHSNMP>${tooNew.id.replace(/^./, 'f')}</AUTHSNMP></DEVICE>
      <DEVICE><IP>10.9.0.3</IP><SNMPHOSTNAME>left out</SNMPHOSTNAME><AUTHSNMP>${switches.id}</AUTHSNMP></DEVICE>`;
    for (let i = 0; i < 2; i++) await scanning('NETDISCOVERY', process, found);
    // Another agent that names the process has no say.
    await scanning('NETDISCOVERY', process, '<AGENT><END>1</END></AGENT>', other);
    expect(await run(id)).toMatchObject({ state: 'running', total: 5, probed: 4, up: 4, walked: 0 });
    for (let i = 0; i < 2; i++) await scanning('NETDISCOVERY', process, '<AGENT><END>1</END></AGENT>');
    const between = await run(id);
    expect(between).toMatchObject({ state: 'running', probed: 5, up: 4, results: 4 });
    expect(between.hosts.map((h) => h.address)).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.4', '10.9.0.5']);
    expect(between.log.map((l) => l.message)).toContain('The agent told of 10.9.0.3, which it was not asked for.');

    const answer = await prolog(first);
    expect(answer).toContain('<NAME>SNMPQUERY</NAME>');
    expect(answer).toContain(`IP="10.9.0.1" TYPE="NETWORKING" PORT="1161" AUTHSNMP_ID="${switches.id}"`);
    expect(answer).not.toContain('10.9.0.2');
    expect(answer).not.toContain('10.9.0.5');
    const [one, deaf] = [...answer.matchAll(/<DEVICE ID="(\d+)"/g)].map((m) => m[1]);
    await scanning('SNMPQUERY', process, '<AGENT><START>1</START></AGENT>');
    await scanning(
      'SNMPQUERY',
      process,
      `<DEVICE><INFO><ID>${one}</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><MODEL>C2960</MODEL><SERIAL>FOC0000A001</SERIAL><NAME>core</NAME><IPS><IP>10.9.0.1</IP></IPS></INFO></DEVICE>`,
    );
    const error = `<DEVICE><ERROR><ID>${deaf}</ID><MESSAGE>no response from 10.9.0.4</MESSAGE></ERROR></DEVICE>`;
    await scanning('SNMPQUERY', process, error);
    for (let i = 0; i < 2; i++) await scanning('SNMPQUERY', process, '<AGENT><END>1</END></AGENT>');
    const done = await run(id);
    expect(done).toMatchObject({ state: 'done', walked: 1, results: 4 });
    expect(done.log.map((l) => l.message)).toContain('10.9.0.4: no response from 10.9.0.4');
    const report = (await admin.call(getReport, { params: { id: done.hosts[0]?.reportId ?? '' } })).data.report;
    expect(report).toMatchObject({ kind: 'netinventory', state: 'done' });
    const asset = (await admin.call(getAsset, { params: { id: report.asset?.id ?? '' } })).data;
    expect(asset).toMatchObject({ serial: 'FOC0000A001', name: 'core' });
    expect(await prolog(first)).toContain('<PROLOG_FREQ>24</PROLOG_FREQ>');
  });

  test('ends at once when nothing opens, waits for its time of day, and fails when its ranges may no longer be scanned', async () => {
    const nothing = await start();
    const process = numberOf(await prolog(first));
    await scanning('NETDISCOVERY', process, '<AGENT><END>1</END></AGENT>');
    expect(await run(nothing)).toMatchObject({ state: 'done', probed: 5, up: 0 });

    const hour = t.platform.now().getHours();
    const at = (h: number) => `${String((h + 24) % 24).padStart(2, '0')}:00`;
    const waiting = await start({ window: { from: at(hour + 2), until: at(hour + 3) } });
    expect(await prolog(first)).not.toContain('OPTION');
    expect((await run(waiting)).state).toBe('queued');
    await stop(waiting);

    const bad = await start();
    const { range } = await run(bad);
    await sql`update scan_ranges set ranges = array['8.8.8.0/29'] where id = ${range.id}::uuid`.execute(t.db);
    expect(await prolog(first)).not.toContain('OPTION');
    expect(await run(bad)).toMatchObject({ state: 'failed', message: expect.stringContaining('public') as string });
  });
});

test.each([
  [
    { kind: 'snmp_v1', community: 'a' },
    { id: 'x', version: '1', community: 'a' },
  ],
  [{ kind: 'snmp_v2c', community: 'a\u0007' }, 'it holds control characters, which XML cannot carry.'],
  [v3({ contextName: 'vlan-1' }), 'agents have no SNMPv3 context.'],
  [v3({ privProtocol: 'aes256b', privPassword: '12345678' }), 'agents do not know aes256b.'],
  [
    v3({ privProtocol: 'aes', privPassword: '12345678' }),
    { id: 'x', version: '3', userName: 'u', authProtocol: 'sha', authPassword: '12345678', privProtocol: 'aes', privPassword: '12345678' },
  ],
] as const)('the secret %j as agents take it', (secret, expected) => {
  expect(agentAccess('x', secret as api.ScanSecret)).toEqual(expected);
});

function v3(more: object) {
  const nothing = { privProtocol: null, privPassword: null, contextName: '' };
  return { kind: 'snmp_v3', userName: 'u', authProtocol: 'sha', authPassword: '12345678', ...nothing, ...more };
}
