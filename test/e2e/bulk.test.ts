import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { api, apiSend, atBothSizes, atSize, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;

pictureOnFailure(() => page);

const post = async (path: string, body: object): Promise<{ id: string }> => await apiSend(server, 'POST', path, body);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  for (let i = 0; i < 7; i++) {
    const { id } = await post('/assets', { class: 'laptop', name: `pool-${i}`, manufacturer: 'Dell' });
    if (i < 3) await post(`/assets/${id}/transition`, { transition: 'hold', reason: 'Case 7' });
  }
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

const states = async (): Promise<string[]> =>
  (await api<{ items: { state: string }[] }>(server, '/assets?filter=name:pool-*')).items.map((a) => a.state).sort();

it.each(atBothSizes)(
  'moves the assets that may, shows the three that may not with the reason, and takes it back, on a %s',
  async (size) => {
    await atSize(size, { browser, server, desktop: ada, use: (next) => (page = next) }, bulkTransition);
  },
);

async function bulkTransition(own: Visit): Promise<void> {
  await page.goto(`${server.url}/assets?filter=name:pool-*`);
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).click();
  await page.getByRole('button', { name: 'Change state' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('combobox', { name: 'Transition' })
    .or(dialog.getByRole('textbox', { name: 'Transition' }))
    .first()
    .click();
  await page.getByRole('option', { name: 'Retire', exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Too old');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await page.waitForURL(/\/bulk-changes\//);
  await page.getByText('4 will change').waitFor();
  await page.getByText('3 blocked').waitFor();
  await page.getByText('Not while it is in stock (legal hold).').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: 'pool-0' }).waitFor();
  expect(await states()).toEqual(Array<string>(7).fill('in_stock'));
  await page.getByRole('button', { name: 'Apply to 4' }).click();
  await page.getByText('4 changed').waitFor();
  expect((await states()).filter((s) => s === 'retired')).toHaveLength(4);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await page.getByText('4 undone').waitFor();
  await until('all are in stock again', states, (seen) => seen.every((s) => s === 'in_stock'));
  expect(own.errors).toEqual([]);
}

it('saves what a list shows, shares it, and somebody else opens it', async () => {
  await page.goto(`${server.url}/assets?filter=manufacturer:Dell&sort=name`);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save as a new view' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Our pool');
  await dialog
    .getByRole('combobox', { name: 'Shared with' })
    .or(dialog.getByRole('textbox', { name: 'Shared with' }))
    .first()
    .click();
  await page.getByRole('option', { name: 'Everyone' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'View: Our pool' }).waitFor();
  // Another filter: the view says that it is changed.
  const bar = page.getByRole('textbox', { name: 'Search and filter Assets' });
  await bar.fill('manufacturer:HP');
  await bar.press('Enter');
  await page.getByRole('button', { name: /^View: Our pool\s*changed$/ }).waitFor();

  const password = 'looks but never touches';
  await post('/users', { name: 'Aude Itor', email: 'aude@example.org', password, roles: [{ role: 'auditor', scope: { kind: 'all' } }] });
  const other = await visit(browser);
  await signIn(other.page, server.url, 'aude@example.org', password);
  await other.page.goto(`${server.url}/assets`);
  await other.page.getByRole('button', { name: 'Views' }).click();
  await other.page.getByRole('menuitem', { name: 'Our pool' }).click();
  await other.page.waitForURL((url) => url.searchParams.get('filter') === 'manufacturer:Dell');
  await other.page.getByRole('link', { name: 'pool-6' }).waitFor();
  expect(other.errors).toEqual([]);
  await other.context.close();
});

it('edits a cell in place, keeps what is refused with the reason, and takes the change back', async () => {
  await page.goto(`${server.url}/assets?filter=name:pool-1&columns=name,tag,manufacturer`);
  const row = page.getByRole('row').filter({ hasText: 'pool-1' });
  await row.getByText('Dell').dblclick();
  await page.getByRole('textbox', { name: 'Manufacturer' }).fill('Lenovo');
  await page.getByRole('textbox', { name: 'Manufacturer' }).press('Enter');
  await row.getByText('Lenovo').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('Lenovo').waitFor({ state: 'detached' });
  await post('/assets', { class: 'laptop', name: 'other', tag: 'T-1' });
  await row.locator('td[data-editable=tag]').dblclick();
  await page.getByRole('textbox', { name: 'Asset tag' }).fill('T-1');
  await page.getByRole('textbox', { name: 'Asset tag' }).press('Enter');
  await page.getByText('Another asset has this tag.').waitFor();
  await page.getByRole('textbox', { name: 'Asset tag' }).press('Escape');
  await page.getByText('Another asset has this tag.').waitFor({ state: 'detached' });
});

it('gives keywords to many assets, takes them back, and completes and removes one on the page of an asset', async () => {
  await page.goto(`${server.url}/assets?filter=name:pool-*&columns=name,keyword`);
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).click();
  await page.getByRole('button', { name: 'Keywords' }).click();
  const dialog = page.getByRole('dialog');
  const add = dialog.getByLabel('Add', { exact: true }).first();
  await add.fill('loan pool');
  await add.press('Enter');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await page.waitForURL(/\/bulk-changes\//);
  await page.getByRole('button', { name: 'Apply to 7' }).click();
  await page.getByText('7 changed').waitFor();
  await page.goto(`${server.url}/assets?filter=keyword:%22loan%20pool%22&columns=name,keyword`);
  await page.getByRole('row').filter({ hasText: 'pool-2' }).getByText('loan pool').waitFor();

  await page.getByRole('link', { name: 'pool-2' }).click();
  await page.getByRole('button', { name: 'Take off loan pool' }).click();
  await page.getByRole('link', { name: 'loan pool' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add keyword' }).click();
  await page
    .getByRole('combobox', { name: 'New keyword' })
    .or(page.getByRole('textbox', { name: 'New keyword' }))
    .first()
    .fill('loan');
  await page.getByRole('option', { name: 'loan pool' }).click();
  await page.getByRole('link', { name: 'loan pool' }).waitFor();

  await page.goto(`${server.url}/keywords`);
  const row = page.getByRole('row').filter({ hasText: 'loan pool' });
  await row.getByRole('link', { name: '7' }).waitFor();
  await row.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('loan pool is taken off 7 assets and deleted.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No keywords yet').waitFor();
  expect(ada.errors).toEqual([]);
});

it('attaches a picture, says why a web page is refused, and keeps what a note said before', async () => {
  const { items } = await api<{ items: { id: string }[] }>(server, '/assets?filter=name:pool-3');
  await page.goto(`${server.url}/assets/${items[0]!.id}?tab=files`);
  await page.getByText('No files yet.').waitFor();
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');
  await page.locator('input[type=file]').setInputFiles([
    { name: 'desk.png', mimeType: 'image/png', buffer: png },
    { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<!doctype html><script>alert(1)</script>') },
  ]);
  await page.getByRole('alert').filter({ hasText: 'page.html' }).waitFor();
  const picture = page.getByRole('img', { name: 'desk.png' });
  await picture.waitFor();
  await until(
    'the picture is drawn',
    async () => await picture.evaluate((node) => (node as HTMLImageElement).naturalWidth),
    (width) => width > 0,
  );
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'desk.png' }).click()]);
  expect(download.suggestedFilename()).toBe('desk.png');

  await page.getByRole('textbox', { name: 'New note' }).fill('The lid is loose');
  await page.getByRole('button', { name: 'Write note' }).click();
  const note = page.getByRole('listitem').filter({ hasText: 'The lid is loose' });
  await note.getByText('edited by').waitFor({ state: 'detached' });
  await note.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Edit note' }).fill('The lid was loose');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The lid was loose', { exact: true }).waitFor();
  await page.getByText('What it said before (1)').click();
  await page.getByText('The lid is loose', { exact: true }).waitFor();
  await page.getByRole('listitem').filter({ has: picture }).getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No files yet.').waitFor();
  expect(ada.errors).toEqual([]);
});

it('finds two records of one thing, merges them with a reason, and the survivor has what both had', async () => {
  await post('/assets', { class: 'laptop', name: 'entered twice', tag: 'DUP-77', serial: '9KD-77X2' });
  await post('/assets', { class: 'laptop', name: 'entered again', serial: '9kd77x2', manufacturer: 'Lenovo' });
  await page.goto(`${server.url}/duplicates`);
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByRole('link', { name: /^9kd-?77x2$/i }).click();
  await page.getByRole('button', { name: 'Merge into this: entered twice' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('checkbox', { name: 'entered again' }).isChecked()).toBe(true);
  await dialog.getByRole('textbox', { name: 'Why' }).fill('The same laptop');
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
  await page.waitForURL(/\/assets\/.*tab=identity/);
  await page.getByText('The same laptop').waitFor();
  await page
    .getByText(/Lenovo/)
    .first()
    .waitFor();
  await page.goto(`${server.url}/duplicates`);
  await page.getByText('No possible duplicates').waitFor();
  expect(ada.errors).toEqual([]);
});
