import { type RunningServer, until } from '../running-server.ts';
import { api, apiSend, seed } from './browser.ts';

const post = async (server: RunningServer, path: string, body: object): Promise<{ id: string }> =>
  await apiSend(server, 'POST', path, body);

/** A dry run of rules under which two boards with one UUID are no question. */
async function tryRules(server: RunningServer): Promise<void> {
  const { rules } = await api<{ rules: { uses: Record<string, string> } }>(server, '/identity-rules');
  const { id } = await post(server, '/identity-dry-runs', { ...rules, uses: { ...rules.uses, uuid: 'ignored' } });
  await until(
    'the dry run is done',
    async () => await api<{ state: string }>(server, `/identity-dry-runs/${id}`),
    ({ state }) => state === 'done',
  );
}

/** Something that is overdue, and something that a team has. */
async function giveOut(server: RunningServer): Promise<void> {
  const laptop = await api<{ items: { id: string }[] }>(server, '/assets?filter=class:laptop%20os_family:windows&limit=1');
  const marked = laptop.items[0]!.id;
  await post(server, '/keywords/add', { assets: [marked], keywords: ['loan pool', 'Audit 2026'] });
  for (const name of ['TWIN-1', 'twin-1'])
    await post(server, '/assets', { class: 'laptop', name, manufacturer: 'Dell', model: 'Latitude 5440' });
  await post(server, '/models', { manufacturer: 'Acme', name: 'Trolley 7', class: 'laptop' });
  await post(server, '/duplicates/search', {});
  await until(
    'the two are found',
    async () => await api<{ items: unknown[] }>(server, '/duplicates?filter=value:twin-1'),
    ({ items }) => items.length === 1,
  );
  await post(server, `/assets/${marked}/notes`, { text: 'The lid is loose.' });
  const { items } = await api<{ items: { id: string }[] }>(server, '/people?limit=1');
  const team = await post(server, '/teams', { name: 'Night shift', memberIds: items.map((one) => one.id) });
  const late = await post(server, '/assets', { class: 'laptop', name: 'Loaner 1' });
  const shared = await post(server, '/assets', { class: 'phone', name: 'Shift phone' });
  const holder = { kind: 'person', id: items[0]!.id };
  await post(server, '/custody/check-out', {
    assets: [late.id],
    holder,
    at: '2026-01-05T08:00:00Z',
    dueOn: '2026-01-10',
    condition: 'worn',
  });
  await post(server, '/custody/check-out', { assets: [shared.id], holder: { kind: 'team', id: team.id } });
  await reserveSome(server, late.id, holder);
}

/** A pool of two of which one is late: something reserved, something collected, and somebody who waits. */
async function reserveSome(server: RunningServer, late: string, holder: object): Promise<void> {
  const loaner = await post(server, '/assets', { class: 'laptop', name: 'Loaner 2' });
  const pool = await post(server, '/loan-pools', { name: 'Loaners', kind: 'named', assets: [late, loaner.id] });
  const day = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  const target = { kind: 'pool', id: pool.id };
  const collected = await post(server, '/reservations', { target, holder, from: day(0), to: day(1) });
  await post(server, `/reservations/${collected.id}/collect`, {});
  await post(server, '/reservations', { target: { kind: 'asset', id: late }, holder, from: day(1), to: day(3) });
  await post(server, '/reservations', { target, holder, quantity: 2, from: day(2), to: day(4), waitlist: true });
}

/** A kit, a pending document, and somebody with an asset that is in none. */
async function handOver(server: RunningServer): Promise<void> {
  await post(server, '/kits', {
    name: 'First day',
    lines: [{ class: 'laptop' }, { class: 'phone', count: 2, optional: true }, { model: 'None of it' }],
  });
  await post(server, '/assets', { class: 'laptop', name: 'Ready 1', state: 'in_stock' });
  for (const name of ['Covered', 'Uncovered']) {
    const person = await post(server, '/people', { name });
    const laptop = await post(server, '/assets', { class: 'laptop', name: `Laptop of ${name}` });
    await post(server, '/custody/check-out', { assets: [laptop.id], holder: { kind: 'person', id: person.id } });
    if (name === 'Covered') await post(server, '/handover-documents', { personId: person.id, language: 'en' });
  }
}

