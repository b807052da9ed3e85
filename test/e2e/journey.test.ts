import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { api, launch, patienceMs, pictureOnFailure, requireBuiltWeb, seed, signIn, visit, type Visit } from './browser.ts';

const administrator = { name: 'Ada Lovelace', email: 'ada.lovelace@example.org', password: 'an analytical engine 1843' };
const auditor = { name: 'Aude Itor', email: 'aude@example.org', password: 'looks but never touches' };
const purchaseReference = 'PO-E2E-4711';
/** Has no entitlement in the demo organisation, and needs one right for each device. */
const product = '1Password';

interface Listed<T> {
  items: T[];
  total: number | null;
}

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;

pictureOnFailure(() => page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer({ env: { MUSTER_ADMIN_EMAIL: undefined, MUSTER_ADMIN_PASSWORD: undefined } });
  browser = await launch();
  ada = await visit(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  page = ada.page;
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

const heading = (name: string | RegExp): Locator => page.getByRole('heading', { level: 1, name });
const link = (name: string | RegExp): Locator => page.getByRole('link', { name });
const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
const dialog = (): Locator => page.getByRole('dialog');
/** A row of the list shown, by what stands in it. */
const row = (text: string | RegExp): Locator => page.getByRole('row').filter({ hasText: text });
/** The value beside a label in a list of facts. */
const fact = (within: Page | Locator, label: string): Locator =>
  within
    .locator('dl > div')
    .filter({ has: page.getByRole('term').filter({ hasText: new RegExp(`^${label}$`) }) })
    .getByRole('definition');

/** A list filtered by typing, as a person does. */
async function filterBy(filter: string, plural: string): Promise<void> {
  const bar = page.getByRole('textbox', { name: `Search and filter ${plural}` });
  await bar.fill(filter);
  await bar.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('filter') === filter);
}

/** A figure of a position page: owned, required, covered, short, surplus. */
async function figures(on: Page): Promise<Record<string, number>> {
  const names = ['Owned', 'Required', 'Covered', 'Short', 'Surplus'];
  const values = await Promise.all(names.map(async (name) => await on.getByRole('link', { name: new RegExp(`^${name}: `) }).textContent()));
  return Object.fromEntries(names.map((name, i) => [name.toLowerCase(), Number(values[i]?.replaceAll(',', ''))]));
}

describe('from an empty server to an explained licence position', () => {
  it('makes the administrator with the one-time link that the server printed', async () => {
    const printed = await until(
      'the set-up link is printed',
      async () => /http:\S+\/setup\?token=\S+/.exec(server.output())?.[0] ?? null,
      (found) => found !== null,
    );
    await page.goto(server.url);
    await page.getByText('There is no administrator yet').waitFor();
    await page.goto(printed!);
    await heading('Set up Muster').waitFor();
    await page.getByRole('textbox', { name: 'Your name' }).fill(administrator.name);
    await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('short');
    await button('Create the administrator').click();
    // Too short a password is refused beside its field; what was typed stays.
    await page
      .getByText(/12 characters/)
      .nth(1)
      .waitFor();
    expect(await page.getByRole('textbox', { name: 'Your name' }).inputValue()).toBe(administrator.name);
    await page.getByRole('textbox', { name: 'Password' }).fill(administrator.password);
    await button('Create the administrator').click();
    await button(`Account of ${administrator.name}`).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    // The link worked once.
    await page.goto(printed!);
    await heading('The set-up is done').waitFor();
  });

  it('shows the ways in while nothing is there', async () => {
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Nothing is here yet. Bring your first machine in.' }).waitFor();
    for (const way of ['Point an agent here', 'Send an inventory file', 'Enter things by hand', 'Look around with a demo organisation'])
      await page.getByRole('heading', { name: way }).waitFor();
    await page.getByText('npm start -- --demo').waitFor();
  });

  it('makes an enrolment key and shows the configuration of each agent to copy', async () => {
    await button('Make an enrolment key').click();
    const key = (await page.getByLabel('Enrolment key', { exact: true }).textContent())?.trim() ?? '';
    expect(key.length).toBeGreaterThan(15);
    const configurations = [
      { agent: 'GLPI Agent', line: `server = ${server.url}/agent/${key}` },
      { agent: 'FusionInventory', line: `server = ${server.url}/agent/${key}` },
      { agent: 'OCS Inventory', line: `server=${server.url}/ocsinventory/${key}` },
    ];
    for (const { agent, line } of configurations) {
      await page.getByRole('tab', { name: agent }).click();
      const panel = page.getByRole('tabpanel', { name: agent });
      expect(await panel.getByLabel(`Configuration of ${agent}`).textContent()).toContain(line);
      await panel.getByRole('button', { name: 'Copy' }).click();
      await panel.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate(async () => await navigator.clipboard.readText())).toContain(line);
    }
    // The key is real: the server knows it from the copied address.
    expect((await fetch(`${server.url}/agent/${key}`, { method: 'POST', body: 'x' })).status).not.toBe(401);
    expect((await fetch(`${server.url}/agent/${key}-wrong`, { method: 'POST', body: 'x' })).status).toBe(401);
  });

  it('is filled by muster seed, and the start page follows', async () => {
    const output = await seed(server, 60);
    expect(output).toContain('Demo organisation ready: 60 machines');
    await until(
      'every position is computed',
      async () => await api<{ positions: number; pendingProducts: number }>(server, '/positions/freshness'),
      (fresh) => fresh.positions > 0 && fresh.pendingProducts === 0,
    );
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    await link(/licensable products? (is|are) in use without any entitlement/).waitFor();
    expect(await page.getByText('Nothing is here yet').count()).toBe(0);
  });

  it('finds a machine with the command palette', async () => {
    const laptops = await api<Listed<{ name: string; serial: string | null }>>(
      server,
      '/assets?filter=class:laptop%20os_family:windows&limit=1',
    );
    const { name } = laptops.items[0]!;
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/^Find a tag/).fill(name);
    await page.getByRole('dialog').getByText(name, { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await heading(name).waitFor();
  });

  it('refuses an unknown field of the filter and suggests the right one', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await heading('Assets').waitFor();
    await page.keyboard.press('/');
    // The key acts a moment later, when it was not the first of a scanner's: nobody types on before the caret is there.
    await page
      .locator('input:focus')
      .and(page.getByRole('textbox', { name: 'Search and filter assets' }))
      .waitFor();
    await page.keyboard.type('clas:laptop');
    await page.keyboard.press('Enter');
    const problem = page.getByRole('alert');
    await problem.getByText(/clas/).first().waitFor();
    await problem.getByRole('button', { name: 'class' }).click();
    await page.waitForURL((url) => url.searchParams.get('filter') === 'class:laptop');
    await row(/ThinkPad|EliteBook|Latitude|MacBook|Mac\d/)
      .first()
      .waitFor();
    expect(await problem.count()).toBe(0);
  });

  it('finds the laptops with the filter, and opens one of them', async () => {
    const expected = await api<Listed<{ name: string }>>(server, '/assets?filter=class:laptop&total=exact');
    await page.goto(`${server.url}/assets`);
    await filterBy('class:laptop', 'assets');
    await page.getByText(`${expected.total} assets`).waitFor();
    await filterBy('class:laptop os_family:windows', 'assets');
    const first = page.getByRole('row').nth(1).getByRole('link').first();
    await row('Laptop').first().waitFor();
    const name = (await first.textContent()) ?? '';
    await first.click();
    await heading(name).waitFor();
    await page.getByText(/Laptop · /).waitFor();
    // The list is where it was when going back.
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get('filter') === 'class:laptop os_family:windows');
    await page.goForward();
    await heading(name).waitFor();
  });

  it('says why a title is on the machine', async () => {
    await page.getByRole('tab', { name: /^Software/ }).click();
    await page.getByRole('textbox', { name: /^Search and filter/ }).fill('edge');
    await button(/^Why is Microsoft Edge/)
      .first()
      .click();
    await dialog().getByRole('heading', { name: 'As reported' }).waitFor();
    expect(await fact(dialog(), 'Reported by').textContent()).toMatch(/GLPI|FusionInventory|OCS/i);
    expect(await fact(dialog(), 'First seen').textContent()).toMatch(/now|ago|minute|day|month|year/);
    expect(await fact(dialog(), 'Name').textContent()).toContain('Edge');
    expect(await fact(dialog(), 'Product').textContent()).toContain('Edge');
    expect(await fact(dialog(), 'Rule').textContent()).toMatch(/\S{3,}/);
    await dialog().getByRole('heading', { name: 'How that was decided' }).waitFor();
    expect(await dialog().locator('ol.steps > li').count()).toBeGreaterThan(0);
    await dialog().getByRole('link', { name: 'Open this title' }).click();
    await heading(/Edge/).waitFor();
    await page.getByRole('heading', { name: 'How that was decided' }).waitFor();
    await page.goBack();
  });

  it('sets a value by hand and releases it again', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click();
    const serial = fact(page, 'Serial number');
    const reported = (await serial.locator('.provenance').textContent()) ?? '';
    await button('Edit Serial number').click();
    await dialog().getByRole('textbox', { name: 'Serial number' }).fill('E2E-0001');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await serial.getByText('by hand').waitFor();
    expect(await serial.textContent()).toContain('E2E-0001');
    // Its provenance names who set it, and what the agent says instead.
    await button('Where Serial number comes from').hover();
    await page.getByText(`Set by hand by ${administrator.name}`).waitFor();
    await page.mouse.move(0, 0);
    await page.getByText(`Set by hand by ${administrator.name}`).waitFor({ state: 'hidden' });
    // By keyboard as well.
    await button('Edit Model').focus();
    await page.keyboard.press('Tab');
    await page.getByText(`Set by hand by ${administrator.name}`).waitFor();
    await page.getByText('Other sources say').waitFor();
    await serial.getByRole('button', { name: 'Release' }).click();
    await serial.getByText('by hand').waitFor({ state: 'detached' });
    expect(await serial.locator('.provenance').textContent()).toBe(reported);
  });

  it('maps an unrecognised title to a product, where it then shows', async () => {
    const title = /northwind timesheet client/i;
    const waiting = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name: title }) });
    await page.goto(`${server.url}/unrecognised`);
    await waiting.getByRole('button', { name: 'Map to a product' }).click();
    await dialog().getByText('A new product').click();
    await dialog().getByRole('textbox', { name: 'Name of the product' }).fill('Northwind Timesheet');
    await dialog().getByRole('textbox', { name: 'Publisher' }).fill('Northwind Instruments IT');
    await dialog()
      .getByText(/^This maps 2 titles with \d+ installations/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Map to a product' }).click();
    await dialog().waitFor({ state: 'detached' });
    await until(
      'the titles are recognised',
      async () =>
        (await api<Listed<{ name: string }>>(server, '/products?filter=name:%22Northwind%20Timesheet%22%20installations%3E0')).items,
      (items) => items.length === 1,
    );
    await page.goto(`${server.url}/unrecognised`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    expect(await page.getByRole('heading', { level: 2, name: title }).count()).toBe(0);
    await page.goto(`${server.url}/products`);
    await filterBy('timesheet', 'products').catch(() => undefined);
    await link('Northwind Timesheet').click();
    await heading('Northwind Timesheet').waitFor();
    await page.getByRole('tab', { name: 'Evidence' }).click();
    await row('Northwind Timesheet Client').first().waitFor();
    // The evidence is as it was reported.
    await page.goto(`${server.url}/recognition-rules`);
    await row('Northwind Timesheet Client').first().waitFor();
  });

  it('enters an entitlement for an unlicensed product, and its position changes', async () => {
    await page.goto(`${server.url}/positions`);
    await filterBy(`status:unlicensed product:${product}`, 'positions');
    await row(product).getByRole('link', { name: product }).first().click();
    await heading(product).waitFor();
    const before = await figures(page);
    const required = before['required']!;
    expect(required).toBeGreaterThan(4);
    expect(before).toEqual({ owned: 0, required, covered: 0, short: required, surplus: 0 });
    const positionUrl = page.url();
    // Someone else watches the position while the entitlement is entered.
    const watcher = await ada.context.newPage();
    await watcher.goto(positionUrl);
    await watcher.getByRole('link', { name: `Short: ${required} devices` }).waitFor();

    await link('Open the product').click();
    await heading(product).waitFor();
    await button('New entitlement').click();
    await heading('New entitlement').waitFor();
    expect(
      await page
        .getByRole('combobox', { name: 'Product' })
        .or(page.getByRole('textbox', { name: 'Product' }))
        .first()
        .inputValue(),
    ).toBe(product);
    await page.getByRole('textbox', { name: 'Purchase reference' }).fill(purchaseReference);
    await button('Save').click();
    await page.getByText('A quantity, or tick “unlimited”').waitFor();
    const quantity = required - 4;
    await page.getByRole('textbox', { name: 'Quantity' }).fill(String(quantity));
    await page.getByRole('textbox', { name: 'Unit price' }).fill('49.90');
    await page.getByRole('textbox', { name: 'Currency' }).fill('EUR');
    await button('Save').click();
    await page.getByText(`${quantity} × `).waitFor();
    expect(await fact(page, 'Purchase reference').textContent()).toBe(purchaseReference);
    expect(await fact(page, 'Total price').textContent()).toContain((quantity * 49.9).toFixed(2));

    // The watching page follows by itself.
    await watcher.getByRole('link', { name: 'Short: 4 devices' }).waitFor({ timeout: 3 * patienceMs });
    expect(await figures(watcher)).toEqual({ owned: quantity, required, covered: quantity, short: 4, surplus: 0 });
    await watcher.close();
    await page.goto(positionUrl);
    await link(purchaseReference).first().waitFor();
    expect(await figures(page)).toEqual({ owned: quantity, required, covered: quantity, short: 4, surplus: 0 });
    await page.getByText('Short', { exact: true }).first().waitFor();
    // What would cure it: four more at the price last paid.
    await page
      .getByText(/199\.60/)
      .first()
      .waitFor();
  });

  it('explains the shortfall in sentences and as a tree, down to the purchase line and the installations', async () => {
    const position = page.url();
    await link('Why is Short this number?').click();
    await page.getByRole('tab', { name: 'Derivation', selected: true }).waitFor();
    await page.getByText('Evaluated again: agrees').waitFor();
    const sentences = page.locator('ol.sentences');
    await sentences.getByRole('link', { name: purchaseReference }).first().waitFor();
    // A machine, then the rights for its titles.
    await sentences.getByRole('button', { name: 'Why?' }).first().click();
    await sentences.getByRole('button', { name: 'Why?' }).first().click();
    await sentences
      .getByText(/installed title of it on/)
      .first()
      .waitFor();

    await page.getByText('Tree', { exact: true }).click();
    const tree = page.getByRole('tree');
    await tree.getByRole('treeitem').first().waitFor();
    const purchase = tree.getByRole('link', { name: purchaseReference }).first();
    for (let closed = tree.getByRole('button', { name: /^Open / }); (await closed.count()) > 0;) await closed.first().click();
    await tree.getByText('purchase line').first().waitFor();
    await tree.getByText('installation', { exact: true }).first().waitFor();
    const installation = tree
      .locator('.tree-row')
      .filter({ has: page.getByText('installation', { exact: true }) })
      .getByRole('link')
      .last();
    const machine = (await installation.textContent()) ?? '';
    await purchase.click();
    await page.waitForURL(/\/entitlements\/[0-9a-f-]+$/);
    expect(await fact(page, 'Purchase reference').textContent()).toBe(purchaseReference);

    await page.goBack();
    await page.getByText('Tree', { exact: true }).click();
    await tree.getByRole('link', { name: machine, exact: true }).first().click();
    await heading(machine).waitFor();
    await page.getByRole('tab', { name: /^Software/ }).click();
    await page.getByRole('textbox', { name: /^Search and filter/ }).fill(product);
    await button(new RegExp(`^Why is ${product}`))
      .first()
      .waitFor();
    // And every figure opens its rows.
    await page.goto(position);
    await link('Short: 4 devices').click();
    await page.getByRole('tab', { name: 'Demands', selected: true }).waitFor();
    await page.getByText(/^4 /).first().waitFor();
  });

  it('signs out, refuses a wrong password, and comes back to the page that was asked for', async () => {
    await button(`Account of ${administrator.name}`).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading('Sign in').waitFor();
    await page.goto(`${server.url}/positions?filter=status:short`);
    await heading('Sign in').waitFor();
    await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await button('Sign in').click();
    await page.getByRole('alert').getByText('E-mail or password is wrong').waitFor();
    expect(await page.getByRole('textbox', { name: 'E-mail' }).inputValue()).toBe(administrator.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(administrator.password);
    await button('Sign in').click();
    await heading('Positions').waitFor();
    expect(new URL(page.url()).searchParams.get('filter')).toBe('status:short');
    await row(product).first().waitFor();
  });

  it('gives an auditor everything to read and nothing to press', async () => {
    await page.goto(`${server.url}/users`);
    await button('New user').click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill(auditor.name);
    await dialog().getByRole('textbox', { name: 'E-mail' }).fill(auditor.email);
    await dialog().getByRole('textbox', { name: 'Password' }).fill(auditor.password);
    await dialog().getByLabel('Role').first().click();
    await page.getByRole('option', { name: 'Auditor' }).click();
    await dialog().getByRole('button', { name: 'Create' }).click();
    await heading(auditor.name).waitFor();
    await row('Auditor').waitFor();

    const aude = await visit(browser);
    const administratorsPage = page;
    page = aude.page;
    const asset = (await api<Listed<{ id: string }>>(server, '/assets?filter=class:laptop&limit=1')).items[0]!.id;
    const entitlement = (await api<Listed<{ id: string }>>(server, '/entitlements?limit=1')).items[0]!.id;
    await signIn(page, server.url, auditor.email, auditor.password);
    const write =
      /^(New |Make a|Map |Edit( |$)|Save|Create( |$)|Revoke|Retire|Release|Give a role|Take away|Set a password|Disable|Enable|Recompute|Recognise all again|Process again|Delete|Move to|More)/;
    const pages: [path: string, ready: string | RegExp][] = [
      ['/assets', 'Assets'],
      [`/assets/${asset}`, /\w/],
      ['/products', 'Products'],
      ['/unrecognised', 'Unrecognised'],
      ['/entitlements', 'Licences'],
      [`/entitlements/${entitlement}`, /\w/],
      ['/positions', 'Positions'],
      ['/reports', 'Reports'],
      ['/sources', 'Sources & keys'],
      ['/enrolment-keys', 'Enrolment keys'],
      ['/people', 'People'],
      ['/users', 'Users'],
      ['/tokens', 'API tokens'],
      ['/audit-log', 'Audit log'],
    ];
    for (const [path, ready] of pages) {
      await page.goto(server.url + path);
      await heading(ready).waitFor();
      await page.locator('[aria-busy=true], .mantine-Skeleton-root').first().waitFor({ state: 'detached' });
      // Headings of columns sort; what else can be pressed must only look.
      const buttons = page.getByRole('main').locator('button:not(th button), a.button-link');
      const names = await buttons.evaluateAll((all) => all.flatMap((one) => [one.textContent ?? '', one.getAttribute('aria-label') ?? '']));
      expect({ path, found: names.filter((name) => write.test(name.trim())) }).toEqual({ path, found: [] });
    }
    // The words of the check are right: the administrator does see such buttons.
    await administratorsPage.goto(`${server.url}/assets/${asset}`);
    await administratorsPage.getByRole('button', { name: 'Edit Name' }).waitFor();
    // The server refuses what the page does not offer.
    const refused = await page.request.post(`${server.url}/api/v1/entitlements`, { data: {}, headers: { origin: server.url } });
    expect(refused.status()).toBe(403);
    expect(aude.errors).toEqual([]);
    await aude.context.close();
    page = administratorsPage;
  });

  it('leaves no error in the console', () => {
    expect(ada.errors).toEqual([]);
  });
});
