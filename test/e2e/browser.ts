import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterEach } from 'vitest';
import { root, type RunningServer } from '../running-server.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Headless as root, without anything that talks to the world. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where a failed test leaves what the browser showed. */
const failures = join(root, '.cache/e2e');

/** How long anything may take to appear. Generous: the machine may be busy; a test never waits when it is there. */
export const patienceMs = 60_000;

/** Says what is missing before anything is started, instead of failing on an empty page. */
export function requireBuiltWeb(): void {
  if (!existsSync(join(root, 'packages/web/dist/index.html'))) throw new Error('The web UI is not built. Run: npm run build');
  if (!existsSync(executablePath))
    throw new Error(
      `There is no Chromium at ${executablePath}. Run: sudo apt-get install --no-install-recommends chromium (or set CHROMIUM)`,
    );
}

export async function launch(): Promise<Browser> {
  return await chromium.launch({ executablePath, args });
}

/** A fresh browser profile and what went wrong in it: errors of scripts and refusals of the content security policy. */
export interface Visit {
  context: BrowserContext;
  page: Page;
  errors: string[];
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    // The browser itself logs every answer of 4xx; those that matter are asserted where they are shown.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) errors.push(`${page.url()}: ${message.text()}`);
  });
  return { context, page, errors };
}

/** The two sizes that a journey is made at. */
export const atBothSizes = ['desktop', 'phone'] as const;

/** What a phone shows and takes: narrow, with a finger. */
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true };

/**
 * Makes a journey at one of the sizes: at the desktop with the visit at hand, on a phone with one of its own, signed in as the same
 * person. `use` is told whose page it is; on a phone nothing may be wider than the screen in the end.
 */
export async function atSize(
  size: (typeof atBothSizes)[number],
  { browser, server, desktop, use }: { browser: Browser; server: RunningServer; desktop: Visit; use: (page: Page) => void },
  journey: (own: Visit) => Promise<void>,
): Promise<void> {
  if (size === 'desktop') return journey(desktop);
  const own = await visit(browser, { ...phone, acceptDownloads: true });
  try {
    use(own.page);
    await signIn(own.page, server.url, server.adminEmail, server.adminPassword);
    await journey(own);
    const wider = await own.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) throw new Error(`${own.page.url()} is ${wider} px wider than the phone`);
  } catch (error) {
    await picture(own.page, 'on-a-phone');
    throw error;
  } finally {
    await own.context.close();
    use(desktop.page);
  }
}

export async function signIn(page: Page, base: string, email: string, password: string): Promise<void> {
  await page.goto(`${base}/sign-in`);
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .or(page.getByRole('button', { name: 'Open the navigation' }))
    .first()
    .waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  await mkdir(failures, { recursive: true });
  const path = join(failures, `${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}.png`);
  await page.screenshot({ path }).catch(() => undefined);
  console.error(`${name}: failed at ${page.url()}, see ${path}`);
}

/** Leaves a picture and the address of the page when a test fails. */
export function pictureOnFailure(current: () => Page | undefined): void {
  afterEach(async ({ task }) => {
    const page = current();
    if (task.result?.state !== 'fail' || !page || page.isClosed()) return;
    await picture(page, task.name);
  });
}

/** Runs `muster seed` as a person would; resolves to what it printed. */
export async function seed(server: RunningServer, devices: number): Promise<string> {
  const program = join(root, 'packages/cli/src/main.ts');
  const child = spawn(join(root, 'node_modules/.bin/node'), [program, 'seed', '--devices', String(devices), '--url', server.url], {
    cwd: root,
    env: { ...process.env, MUSTER_API_TOKEN: server.token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`muster seed ended with ${code}:\n${output}`);
  return output;
}

/** One change by the API with the server's token: what a journey starts from. */
export async function apiSend<T = { id: string }>(
  server: RunningServer,
  method: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** One answer of the API with the server's token: to know what the page must show, never instead of the page. */
export async function api<T>(server: RunningServer, path: string): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${server.token}` } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
