import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { api, apiSend, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

/** The machine may be busy with other tests. */
const longMs = 120_000;

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
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

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');

/** Chooses from the list that opens under a field. */
async function choose(field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field, exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: option, exact: true }).click();
  await page.keyboard.press('Escape');
}

it('draws a sub-state and a transition that needs a reason, and uses them on an asset', async () => {
  await page.getByRole('link', { name: 'Lifecycle' }).click();
  await page.getByRole('heading', { level: 1, name: 'Lifecycle' }).waitFor();
  expect(await button('Save the lifecycle').isDisabled()).toBe(true);

  await choose('State', 'In maintenance');
  await page.getByRole('textbox', { name: 'Sub-state', exact: true }).fill('At the vendor');
  await button('Add sub-state').click();
  // Nothing leads there yet, which is said while it is drawn.
  await page.getByText('No transition leads to in maintenance (at the vendor).').first().waitFor({ timeout: longMs });
  expect(await button('Save the lifecycle').isDisabled()).toBe(true);

  // By keyboard: a state of the drawing, then a transition of it.
  await button('In use').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Transitions of In use' }).waitFor();
  await button('New transition').click();
  await page.getByRole('textbox', { name: 'Label', exact: true }).fill('Send to the vendor');
  await choose('To', 'In maintenance · At the vendor');
  await choose('The form asks for', 'Reason');
  await choose('Of these must be given', 'Reason');
  await page.getByText('No transition leads to in maintenance (at the vendor).').first().waitFor({ state: 'hidden', timeout: longMs });
  await button('Save the lifecycle').click();
  await page.getByText(/^How assets move.*Version 1, changed by/).waitFor({ timeout: longMs });

  await page.goto(`${server.url}/assets/new`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('lifecycle-e2e');
  await choose('Class', 'Laptop');
  await choose('State', 'In use');
  await page
    .locator('form')
    .getByRole('button', { name: /^(Create|Save|Enter|Add)/ })
    .click();
  await page.getByRole('heading', { level: 1, name: 'lifecycle-e2e' }).waitFor({ timeout: longMs });

  await button('More').click();
  await page.getByRole('menuitem', { name: 'Send to the vendor' }).click();
  await dialog().getByRole('button', { name: 'Send to the vendor' }).click();
  await dialog().getByText('This is needed').waitFor();
  await dialog().getByRole('textbox', { name: 'Reason' }).fill('Fan is loud');
  await dialog().getByRole('button', { name: 'Send to the vendor' }).click();
  await dialog().waitFor({ state: 'hidden', timeout: longMs });
  await page.getByText('In maintenance · At the vendor').first().waitFor({ timeout: longMs });

  const { items } = await api<{ items: { id: string; substate: string }[] }>(server, '/assets?filter=name:lifecycle-e2e&fields=substate');
  expect(items[0]?.substate).toBe('at_the_vendor');
  const states = await api<{ items: { reason: string | null; transition: { label: string } | null }[] }>(
    server,
    `/assets/${items[0]?.id}/states`,
  );
  expect(states.items[0]).toMatchObject({ reason: 'Fan is loud', transition: { label: 'Send to the vendor' } });
  expect(ada.errors).toEqual([]);
});

it('plans a transition for a later day, lists it and cancels it', async () => {
  await button('More').click();
  await page.getByRole('menuitem', { name: 'Retire', exact: true }).click();
  await dialog().getByRole('switch', { name: 'Plan it for a later day' }).click();
  await dialog().getByRole('textbox', { name: 'Day' }).fill('2099-12-31');
  await dialog().getByRole('button', { name: 'Plan it' }).click();
  await dialog().waitFor({ state: 'hidden', timeout: longMs });
  await page.getByRole('link', { name: 'Planned' }).click();
  await page.getByRole('row').filter({ hasText: 'lifecycle-e2e' }).getByRole('button', { name: 'Cancel it' }).click();
  await dialog().getByRole('button', { name: 'Cancel it' }).click();
  await page.getByRole('row').filter({ hasText: 'lifecycle-e2e' }).getByText('Cancelled').waitFor({ timeout: longMs });
});

it('sets the mail server, sees its real answer, subscribes, and finds the bell ringing and the mail sent', async () => {
  const subjects: string[] = [];
  let refuse = true;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, callback) =>
      refuse ? callback(Object.assign(new Error('5.7.1 Relaying denied'), { responseCode: 550 })) : callback(),
    onData: (stream, _session, callback) => {
      let raw = '';
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString()));
      stream.on('end', () => {
        subjects.push(/^Subject: (.*)$/m.exec(raw)?.[1]?.trim() ?? '');
        callback(null, 'OK: taken');
      });
    },
  });
  await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', () => done()));
  try {
    await page.getByRole('link', { name: 'Mail', exact: true }).click();
    await page.getByRole('textbox', { name: 'Mail server' }).fill('127.0.0.1');
    await page.getByRole('textbox', { name: 'Port' }).fill(String((smtp.server.address() as AddressInfo).port));
    await choose('Encryption', 'None');
    await page.getByRole('textbox', { name: 'From address' }).fill('assets@example.org');
    await button('Save').click();
    await button('Send a test mail').click();
    await page.getByText('Answer: 550 5.7.1 Relaying denied').waitFor({ timeout: longMs });
    refuse = false;
    await button('Send a test mail').click();
    await page.getByText('Answer: 250 OK: taken').waitFor({ timeout: longMs });

    const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    const asset = await apiSend(server, 'POST', '/assets', { class: 'laptop', name: 'warranty-e2e', warrantyEndsOn: day });
    await button('Notifications').click();
    await page.getByRole('link', { name: 'Choose what you are told of' }).first().click();
    await page.getByRole('checkbox', { name: 'By mail' }).check();
    await button('Subscribe').click();
    await button('End the subscription to Warranty ends').waitFor({ timeout: longMs });
    await until(
      'the bell has one',
      async () => {
        await page.reload();
        await page.getByRole('heading', { level: 1 }).waitFor();
        return await button('Notifications, 1 unread').isVisible();
      },
      (visible) => visible,
      longMs,
    );
    await button('Notifications, 1 unread').click();
    await page.getByRole('link', { name: `The warranty of warranty-e2e ends on ${day}.` }).click();
    await page.waitForURL(`**/assets/${asset.id}`, { timeout: longMs });
    await button('Notifications').waitFor({ timeout: longMs });

    // The clock sends every minute.
    await until(
      'the mail is there',
      async () => subjects.length,
      (received) => received >= 2,
      2 * longMs,
    );
    expect(subjects[1]).toBe(`The warranty of warranty-e2e ends on ${day}.`);
    expect(ada.errors).toEqual([]);
  } finally {
    await new Promise<void>((done) => smtp.close(() => done()));
  }
});

it('gives a transition actions with their parameters, and finds the task that it adds', async () => {
  await page.goto(`${server.url}/lifecycle`);
  await page.getByText('Table', { exact: true }).click();
  await button('Edit Report lost').click();
  await choose('Then do', 'Add a task');
  const task = page.getByRole('group', { name: 'For “Add a task”' });
  await page.getByText('“Add a task” needs: Task.').first().waitFor({ timeout: longMs });
  await task.getByRole('textbox', { name: 'Task' }).fill('Call the police');
  await page.getByText('“Add a task” needs: Task.').first().waitFor({ state: 'hidden', timeout: longMs });
  await button('Save the lifecycle').click();
  await page.getByText(/Version 2, changed by/).waitFor({ timeout: longMs });

  const asset = await apiSend(server, 'POST', '/assets', { class: 'laptop', name: 'task-e2e', state: 'in_use' });
  await apiSend(server, 'POST', `/assets/${asset.id}/transition`, { transition: 'report_lost' });
  await page.getByRole('link', { name: 'Tasks' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Call the police' });
  await row.getByRole('button', { name: 'Done' }).click();
  await row.getByRole('button', { name: 'Open again' }).waitFor({ timeout: longMs });
  expect(ada.errors).toEqual([]);
});
