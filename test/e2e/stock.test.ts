import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../running-server.ts';
import { api, apiSend, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
let grace: string;

pictureOnFailure(() => page);

const post = async (path: string, body: object): Promise<{ id: string }> => await apiSend(server, 'POST', path, body);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  browser = await launch();
  ada = await visit(browser);
  page = ada.page;
  await signIn(page, server.url, server.adminEmail, server.adminPassword);
  grace = (await post('/people', { name: 'Grace Hopper' })).id;
  await post('/places', { name: 'Stockroom Berlin', kind: 'stockroom' });
  // Something to see on the start page.
  await post('/assets', { class: 'laptop', name: 'lap-1' });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

const dialog = (): Locator => page.getByRole('dialog');
const field = (label: string): Locator =>
  dialog()
    .getByRole('combobox', { name: label })
    .or(dialog().getByRole('textbox', { name: label }))
    .first();

/** Types into a search and takes what it finds. */
async function choose(label: string, text: string): Promise<void> {
  await field(label).fill(text);
  await page.getByRole('option', { name: text }).click();
}

async function finish(button: string): Promise<void> {
  await dialog().getByRole('button', { name: button }).click();
  await dialog().waitFor({ state: 'detached' });
}

const stock = async (): Promise<{ onHand: number; out: number; status: string }> => {
  const { items } = await api<{ items: { onHand: number; out: number; status: string }[] }>(server, '/stock-items');
  const { onHand, out, status } = items[0]!;
  return { onHand, out, status };
};

it('adds an item and receives ten of it', async () => {
  await page.goto(`${server.url}/stock`);
  await page.getByRole('button', { name: 'New stock item' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Wireless mouse');
  await page.getByRole('textbox', { name: 'Minimum stock' }).fill('10');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Wireless mouse' }).waitFor();
  await page.getByRole('button', { name: 'Receive' }).click();
  await choose('Place', 'Stockroom Berlin');
  await field('Quantity').fill('10');
  await finish('Receive');
  await page.getByText('10 on hand').waitFor();
  expect(await stock()).toEqual({ onHand: 10, out: 0, status: 'enough' });
});

it('gives three to a person and takes two back, and says that stock is low', async () => {
  await page.getByRole('button', { name: 'Check out' }).click();
  await choose('Person', 'Grace Hopper');
  await field('Quantity').fill('3');
  await finish('Check out');
  await page.getByText('7 on hand · 3 checked out').waitFor();
  await page.getByRole('button', { name: 'Return' }).first().click();
  await field('Came back').fill('2');
  await finish('Return');
  await page.getByText('9 on hand · 1 checked out').waitFor();
  expect(await stock()).toEqual({ onHand: 9, out: 1, status: 'low_stock' });

  await page.goto(`${server.url}/people/${grace}`);
  const region = page.getByRole('region', { name: 'Accessories and consumables' });
  await region.getByRole('link', { name: 'Wireless mouse' }).waitFor();
  await region.getByText('1 piece').waitFor();

  await page.goto(server.url);
  await page.getByRole('link', { name: '1 item is below its minimum stock' }).click();
  await page.getByRole('link', { name: 'Wireless mouse' }).first().waitFor();
});

it('says how many are left when more are asked for, and keeps what was typed', async () => {
  await page.getByRole('link', { name: 'Wireless mouse' }).first().click();
  await page.getByRole('button', { name: 'Check out' }).click();
  await choose('Person', 'Grace Hopper');
  await field('Quantity').fill('12');
  await dialog().getByRole('button', { name: 'Check out' }).click();
  await dialog().getByText('Only 9 are left of “Wireless mouse” in Stockroom Berlin, and 12 were asked for.').first().waitFor();
  expect(await field('Quantity').inputValue()).toBe('12');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  expect(await stock()).toEqual({ onHand: 9, out: 1, status: 'low_stock' });
});

it('ran without an error in the browser', () => {
  expect(ada.errors).toEqual([]);
});