/** A network with a scan that waits for its collector. */
async function askForScan(server: RunningServer): Promise<void> {
  const key = await post(server, '/enrolment-keys', { name: 'Collector', kind: 'collector' });
  const set = await post(server, '/credential-sets', { name: 'Switches', secret: { kind: 'snmp_v2c', community: 'public' } });
  const range = await post(server, '/scan-ranges', { name: 'Lab', collectorId: key.id, ranges: ['10.0.0.0/24'], credentialIds: [set.id] });
  await post(server, `/scan-ranges/${range.id}/run`, {});
}

/** One machine with an agent of GLPI and with osquery, which wrote into its log. */
async function twoAgents(server: RunningServer): Promise<void> {
  const uuid = '5b0c1b4e-2f0a-4a53-9a57-0d5f5d1c7a99';
  const send = async (path: string, body: object): Promise<{ node_key?: string }> => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { node_key?: string };
  };
  await send(`/agent/${server.key}`, {
    action: 'inventory',
    deviceid: 'twice-2026-01-01-00-00-00',
    itemtype: 'Computer',
    content: { versionclient: 'GLPI-Agent_v1.11', bios: { ssn: 'TWICE-1' }, hardware: { name: 'twice', uuid } },
  });
  const system = { uuid, hardware_serial: 'TWICE-1', computer_name: 'twice', physical_memory: '1073741824', cpu_sockets: '1' };
  const { node_key } = await send('/api/osquery/enroll', {
    enroll_secret: server.key,
    host_identifier: uuid,
    platform_type: '9',
    host_details: { system_info: system, osquery_info: { version: '5.20.0', instance_id: 'twice' } },
  });
  await send('/api/osquery/distributed/write', {
    node_key,
    queries: {
      muster_detail_system: [system],
      muster_detail_os: [{ name: 'Debian GNU/Linux', version: '12', platform: 'debian', arch: 'x86_64' }],
    },
    statuses: { muster_detail_system: 0, muster_detail_os: 0 },
  });
  await send('/api/osquery/log', {
    node_key,
    log_type: 'status',
    data: [{ severity: 2, filename: 'scheduler.cpp', line: 128, message: 'The query took too long' }],
  });
  await until(
    'both agents tell of one machine',
    async () => {
      const { items } = await api<{ items: { id: string }[] }>(server, '/assets?filter=serial:TWICE-1');
      return items.length === 1 ? (await api<{ sources: unknown[] }>(server, `/assets/${items[0]!.id}`)).sources.length : 0;
    },
    (sources) => sources === 2,
  );
}

/** Something on every page: machines and people of the demo organisation, and one of each that it does not have. */
export async function fillForLooking(server: RunningServer): Promise<void> {
  await twoAgents(server);
  await seed(server, 40);
  await askForScan(server);
  await giveOut(server);
  await handOver(server);
  await tryRules(server);
  await post(server, '/bulk-changes', { selection: { all: true }, operation: 'transition', parameters: { to: 'retired', reason: 'Old' } });
  // Something for the list of jobs.
  await post(server, '/recognition/rerun', {});
  // One that has tried and was refused: nobody listens on that port.
  await post(server, '/connectors', {
    kind: 'intune',
    name: 'Device management',
    everyMinutes: null,
    settings: { tenantId: 'contoso', clientId: '1', graphUrl: 'http://127.0.0.1:9', loginUrl: 'http://127.0.0.1:9' },
    secrets: { clientSecret: 'not a real one' },
  });
  await until(
    'every position is computed',
    async () => await api<{ positions: number; pendingProducts: number }>(server, '/positions/freshness'),
    (fresh) => fresh.positions > 0 && fresh.pendingProducts === 0,
  );
}
