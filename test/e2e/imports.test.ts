import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../running-server.ts';
import { api, atBothSizes, atSize, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
let folder: string;

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  folder = await mkdtemp(join(tmpdir(), 'muster-test-import-'));
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
  await rm(folder, { recursive: true, force: true });
});

const assets = async (tag: string): Promise<{ tag: string; name: string }[]> =>
  (await api<{ items: { tag: string; name: string }[] }>(server, `/assets?sort=tag&fields=tag,name&filter=tag:${tag}-*`)).items;

async function upload(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, text);
  await page.goto(`${server.url}/imports`);
  await page.getByRole('button', { name: 'New import' }).first().click();
  await page.locator('input[type=file]').setInputFiles(path);
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

it.each(atBothSizes)('imports a file with a comparison, applies it and takes it back, on a %s', async (size) => {
  await atSize(size, { browser, server, desktop: ada, use: (next) => (page = next) }, async (own) => importAndUndo(own, size));
});

async function importAndUndo(own: Visit, size: string): Promise<void> {
  const tag = `E2E-${size}`;
  await upload('first.csv', `Asset tag;Name;Class\n${tag}-1;one;Laptop\n${tag}-2;two;Laptop\n`);
  await page.getByRole('button', { name: 'Compare with what is there' }).click();
  await page.getByRole('button', { name: 'Apply the good rows' }).click();
  await page.getByRole('button', { name: 'Undo the import' }).waitFor();
  expect(await assets(tag)).toMatchObject([
    { tag: `${tag}-1`, name: 'one' },
    { tag: `${tag}-2`, name: 'two' },
  ]);

  await upload('second.csv', `Asset tag;Name;Class\n${tag}-1;renamed;\n${tag}-2;two;\n${tag}-3;three;Toaster\n`);
  // As the first one was read.
  expect(await page.getByRole('combobox', { name: 'Read it as' }).inputValue()).toContain('first.csv');
  await page.getByRole('button', { name: 'Compare with what is there' }).click();
  const rows = page.getByRole('region', { name: 'Rows' });
  await rows.getByText('from one to renamed').waitFor();
  await rows.getByText('“Toaster” is not one of the values here.').waitFor();
  expect(await assets(tag)).toMatchObject([{ name: 'one' }, { name: 'two' }]);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the bad rows' }).click();
  expect((await download).suggestedFilename()).toBe('second-errors.csv');

  await page.getByRole('button', { name: 'Apply the good rows' }).click();
  await page.getByRole('button', { name: 'Undo the import' }).waitFor();
  expect(await assets(tag)).toMatchObject([{ name: 'renamed' }, { name: 'two' }]);
  await page.getByRole('button', { name: 'Undo the import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo the import' }).click();
  await page.locator('.page-line').getByText('Undone').waitFor();
  expect(await assets(tag)).toMatchObject([{ name: 'one' }, { name: 'two' }]);
  expect(own.errors).toEqual([]);
}
