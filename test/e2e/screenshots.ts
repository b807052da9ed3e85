/**
 * Takes a picture of every page in both themes and both sizes, runs axe on each, and reports what the console said.
 *   node test/e2e/screenshots.ts <base URL> <output folder> [--only=assets,home] [--no-axe]
 * Signs in with MUSTER_ADMIN_EMAIL and MUSTER_ADMIN_PASSWORD; CHROMIUM is the browser (default /usr/bin/chromium).
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const [base = 'http://127.0.0.1:3000', folder = 'screenshots', ...flags] = process.argv.slice(2);
const only = flags
  .find((f) => f.startsWith('--only='))
  ?.slice(7)
  .split(',');
const withAxe = !flags.includes('--no-axe');
const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const schemes = ['light', 'dark'] as const;
const browserArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const email = process.env['MUSTER_ADMIN_EMAIL'] ?? 'admin@example.org';
const password = process.env['MUSTER_ADMIN_PASSWORD'] ?? '';

interface Shot {
  name: string;
  path: string;
  /** What to do after the page is there, before the picture. */
  act?: (page: Page) => Promise<void>;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${base}/sign-in`);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('main').waitFor();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** The first record of a list, by the API, so that record pages can be shown too. */
async function firstId(context: BrowserContext, path: string): Promise<string | undefined> {
  const answer = await context.request.get(`${base}${path}${path.includes('?') ? '&' : '?'}limit=1&fields=id`);
  if (!answer.ok()) return undefined;
  const { items } = (await answer.json()) as { items: { id?: string | number }[] };
  return items[0]?.id === undefined ? undefined : String(items[0].id);
}

async function shotsOf(context: BrowserContext): Promise<Shot[]> {
  const shots: Shot[] = [
    { name: 'home', path: '/' },
    { name: 'notifications', path: '/notifications' },
    { name: 'notification-settings', path: '/notification-settings' },
    { name: 'mail-settings', path: '/mail-settings' },
    { name: 'mails', path: '/mails' },
    { name: 'tasks', path: '/tasks' },
    { name: 'assets', path: '/assets' },
    {
      name: 'assets-facets',
      path: '/assets?filter=os_family:linux',
      act: async (page) => await page.getByRole('button', { name: 'Facets' }).click(),
    },
    { name: 'assets-bad-filter', path: '/assets?filter=stat:in_use' },
    { name: 'asset-new', path: '/assets/new' },
    { name: 'products', path: '/products' },
    { name: 'installations', path: '/installations' },
    { name: 'evidence', path: '/evidence' },
    { name: 'unrecognised', path: '/unrecognised' },
    { name: 'rules', path: '/recognition-rules' },
    { name: 'entitlements', path: '/entitlements' },
    { name: 'entitlement-new', path: '/entitlements/new' },
    { name: 'positions', path: '/positions' },
    { name: 'reports', path: '/reports' },
    { name: 'observations', path: '/observations' },
    { name: 'sources', path: '/sources' },
    { name: 'enrolment-keys', path: '/enrolment-keys' },
    { name: 'jobs', path: '/jobs' },
    { name: 'people', path: '/people' },
    { name: 'person-new', path: '/people/new' },
    { name: 'users', path: '/users' },
    { name: 'tokens', path: '/tokens' },
    { name: 'audit-log', path: '/audit-log' },
    { name: 'account', path: '/account' },
    { name: 'not-found', path: '/nowhere' },
    {
      name: 'palette',
      path: '/',
      act: async (page) => {
        await page.keyboard.press('Control+k');
        await page.getByPlaceholder(/Find a tag/).waitFor();
      },
    },
    {
      name: 'keys',
      path: '/assets',
      act: async (page) => {
        await page.keyboard.press('?');
        await page.getByRole('dialog').waitFor();
      },
    },
  ];
  const records: [string, string, string, string[]][] = [
    [
      'asset',
      '/api/v1/assets?filter=os_family:windows',
      '/assets/',
      ['', '?tab=hardware', '?tab=software', '?tab=network', '?tab=timeline', '?tab=identity'],
    ],
    ['product', '/api/v1/products', '/products/', ['', '?tab=evidence', '?tab=licences']],
    ['evidence-one', '/api/v1/evidence', '/evidence/', ['']],
    ['entitlement', '/api/v1/entitlements', '/entitlements/', ['']],
    ['position', '/api/v1/positions', '/positions/', ['', '?tab=derivation', '?tab=demands']],
    ['report', '/api/v1/reports', '/reports/', ['']],
    ['job', '/api/v1/jobs', '/jobs/', ['']],
    ['person', '/api/v1/people', '/people/', ['']],
    ['user', '/api/v1/users', '/users/', ['']],
    ['audit-entry', '/api/v1/audit-log', '/audit-log/', ['']],
  ];
  for (const [name, list, page, tabs] of records) {
    const id = await firstId(context, list);
    if (id !== undefined) shots.push(...tabs.map((tab) => ({ name: `${name}${tab.replace('?tab=', '-')}`, path: `${page}${id}${tab}` })));
  }
  const asset = await firstId(context, '/api/v1/assets?filter=os_family:windows');
  const position = await firstId(context, '/api/v1/positions');
  const dialog = async (page: Page, button: string | RegExp): Promise<void> => {
    await page.getByRole('button', { name: button }).first().click();
    await page.getByRole('dialog').waitFor();
  };
  shots.push(
    { name: 'dialog-map', path: '/unrecognised', act: async (page) => await dialog(page, 'Map to a product') },
    { name: 'dialog-key', path: '/sources', act: async (page) => await dialog(page, 'Make a key') },
    { name: 'dialog-token', path: '/tokens', act: async (page) => await dialog(page, 'Make a token') },
    { name: 'dialog-user', path: '/users', act: async (page) => await dialog(page, 'New user') },
  );
  if (asset) {
    shots.push(
      { name: 'dialog-transition', path: `/assets/${asset}`, act: async (page) => await dialog(page, 'Assign') },
      { name: 'dialog-edit', path: `/assets/${asset}`, act: async (page) => await dialog(page, 'Edit Asset tag') },
      { name: 'dialog-why', path: `/assets/${asset}?tab=software`, act: async (page) => await dialog(page, /^Why/) },
      {
        name: 'provenance',
        path: `/assets/${asset}`,
        act: async (page) => {
          await page.locator('.provenance-source').first().focus();
          await page.getByText(/^From /).waitFor();
        },
      },
    );
  }
  if (position)
    shots.push({
      name: 'position-tree',
      path: `/positions/${position}?tab=derivation`,
      act: async (page) => {
        await page.getByText('Tree', { exact: true }).click();
        await page.getByRole('tree').waitFor();
      },
    });
  return shots.filter((shot) => !only || only.some((o) => shot.name.startsWith(o)));
}

/** Until nothing is being loaded: in words, not in time. */
async function settle(page: Page): Promise<void> {
  await page.locator('h1, [role=alert]').first().waitFor({ timeout: 15_000 });
  await page
    .waitForFunction(
      () => document.querySelector('[aria-busy=true], [data-loading], .mantine-Skeleton-root, .chart-area:empty') === null,
      undefined,
      {
        timeout: 15_000,
      },
    )
    .catch(() => undefined);
}

async function axe(page: Page, name: string): Promise<number> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  for (const v of violations)
    console.log(
      `axe ${name}: ${v.id} (${v.impact}) ${v.nodes
        .slice(0, 3)
        .map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`)
        .join(' | ')}`,
    );
  return violations.length;
}

