import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanPdf } from '../../packages/server/src/modules/labels/test-scanner.ts';
import { type RunningServer, startServer } from '../running-server.ts';
import {
  api,
  apiSend,
  atBothSizes,
  atSize,
  launch,
  pictureOnFailure,
  requireBuiltWeb,
  seed,
  signIn,
  visit,
  type Visit,
} from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  await seed(server, 20);
  browser = await launch();
  ada = await visit(browser, { acceptDownloads: true });
  page = ada.page;
  await signIn(page, server.url, server.adminEmail, server.adminPassword);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

const button = (name: string | RegExp) => page.getByRole('button', { name });
interface Asset {
  id: string;
  name: string;
  serial: string;
}
const laptops = async (): Promise<Asset[]> =>
  (
    await api<{ items: Asset[] }>(
      server,
      `/assets?limit=12&sort=name&fields=id,name,serial&filter=${encodeURIComponent('has:serial has:name')}`,
    )
  ).items;

describe('labels', () => {
  it.each(atBothSizes)('are designed for a sheet: an element is moved with the keys, and the preview follows, on a %s', async (size) => {
    await atSize(size, { browser, server, desktop: ada, use: (next) => (page = next) }, async () => design(`Laptops ${size}`));
  });

  async function design(name: string): Promise<void> {
    await page.goto(`${server.url}/labels`);
    await button('New label template').first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('combobox', { name: 'Media' }).click();
    await page.getByRole('option', { name: /Avery L7160/ }).click();
    const box = button('Text {name}');
    await box.click();
    const left = page.getByRole('textbox', { name: 'From the left' });
    const before = Number.parseFloat(await left.inputValue());
    await box.press('ArrowRight');
    await expect.poll(async () => Number.parseFloat(await left.inputValue()), { timeout: 120_000 }).toBeCloseTo(Math.min(before + 1, 63.5));
    await page.getByAltText('Preview with an invented asset').waitFor();
    await button('Save').click();
    await page.waitForURL(/\/labels\/[0-9a-f-]{36}$/);
  }

  it.each(atBothSizes)('are printed for selected assets, and a scanner reads from the file which asset each is, on a %s', async (size) => {
    await atSize(size, { browser, server, desktop: ada, use: (next) => (page = next) }, print);
  });

  async function print(): Promise<void> {
    await page.goto(`${server.url}/assets?sort=name`);
    const rows = page.getByRole('checkbox', { name: /^Select / });
    await rows.nth(1).check();
    await rows.nth(2).check();
    await button('Print labels').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 labels').waitFor();
    await dialog.getByRole('textbox', { name: 'First free place on the sheet' }).fill('3');
    const coming = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Print', exact: true }).click();
    const pages = await scanPdf(await readFile(await (await coming).path()));
    expect(pages).toHaveLength(1);
    expect(pages[0]?.codes).toHaveLength(2);
    for (const { text } of pages[0]?.codes ?? []) {
      const found = await api<{ asset: { id: string } | null }>(server, `/codes/${encodeURIComponent(text)}`);
      expect(found.asset).not.toBeNull();
    }
    await page.goto(new URL(new URL(pages[0]?.codes[0]?.text ?? '').pathname, server.url).href);
    await page.waitForURL(/\/assets\/[0-9a-f-]{36}$/);
  }
});

