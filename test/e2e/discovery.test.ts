import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, type RunningServer, startServer, until } from '../running-server.ts';
import { api, launch, pictureOnFailure, requireBuiltWeb, seed, signIn, visit, type Visit } from './browser.ts';

const SNMPD_PORT = 34_471;
const entity = '1.3.6.1.2.1.47.1.1.1.1';
const asSwitch = [
  'sysName lab-gateway',
  'sysDescr Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE3',
  'sysObjectID 1.3.6.1.4.1.9.1.617',
  `override ${entity}.5.1 integer 3`,
  `override ${entity}.11.1 octet_str "FOC1408Z61U"`,
  `override ${entity}.13.1 octet_str "WS-C3560G-48TS"`,
];
const reason = 'seen on the shelf: two cases, two labels';

interface Named {
  id: string;
  name: string | null;
  serial: string | null;
}

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
let folder: string;
let vendor: Server;
const children: ChildProcess[] = [];

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  folder = await mkdtemp(join(tmpdir(), 'muster-discovery-'));
  server = await startServer();
  await seed(server, 60);
  vendor = await startVendor();
  await startSnmpd();
  browser = await launch();
  ada = await visit(browser);
  page = ada.page;
  await signIn(page, server.url, server.adminEmail, server.adminPassword);
});

afterAll(async () => {
  await browser?.close();
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map(ended));
  vendor?.close();
  await server?.stop();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const ended = async (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

/** Debian's SNMP agent on the loopback, made to answer as a switch with a serial number: the device that is scanned. */
async function startSnmpd(): Promise<void> {
  const config = join(folder, 'snmpd.conf');
  await writeFile(config, `agentAddress udp:127.0.0.1:${SNMPD_PORT}\nrocommunity lab-secret default\n${asSwitch.join('\n')}\n`);
  children.push(
    spawn('/usr/sbin/snmpd', ['-f', '-Lo', '-C', '-c', config], {
      env: { ...process.env, SNMP_PERSISTENT_DIR: join(folder, 'snmpd'), MIBS: '' },
      stdio: 'ignore',
    }),
  );
}

/** A system of somebody else: one list that may be read, one that may not. */
async function startVendor(): Promise<Server> {
  const http = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/kiosks')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify([{ id: 'k1', name: 'kiosk-lobby', serial: 'PF0KIOSK1', maker: 'LENOVO' }]));
    } else response.writeHead(403).end('{}');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return http;
}
const vendorUrl = (path: string): string => `http://127.0.0.1:${(vendor.address() as AddressInfo).port}${path}`;

const heading = (name: string | RegExp): Locator => page.getByRole('heading', { level: 1, name });
const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = (): Locator => page.getByRole('dialog');
const box = (name: string): Locator => page.getByRole('textbox', { name, exact: true });
const identityOf = async (id: string): Promise<number> =>
  (await api<{ observations: unknown[] }>(server, `/assets/${id}/identity`)).observations.length;
/** Chooses from a list that opens on a click, as a person does. */
async function choose(label: string, option: string | RegExp): Promise<void> {
  await page
    .getByRole('combobox', { name: label })
    .or(page.getByRole('textbox', { name: label }))
    .first()
    .click({ force: true });
  await page.getByRole('option', { name: option }).first().click();
}

describe('identity, decided by a person', () => {
  let sides: Named[];

  it('is asked for on the start page, with the number of open conflicts', async () => {
    const { total } = await api<{ total: number }>(server, '/identity-conflicts?filter=state:open&limit=1&total=exact');
    expect(total).toBeGreaterThan(0);
    await page.goto(server.url);
    await page.getByRole('link', { name: new RegExp(`^${total} pairs? of assets may be one machine`) }).click();
    await heading('Conflicts').waitFor();
    expect(new URL(page.url()).searchParams.get('filter')).toBe('state:open');
  });

  it('shows both sides of a conflict and merges them with a reason', async () => {
    const { items } = await api<{ items: { id: string; assetA: Named; assetB: Named }[] }>(
      server,
      '/identity-conflicts?filter=kind:contradiction%20state:open&limit=1',
    );
    const conflict = items[0]!;
    await page.goto(`${server.url}/conflicts`);
    await heading('Conflicts').waitFor();
    await page
      .getByRole('cell', { name: /The UUID .* agrees/ })
      .first()
      .click();
    await page.waitForURL(/\/conflicts\/[0-9a-f-]+$/);
    await page.goto(`${server.url}/conflicts/${conflict.id}`);
    const { sides: both } = await api<{ sides: { asset: Named }[] }>(server, `/identity-conflicts/${conflict.id}`);
    sides = both.map((side) => side.asset);
    for (const side of sides) {
      await page.getByRole('heading', { name: side.name! }).first().waitFor();
      await page.getByText(side.serial!, { exact: true }).first().waitFor();
    }
    await button('Same machine').click();
    await dialog()
      .getByRole('radio', { name: new RegExp(sides[1]!.name!) })
      .check();
    await dialog().getByRole('textbox', { name: 'Why' }).fill('the board was exchanged');
    await dialog().getByRole('button', { name: 'Same machine' }).click();
    await page.getByText('Answered by').waitFor();
    await page.getByText('the board was exchanged').waitFor();
    expect(await identityOf(sides[1]!.id)).toBe(2);
    // The address of the other one leads to the survivor.
    await page.goto(`${server.url}/assets/${sides[0]!.id}`);
    await page.getByRole('link', { name: 'Open the asset it is part of now' }).click();
    await heading(sides[1]!.name!).waitFor();
  });

  it('splits an asset, says what goes with it, and the split is undone', async () => {
    await page.goto(`${server.url}/assets/${sides[1]!.id}?tab=identity`);
    await button('Split').click();
    const observation = dialog().getByRole('checkbox').first();
    await observation.check();
    await dialog().getByText('1 observation stays.').waitFor();
    await dialog().getByRole('textbox', { name: 'Why' }).fill(reason);
    await dialog().getByRole('button', { name: 'Split' }).click();
    await page.getByText('was split from').first().waitFor();
    await page.getByText(reason).first().waitFor();
    expect(await identityOf(sides[1]!.id)).toBe(1);
    await button('Undo').click();
    await dialog().getByRole('textbox', { name: 'Why' }).fill('the label was read wrongly');
    await dialog().getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Undone by/).waitFor();
    await page.getByText('the label was read wrongly').first().waitFor();
    expect(await identityOf(sides[1]!.id)).toBe(2);
  });
});

