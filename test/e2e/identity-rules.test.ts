import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { api, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  browser = await launch();
  ada = await visit(browser);
  page = ada.page;
  await signIn(page, server.url, server.adminEmail, server.adminPassword);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/** A machine whose maker gave a whole batch one serial number, as an agent reports it. */
async function report(n: number): Promise<void> {
  const content = {
    versionclient: 'GLPI-Agent_v1.12',
    bios: { smanufacturer: 'Noname', smodel: 'Box', ssn: 'MB-2217-AA' },
    hardware: { name: `box${n}` },
    networks: [{ description: 'eth0', mac: `00:1b:21:3c:4d:0${n}`, type: 'ethernet', driver: 'e1000e' }],
  };
  const answer = await fetch(`${server.url}/agent/${server.key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'GLPI-Agent_v1.12' },
    body: JSON.stringify({ action: 'inventory', deviceid: `box-${n}`, itemtype: 'Computer', content }),
  });
  expect(answer.status).toBe(200);
}

const observations = async (): Promise<string[]> =>
  (await api<{ items: { asset: { id: string } | null }[] }>(server, '/observations')).items.flatMap((o) => o.asset?.id ?? []);
const observed = async (count: number): Promise<string[]> =>
  until(`${count} observations`, observations, (found) => found.length === count);
const heading = (name: string) => page.getByRole('heading', { level: 1, name });

it('tries changed identity rules over the history, shows which assets they part and why, and publishes them', async () => {
  await report(1);
  await observed(1);
  await report(2);
  expect(new Set(await observed(2)).size).toBe(1);

  await page.getByRole('link', { name: 'Identity rules' }).click();
  await heading('Identity rules').waitFor();
  expect(await page.getByRole('button', { name: 'Dry run' }).isDisabled()).toBe(true);
  await page.getByRole('textbox', { name: 'Value or pattern' }).fill('mb-2217-*');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Dry run' }).click();

  await heading('Dry run').waitFor();
  const table = page.getByRole('region', { name: 'Change 1, Split: machines by the rules in force 1, by the draft 2' });
  await table.getByText('The serial number MB-2217-AA is the same.').waitFor();
  await table.getByText('NONAME|MB-2217-AA').first().waitFor();
  expect(new Set(await observations()).size).toBe(1);

  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await heading('Identity rules').waitFor();
  await page.getByText('mb-2217-*').waitFor();
  await report(3);
  expect(new Set(await observed(3)).size).toBe(2);
  expect(ada.errors).toEqual([]);
});