async function run(browser: Browser): Promise<number> {
  let problems = 0;
  await mkdir(folder, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const scheme of schemes) {
      const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB' });
      const page = await context.newPage();
      let where = 'sign-in';
      page.on('console', (message) => {
        // A refused filter answers 400 and a missing record 404: the browser logs those by itself.
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) {
          problems += 1;
          console.log(`console ${where}: ${message.text()}`);
        }
      });
      page.on('pageerror', (error) => {
        problems += 1;
        console.log(`error ${where}: ${error.message}`);
      });
      await page.goto(`${base}/sign-in`);
      await settle(page);
      if (!only) {
        await page.screenshot({ path: join(folder, `sign-in.${size}.${scheme}.png`) });
        if (withAxe) problems += await axe(page, `sign-in ${size} ${scheme}`);
      }
      await signIn(page);
      for (const shot of await shotsOf(context)) {
        where = `${shot.name} ${size} ${scheme}`;
        try {
          await page.goto(base + shot.path);
          await settle(page);
          await shot.act?.(page);
          await settle(page);
        } catch (error) {
          problems += 1;
          console.log(`not shown ${where}: ${error instanceof Error ? error.message : String(error)}`);
        }
        await page.screenshot({ path: join(folder, `${shot.name}.${size}.${scheme}.png`) });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) {
          problems += 1;
          console.log(`overflow ${where}: ${overflow} px wider than the screen`);
        }
        if (withAxe) problems += await axe(page, where);
      }
      await context.close();
    }
  }
  return problems;
}

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: browserArgs });
try {
  const problems = await run(browser);
  console.log(problems === 0 ? 'No problems found.' : `${problems} problems found.`);
  process.exitCode = problems === 0 ? 0 : 1;
} finally {
  await browser.close();
}
