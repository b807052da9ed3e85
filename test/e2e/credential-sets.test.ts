import { createCredentialSet, type CredentialSetDetail, getCredentialSet } from '@muster/api/scans';
import { createClient } from '@muster/api/client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
pictureOnFailure(() => ada?.page);
beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  browser = await launch();
  ada = await visit(browser);
  await signIn(ada.page, server.url, server.adminEmail, server.adminPassword);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

it('a credential set is edited without its secrets: what is left empty stays, and nothing secret reaches the browser', async () => {
  const { page } = ada;
  const call = createClient({ baseUrl: server.url, token: server.token });
  const secret = { kind: 'ssh', userName: 'scan', password: 'the-secret-password', port: 22 } as const;
  const { data: made } = await call(createCredentialSet, { body: { name: 'Unix', secret } });
  const read = async (): Promise<CredentialSetDetail> => (await call(getCredentialSet, { params: { id: made.id } })).data;
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/')) bodies.push(response.text().catch(() => ''));
  });
  await page.goto(`${server.url}/credential-sets`);
  const edit = page.getByRole('button', { name: 'Edit Unix' });
  const dialog = page.getByRole('dialog');
  await edit.click();
  expect(await dialog.getByRole('textbox', { name: 'User name' }).inputValue()).toBe('scan');
  expect(await dialog.getByLabel('Password', { exact: true }).inputValue()).toBe('');
  await dialog.getByRole('textbox', { name: 'User name' }).fill('scanner');
  await dialog.getByRole('textbox', { name: 'Port' }).fill('2222');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await read()).toMatchObject({ userName: 'scanner', protection: 'password', settings: { port: 2222, holds: ['password'] } });

  // A second time: with the version of the first change, and faults at their inputs.
  await edit.click();
  await dialog.getByRole('textbox', { name: 'Private key' }).fill('no key');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Paste the whole private key').waitFor();
  await dialog.getByRole('textbox', { name: 'Private key' }).fill('');
  await dialog.getByLabel('Password', { exact: true }).fill('the-secret-other');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await until('the second change is there', read, (set) => set.version === 3);
  expect((await Promise.all(bodies)).join('')).not.toContain('the-secret');
  expect(ada.errors).toEqual([]);
});