describe('scanning', () => {
  it('one code opens its asset from any page, and no shortcut is pressed by it', async () => {
    const [one] = await laptops();
    await page.goto(`${server.url}/people`);
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await page.getByRole('row').nth(1).waitFor();
    // A busy browser may take the keys too slowly for a scan: then a person scans again.
    for (let tries = 0; tries < 20 && !page.url().includes('/assets/'); tries++) {
      await page.keyboard.type(one?.serial ?? '');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/assets\//, { timeout: 3000 }).catch(() => undefined);
    }
    await page.waitForURL(`${server.url}/assets/${one?.id}`);
  });

  it('ten assets are gathered into a set, with duplicates counted and unknown codes shown', async () => {
    const ten = (await laptops()).slice(0, 10);
    await button('Scan').click();
    await page.getByRole('switch', { name: 'Keep scanning' }).check({ force: true });
    await page.getByRole('heading', { level: 1 }).click();
    const row = (code: string) => page.getByRole('row').filter({ has: page.getByRole('cell', { name: code, exact: true }) });
    const scansOf = async (code: string): Promise<number> =>
      (await row(code).count()) === 0 ? 0 : Number(await row(code).locator('td.figure').textContent());
    const scan = async (code: string): Promise<void> => {
      await page.keyboard.type(code);
      await page.keyboard.press('Enter');
    };
    const codes = [...ten, ten[0] as Asset, { serial: 'NOBODY-KNOWS' } as Asset];
    for (const [index, { serial }] of codes.entries()) {
      const wanted = index === ten.length ? 2 : 1;
      // As above: a code that the browser took in pieces is scanned again.
      for (let tries = 0; tries < 20 && (await scansOf(serial)) < wanted; tries++) {
        await scan(serial);
        await expect
          .poll(async () => scansOf(serial), { timeout: 3000 })
          .toBeGreaterThanOrEqual(wanted)
          .catch(() => undefined);
      }
    }
    await page.getByText(/^10 assets · \d+ scans · \d+ unknown$/).waitFor();
    await row('NOBODY-KNOWS').getByText('Unknown').waitFor();
    await button('Open as list').click();
    await page.waitForURL(/\/assets\?filter=id/);
    await page
      .getByText(/^10 assets/i)
      .first()
      .waitFor();
    expect(ada.errors).toEqual([]);
  });

  it.each(atBothSizes)('ten assets are scanned and checked in at once on a %s; what nobody has is refused by name', async (size) => {
    await atSize(size, { browser, server, desktop: ada, use: (next) => (page = next) }, async (own) => scanAndCheckIn(own, size));
  });

  async function scanAndCheckIn(own: Visit, size: string): Promise<void> {
    const all = await laptops();
    const ten = all.slice(0, 10);
    const [free, ...out] = size === 'desktop' ? ten : ten.toReversed();
    const person = await apiSend(server, 'POST', '/people', { name: `Scanned Person ${size}` });
    await apiSend(server, 'POST', '/custody/check-in', { assets: ten.map((one) => one.id), mode: 'possible' });
    await apiSend(server, 'POST', '/custody/check-out', { assets: out.map((one) => one.id), holder: { kind: 'person', id: person.id } });
    const place = await apiSend(server, 'POST', '/places', { name: `Returns shelf ${size}`, kind: 'stockroom' });
    await page.goto(`${server.url}/scan`);
    await page.getByRole('switch', { name: 'Keep scanning' }).check({ force: true });
    for (const [index, { serial }] of ten.entries()) {
      await page.getByRole('textbox', { name: 'Code' }).fill(serial);
      await button('Look up').click();
      await page.getByText(index === 0 ? /^1 asset · / : new RegExp(`^${index + 1} assets · `)).waitFor();
    }
    await button('Check in').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This will be done for 9 assets.').waitFor();
    await dialog.getByText(`Nobody has ${free?.name}.`).waitFor();
    await dialog
      .getByRole('combobox', { name: 'Put where' })
      .or(dialog.getByRole('textbox', { name: 'Put where' }))
      .first()
      .fill('Returns');
    await page.getByRole('option', { name: `Returns shelf ${size}` }).click();
    await dialog.getByRole('button', { name: 'Check in', exact: true }).click();
    await page.getByText('Checked in 9 assets').first().waitFor();
    await dialog.getByText('1 is refused:').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    for (const { id } of out)
      expect(await api(server, `/assets/${id}/custody`)).toMatchObject({
        custody: null,
        placement: { place: { id: place.id } },
      });
    expect(own.errors).toEqual([]);
  }
});
