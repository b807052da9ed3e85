import axe, { type Result, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

type Rules = NonNullable<RunOptions['runOnly']>;

/** The rules that a page must keep: WCAG 2.2, levels A and AA. */
export const wcag: Rules = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
/** In the other theme the document is the same: only what depends on colour is looked at again. */
export const ofColour: Rules = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Puts axe into the page as it is loaded now. Once for several looks: reading the rules takes longer than most of them. */
export async function bringAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** What of the page breaks the rules, apart from what matches `except`. The page has axe from `bringAxe`. */
export async function violationsIn(page: Page, runOnly: Rules, except: readonly string[] = []): Promise<Result[]> {
  return await page.evaluate(
    async ({ exclude, options }) => (await (globalThis as unknown as { axe: typeof axe }).axe.run({ exclude }, options)).violations,
    { exclude: except.map((part) => [part]), options: { runOnly, resultTypes: ['violations'], iframes: false } satisfies RunOptions },
  );
}
