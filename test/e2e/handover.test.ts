import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../running-server.ts';
import { bringAxe, violationsIn, wcag } from './axe.ts';
import { api, apiSend, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

const administrator = { email: 'ada.lovelace@example.org', password: 'an analytical engine 1843' };
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

let server: RunningServer;
let browser: Browser;
let phone: Visit;

let shown: Visit;

pictureOnFailure(() => shown?.page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer({ env: { MUSTER_ADMIN_EMAIL: administrator.email, MUSTER_ADMIN_PASSWORD: administrator.password } });
  browser = await launch();
  // Nobody is signed in on it.
  phone = await visit(browser, { viewport: sizes.phone });
  shown = phone;
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
  await bringAxe(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = await violationsIn(page, wcag);
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

it.for(['desktop', 'phone'] as const)('onboards a person with a kit and one signature: %s', async (size) => {
  const starter = await apiSend(server, 'POST', '/people', { name: `Starter ${size}` });
  const model = `Starter 15 ${size}`;
  const laptop = await apiSend(server, 'POST', '/assets', {
    class: 'laptop',
    model,
    name: `nb-${size}-1`,
    tag: `NB-${size}-1`,
    state: 'in_stock',
  });
  const scanned = await apiSend(server, 'POST', '/assets', {
    class: 'laptop',
    model,
    name: `nb-${size}-2`,
    tag: `NB-${size}-2`,
    state: 'in_stock',
  });
  const ada = await visit(browser, { viewport: sizes[size] });
  shown = ada;
  const { page } = ada;
  await signIn(page, server.url, administrator.email, administrator.password);

  await page.goto(`${server.url}/kits/new`);
  await page.getByRole('textbox', { name: 'Name' }).fill(`First day ${size}`);
  await page.getByRole('group', { name: 'Line 1' }).getByRole('textbox', { name: 'Model' }).fill(model);
  await page.getByRole('button', { name: 'Add a line' }).click();
  await page.getByRole('group', { name: 'Line 2' }).getByRole('textbox', { name: 'Model' }).fill('Nobody has it');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Stock lacks something for it').waitFor();

  await page.goto(`${server.url}/people/${starter.id}`);
  await page.getByRole('button', { name: 'Give a kit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Kit' }).fill(`First day ${size}`);
  await page.getByRole('option', { name: `First day ${size}` }).click();
  await dialog.getByText('1 × Nobody has it is missing in stock.').waitFor();
  const place = dialog.getByRole('combobox', { name: `${model}, 1 of 1` });
  await expect.poll(async () => place.inputValue(), { timeout: 120_000 }).toContain(`NB-${size}-1`);
  await dialog.getByRole('textbox', { name: 'Scan or type a code' }).fill(`NB-${size}-2`);
  await page.keyboard.press('Enter');
  await expect.poll(async () => place.inputValue(), { timeout: 120_000 }).toContain(`NB-${size}-2`);
  await dialog.getByRole('button', { name: 'Give a kit' }).click();

  await page.getByRole('heading', { name: 'Sign on this device' }).waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill(`Starter ${size}`);
  const pad = page.getByRole('img', { name: 'Draw your signature (not required)' });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 15, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Accept and sign' }).click();
  await page.getByRole('img', { name: `Signature of Starter ${size}` }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1)!;
  expect(await api(server, `/handover-documents/${id}`)).toMatchObject({
    state: 'accepted',
    person: { id: starter.id },
    assets: [{ id: scanned.id }],
    signature: { kind: 'drawn', name: `Starter ${size}` },
  });
  expect(await api(server, `/assets/${laptop.id}`)).toMatchObject({ state: 'in_stock' });

  // One list of what the person has; it comes back from there.
  await page.goto(`${server.url}/people/${starter.id}`);
  await page.getByRole('checkbox', { name: `Choose nb-${size}-2` }).check();
  expect(await page.getByRole('heading', { name: 'Holds', exact: true }).count()).toBe(1);
  await page.getByRole('button', { name: 'Check in 1 chosen' }).click();
  await dialog.getByRole('button', { name: 'Check in', exact: true }).click();
  await page.getByRole('heading', { name: 'Held before', exact: true }).waitFor();
  expect(await api(server, `/assets/${scanned.id}`)).toMatchObject({ state: 'in_stock' });
  expect(ada.errors).toEqual([]);
});
