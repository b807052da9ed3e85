/**
 * Takes a picture of every page that axe looks at, in both themes and both sizes, and reports what the console said and what is too wide.
 *   node test/e2e/screenshots.ts <base URL> <output folder> [--only=asset,kits]
 * Signs in with MUSTER_ADMIN_EMAIL and MUSTER_ADMIN_PASSWORD. A page whose record the server does not have is left out, and said.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { pages, settled, sizes } from './axe-pages.ts';
import { launch, signIn, visit } from './browser.ts';

const [base = 'http://127.0.0.1:3000', folder = 'screenshots', ...flags] = process.argv.slice(2);
const only = flags
  .find((f) => f.startsWith('--only='))
  ?.slice(7)
  .split(',');
const email = process.env['MUSTER_ADMIN_EMAIL'] ?? 'admin@example.org';
const password = process.env['MUSTER_ADMIN_PASSWORD'] ?? '';
const chosen = pages.filter(({ name }) => !only || only.some((one) => name.startsWith(one)));

/** The address with the first record of its list in it; null when there is none. */
async function addressOf(context: BrowserContext, path: string, list: string | undefined): Promise<string | null> {
  if (!list) return path;
  const answer = await context.request.get(`${base}/api/v1${list}${list.includes('?') ? '&' : '?'}limit=1`);
  if (!answer.ok()) return null;
  const { items } = (await answer.json()) as { items: { id?: string | number }[] };
  return items[0]?.id === undefined ? null : path.replace(':id', String(items[0].id));
}

await mkdir(folder, { recursive: true });
const browser = await launch();
let problems = 0;
const problem = (text: string): void => {
  problems += 1;
  console.log(text);
};
try {
  for (const [size, viewport] of Object.entries(sizes))
    for (const colorScheme of ['light', 'dark'] as const) {
      const { context, page, errors } = await visit(browser, { viewport, colorScheme });
      await signIn(page, base, email, password);
      for (const { name, path, list, act } of chosen) {
        const address = await addressOf(context, path, list);
        if (address === null) {
          console.log(`left out ${name}: there is no such record`);
          continue;
        }
        const where = `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.${size}.${colorScheme}`;
        try {
          await page.goto(base + address);
          await settled(page);
          await act?.(page);
          await settled(page);
        } catch (error) {
          problem(`not shown ${where}: ${error instanceof Error ? error.message : String(error)}`);
        }
        await page.screenshot({ path: join(folder, `${where}.png`) });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) problem(`${where}: ${overflow} px wider than the screen`);
      }
      for (const error of errors) problem(error);
      await context.close();
    }
} finally {
  await browser.close();
}
console.log(problems === 0 ? 'No problems found.' : `${problems} problems found.`);
process.exitCode = problems === 0 ? 0 : 1;
