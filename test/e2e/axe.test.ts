import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { bringAxe, ofColour, violationsIn, wcag } from './axe.ts';
import { fillForLooking } from './axe-data.ts';
import { emptyPages, type Looked, pages, settled, sizes } from './axe-pages.ts';
import { api, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

const administrator = { name: 'Ada Lovelace', email: 'ada.lovelace@example.org', password: 'an analytical engine 1843' };
type Size = keyof typeof sizes;

let server: RunningServer;
let browser: Browser;
const visits = {} as Record<Size, Visit>;

pictureOnFailure(() => visits.wide?.page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer({ env: { MUSTER_ADMIN_EMAIL: undefined, MUSTER_ADMIN_PASSWORD: undefined } });
  browser = await launch();
  for (const size of Object.keys(sizes) as Size[]) visits[size] = await visit(browser, { viewport: sizes[size], colorScheme: 'light' });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/**
 * Rows of a list are drawn by one component: all are looked at in the first pass, the first few in the others. So is the frame of the
 * page, which is the same everywhere: with every page in the first pass, on the start page in all.
 */
const frame = ['.sidebar', '.header'];
const repeated = ['.grid tbody tr:nth-child(n+8)', '.cards > li:nth-child(n+4)'];

/** What axe finds in the themes, and what is wider than the screen, one line each. */
async function problemsOf(page: Page, size: Size): Promise<string[]> {
  const problems: string[] = [];
  await bringAxe(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'));
    const again = size === 'phone' || colorScheme === 'dark';
    const exclude = again ? (new URL(page.url()).pathname === '/' ? repeated : [...repeated, ...frame]) : [];
    const violations = await violationsIn(page, colorScheme === 'light' ? wcag : ofColour, exclude);
    for (const { id, nodes } of violations)
      for (const node of nodes)
        problems.push(
          `${size} ${colorScheme}: ${id} at ${node.target.join(' ')}: ${[...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ')}`,
        );
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) problems.push(`${size}: ${overflow} px wider than the screen`);
  return problems;
}

/** Opens the page in both sizes at once and looks at it in both themes. */
async function look(path: string, act?: Looked['act']): Promise<string[]> {
  const found = await Promise.all(
    (Object.keys(sizes) as Size[]).map(async (size) => {
      const { page } = visits[size];
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(server.url + path);
      await settled(page);
      await act?.(page);
      await settled(page);
      return await problemsOf(page, size);
    }),
  );
  return found.flat();
}

describe('before anyone is signed in', () => {
  it('set-up', async () => {
    const printed = await until(
      'the set-up link is printed',
      async () => /\/setup\?token=\S+/.exec(server.output())?.[0] ?? null,
      (found) => found !== null,
    );
    expect(await look(printed!)).toEqual([]);
    expect(await look('/setup')).toEqual([]);
    expect(await look('/sign-in')).toEqual([]);
    const { page } = visits.wide;
    await page.goto(server.url + printed!);
    await page.getByRole('textbox', { name: 'Your name' }).fill(administrator.name);
    await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(administrator.password);
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await page.getByRole('button', { name: `Account of ${administrator.name}` }).waitFor();
    expect(await look('/setup')).toEqual([]);
  });

  it('sign-in refused', async () => {
    const refuse = async (page: Page): Promise<void> => {
      await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
      await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    };
    expect(await look('/sign-in', refuse)).toEqual([]);
  });
});

describe('while nothing is there', () => {
  beforeAll(async () => {
    await Promise.all(
      Object.values(visits).map(async ({ page }) => await signIn(page, server.url, administrator.email, administrator.password)),
    );
  });

  it.for(emptyPages)('%s', async (path) => {
    expect(await look(path)).toEqual([]);
  });
});

describe('with data', () => {
  beforeAll(async () => {
    await fillForLooking(server);
  });

  it.for(pages)('$name', async ({ path, list, act }) => {
    let address = path;
    if (list) {
      const { items } = await api<{ items: { id: string | number }[] }>(server, `${list}${list.includes('?') ? '&' : '?'}limit=1`);
      expect(items.length, `${list} is empty`).toBe(1);
      address = path.replace(':id', String(items[0]!.id));
    }
    expect(await look(address, act)).toEqual([]);
  });

  it('leaves no error in the console', () => {
    expect(Object.values(visits).flatMap((one) => one.errors)).toEqual([]);
  });
});