describe('a network, scanned', () => {
  let key = '';

  it('makes a key for a collector and a credential set whose secret is not shown again', async () => {
    await page.goto(`${server.url}/sources`);
    await button('Make a key').first().click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Lab collector');
    await choose('For', /ollector/);
    await dialog().getByRole('button', { name: 'Make a key' }).click();
    key =
      (await dialog()
        .getByText(/^[A-Za-z0-9_-]{20,}$/)
        .first()
        .textContent()) ?? '';
    expect(key.length).toBeGreaterThan(15);
    await page.goto(`${server.url}/credential-sets`);
    await button('New credential set').first().click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Lab SNMP');
    await dialog().getByLabel('Community').fill('lab-secret');
    await dialog()
      .getByRole('button', { name: /New credential set|Create|Save/ })
      .click();
    await page.getByRole('cell', { name: 'Lab SNMP', exact: true }).waitFor();
    expect(await page.content()).not.toContain('lab-secret');
  });

  it('refuses a public range before anything is saved', async () => {
    await page.goto(`${server.url}/networks/new`);
    await box('Name').fill('Lab');
    await choose('Collector', 'Lab collector');
    await page.getByLabel('Ranges').fill('8.8.8.0/24');
    await box('Name').focus();
    await page
      .getByText(/public addresses/)
      .first()
      .waitFor();
  });

  it('adds the range, and watches the run to its end', async () => {
    await page.getByLabel('Ranges').fill('127.0.0.1');
    await choose('Credential sets', 'Lab SNMP');
    await page.keyboard.press('Escape');
    await box('SNMP port').fill(String(SNMPD_PORT));
    await page.getByRole('checkbox', { name: 'Ping' }).uncheck();
    await page.getByRole('checkbox', { name: 'Look up names' }).uncheck();
    await button(/^(Create|Save|New network)$/).click();
    await heading('Lab').waitFor();
    await button('Scan now').click();
    await heading('Scan of Lab').waitFor();
    await page.getByText(/waits until the collector/).waitFor();
    children.push(
      spawn(join(root, 'node_modules/.bin/node'), [join(root, 'packages/cli/bin/muster.mjs'), 'scan', '--data', join(folder, 'scan')], {
        env: { ...process.env, MUSTER_URL: server.url, MUSTER_COLLECTOR_KEY: key },
        stdio: 'ignore',
      }),
    );
    // The page follows by itself.
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 90_000 });
    await page.getByRole('row').filter({ hasText: '127.0.0.1' }).waitFor();
    await until(
      'the device is an asset',
      async () => await api<{ items: Named[] }>(server, '/assets?filter=name:lab-gateway'),
      ({ items }) => items.length === 1,
    );
  });
});

describe('coverage, read', () => {
  const addConnector = async (name: string, url: string): Promise<void> => {
    await page.goto(`${server.url}/connectors`);
    await button('Add a connector').first().click();
    await choose('Kind', /REST/);
    await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await dialog()
      .getByLabel(/^Address/)
      .first()
      .fill(url);
    await dialog()
      .getByLabel(/^Mapping/)
      .fill('id = id\nname = name\nserial = serial\nmanufacturer = maker');
    await dialog().getByRole('button', { name: 'Add a connector' }).click();
    await heading(name).waitFor();
    await button('Run now').click();
  };

  it('tells what was listed whole from what was refused, and what is seen once', async () => {
    await addConnector('Kiosk system', vendorUrl('/kiosks'));
    await page
      .getByText('Done', { exact: true })
      .or(page.getByText('Complete', { exact: true }))
      .first()
      .waitFor();
    await addConnector('Closed system', vendorUrl('/closed'));
    await page.getByText('Denied', { exact: true }).first().waitFor();
    await page.goto(`${server.url}/coverage`);
    await heading('Coverage').waitFor();
    const tableOf = (name: string): Locator =>
      page.getByRole('region', { name: new RegExp(name) }).or(page.getByRole('table', { name: new RegExp(name) }));
    await tableOf('Kiosk system').getByText('Complete').first().waitFor();
    await tableOf('Closed system').getByText('Denied').first().waitFor();
    await page
      .getByRole('link', { name: String((await api<{ oneSource: number }>(server, '/coverage')).oneSource) })
      .first()
      .click();
    await heading('Covered assets').waitFor();
    await box('Search and filter Covered assets').fill('source_count:1 kiosk');
    await page.keyboard.press('Enter');
    await page.getByText('kiosk-lobby').first().waitFor();
  });

  it('leaves no error in the console', () => {
    expect(ada.errors).toEqual([]);
  });
});
