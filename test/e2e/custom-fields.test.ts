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

const heading = (name: string) => page.getByRole('heading', { level: 1, name });
const dialog = () => page.getByRole('dialog');

it('defines a field in the settings, fills it in on a new asset, and filters by it', async () => {
  await page.getByRole('link', { name: 'Custom fields' }).click();
  await heading('Custom fields').waitFor();
  await page.getByRole('button', { name: 'Define a field' }).first().click();
  await dialog().getByRole('textbox', { name: 'Label' }).fill('Warranty team');
  expect(await dialog().getByRole('textbox', { name: 'Key' }).inputValue()).toBe('warranty_team');
  await dialog().getByRole('combobox', { name: 'Type' }).click();
  await page.getByRole('option', { name: 'Choice', exact: true }).click();
  await dialog().getByRole('textbox', { name: 'Options' }).fill('north = Team North\nsouth = Team South');
  await dialog().getByRole('button', { name: 'Create' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByText('Warranty team').first().waitFor();

  await page.goto(`${server.url}/assets/new`);
  await page.getByRole('combobox', { name: 'Class' }).click();
  await page.getByRole('option', { name: 'Laptop', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('pc-north');
  await page.getByRole('combobox', { name: 'Warranty team' }).click();
  await page.getByRole('option', { name: 'Team North' }).click();
  await page.getByRole('button', { name: 'Create' }).click();
  await heading('pc-north').waitFor();
  await page.getByText('Team North').first().waitFor();

  await page.goto(`${server.url}/assets?filter=custom.warranty_team:north&columns=name,custom.warranty_team`);
  await page.getByRole('link', { name: 'pc-north' }).waitFor();
  await page.getByText('Team North').first().waitFor();
  const found = await until(
    'the asset by its custom value',
    () => api<{ items: { name: string }[] }>(server, '/assets?filter=custom.warranty_team:north'),
    (list) => list.items.length > 0,
  );
  expect(found.items.map((item) => item.name)).toEqual(['pc-north']);
});
