import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../running-server.ts';
import { api, apiSend, launch, pictureOnFailure, requireBuiltWeb, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let phone: Visit;

pictureOnFailure(() => phone?.page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  browser = await launch();
  // Nobody is signed in on it.
  phone = await visit(browser, { viewport: { width: 390, height: 844 } });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

it('a signed link shows one document in its language, takes one signature, and is used up by it', async () => {
  const grace = await apiSend(server, 'POST', '/people', { name: 'Grace Hopper' });
  const laptop = await apiSend(server, 'POST', '/assets', { class: 'laptop', name: 'lap-7', serial: 'S-7' });
  await apiSend(server, 'POST', '/custody/check-out', { assets: [laptop.id], holder: { kind: 'person', id: grace.id } });
  const made = await apiSend(server, 'POST', '/handover-documents', { personId: grace.id, language: 'de' });
  const link = await apiSend<{ url: string }>(server, 'POST', `/handover-documents/${made.id}/links`, {});
  const { page } = phone;
  const path = new URL(link.url).pathname;
  await page.goto(server.url + path);
  await page.getByText(/lap-7 · .*S-7/).waitFor();
  await page.getByRole('button', { name: 'Annehmen und unterschreiben' }).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).setLegacyMode().analyze();
    expect(violations.map((v) => v.id)).toEqual([]);
  }
  await page.getByRole('button', { name: 'Annehmen und unterschreiben' }).click();
  await page.locator('[aria-invalid=true]').waitFor();
  await page.getByRole('textbox', { name: 'Ihr Name' }).fill('Grace Hopper');
  await page.getByRole('button', { name: 'Annehmen und unterschreiben' }).click();
  await page.getByText('Danke, es ist angenommen.').waitFor();
  expect(await api(server, `/handover-documents/${made.id}`)).toMatchObject({
    state: 'accepted',
    signature: { kind: 'typed', name: 'Grace Hopper' },
  });
  await page.goto(server.url + path);
  await page.getByRole('alert').getByText('This link was used, has run out or was replaced. Ask for a new one.').waitFor();
  expect(phone.errors).toEqual([]);
});
