import { createAsset, getAsset, updateAsset } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import { Client } from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningEmbeddedUrl } from '../../packages/server/src/platform/db/embedded.ts';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { atSize, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

const administrator = { name: 'Ada Lovelace', email: 'ada.lovelace@example.org', password: 'an analytical engine 1843' };
const daysAgo = (n: number): string => new Date(Date.now() - n * 86_400_000).toISOString();

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
let id: string;

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer({
    env: { MUSTER_ADMIN_EMAIL: administrator.email, MUSTER_ADMIN_PASSWORD: administrator.password },
  });
  const call = createClient({ baseUrl: server.url, token: server.token });
  id = (await call(createAsset, { body: { class: 'laptop', name: 'pc-last-year', notes: 'bought for the fair' } })).data.id;
  await call(updateAsset, { params: { id }, ifMatch: '"1"', body: { name: 'pc-this-year', notes: 'in the store room' } });
  await longAgo();
  browser = await launch();
  ada = await visit(browser);
  page = ada.page;
  await signIn(page, server.url, administrator.email, administrator.password);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/** Moves what was just done into last year: entered 400 days ago, changed 100 days ago. */
async function longAgo(): Promise<void> {
  const db = new Client({ connectionString: process.env['DATABASE_URL'] ?? runningEmbeddedUrl(server.dataDir) ?? '' });
  await db.connect();
  await db.query('update asset_history_start set at = $1', [daysAgo(500)]);
  await db.query('update assets set created_at = $2, version_since = $3 where id = $1', [id, daysAgo(400), daysAgo(100)]);
  await db.query('update asset_history set created_at = $2, valid_from = $2, valid_to = $3 where asset_id = $1', [
    id,
    daysAgo(400),
    daysAgo(100),
  ]);
  await db.end();
}

describe('an asset as of last year', () => {
  it.each(['phone', 'desktop'] as const)(
    'is found in the list of that day under the name it had, with the day in the address, on a %s',
    async (size) => {
      const account = { ...server, adminEmail: administrator.email, adminPassword: administrator.password };
      await atSize(size, { browser, server: account, desktop: ada, use: (next) => (page = next) }, lookBack);
    },
  );

  async function lookBack(own: Visit): Promise<void> {
    await page.goto(`${server.url}/assets`);
    await page.getByRole('link', { name: 'pc-this-year' }).waitFor();
    await page.getByRole('button', { name: 'As of' }).click();
    await page.getByLabel('Show as it was at the end of').fill(daysAgo(200).slice(0, 10));
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('as_of') === daysAgo(200).slice(0, 10));
    await page.getByText(/^You look at /).waitFor();
    await page.getByRole('link', { name: 'pc-last-year' }).click();
    await page.getByRole('heading', { level: 1, name: 'pc-last-year' }).waitFor();
    await page.getByText('bought for the fair').waitFor();
    expect(await page.getByRole('button', { name: /^Edit / }).count()).toBe(0);
    expect(own.errors).toEqual([]);
  }

  it('leads back to today, where a field is restored from its history', async () => {
    await page.getByRole('button', { name: 'Back to today' }).click();
    await page.getByRole('heading', { level: 1, name: 'pc-this-year' }).waitFor();
    await page.getByRole('button', { name: 'History of Notes' }).click();
    await page.getByRole('button', { name: 'Restore bought for the fair' }).click();
    const call = createClient({ baseUrl: server.url, token: server.token });
    await until(
      'the notes are restored',
      async () => (await call(getAsset, { params: { id } })).data.notes,
      (notes) => notes === 'bought for the fair',
    );
    await page
      .getByRole('dialog')
      .getByText(/^since /)
      .waitFor();
  });

  it('says when it was entered, for a day before', async () => {
    await page.goto(`${server.url}/assets/${id}?as_of=${daysAgo(450).slice(0, 10)}`);
    await page.getByText(`This asset was entered on ${daysAgo(400).slice(0, 10)}`).waitFor();
  });
});
