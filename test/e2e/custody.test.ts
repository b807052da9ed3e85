import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../running-server.ts';
import { api, apiSend, atSize, launch, pictureOnFailure, requireBuiltWeb, signIn, visit, type Visit } from './browser.ts';

let server: RunningServer;
let browser: Browser;
let ada: Visit;
let page: Page;
let grace: string;
let laptops: string[];

pictureOnFailure(() => page);

const send = async (method: string, path: string, body: object, headers?: Record<string, string>) =>
  apiSend(server, method, path, body, headers);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer();
  browser = await launch();
  ada = await visit(browser);
  page = ada.page;
  await signIn(page, server.url, server.adminEmail, server.adminPassword);
  grace = (await send('POST', '/people', { name: 'Grace Hopper' })).id;
  await send('POST', '/places', { name: 'Stockroom Berlin', kind: 'stockroom' });
  laptops = [];
  for (const name of ['lap-1', 'lap-2', 'lap-3']) laptops.push((await send('POST', '/assets', { class: 'laptop', name })).id);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

const dialog = (): Locator => page.getByRole('dialog');
const facts = async (id: string) =>
  api<{
    custody: { holder: { label: string }; dueOn: string | null } | null;
    placement: { place: { label: string } } | null;
    condition: { condition: string } | null;
  }>(server, `/assets/${id}/custody`);

/** Types into a search and takes what it finds. */
async function choose(label: string, text: string): Promise<void> {
  const input = dialog()
    .getByRole('combobox', { name: label })
    .or(dialog().getByRole('textbox', { name: label }))
    .first();
  await input.fill(text);
  await page.getByRole('option', { name: text }).click();
}

it('checks an asset out to a person, extends it, and checks it in', async () => {
  await page.goto(`${server.url}/assets/${laptops[0]}`);
  await page.getByRole('button', { name: 'Check out' }).click();
  await choose('Person', 'Grace Hopper');
  await dialog().getByLabel('Due').fill('2999-03-01');
  await dialog().getByRole('button', { name: 'Check out' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByText('with Grace Hopper since').waitFor();
  expect((await facts(laptops[0]!)).custody).toMatchObject({ holder: { label: 'Grace Hopper' }, dueOn: '2999-03-01' });

  await page.getByRole('button', { name: 'Extend' }).click();
  await dialog().getByLabel('Due').fill('2999-04-01');
  await dialog().getByRole('button', { name: 'Extend' }).click();
  await dialog().waitFor({ state: 'detached' });
  expect((await facts(laptops[0]!)).custody?.dueOn).toBe('2999-04-01');

  await page.getByRole('button', { name: 'Check in' }).click();
  await choose('Put where', 'Stockroom Berlin');
  await dialog().getByRole('button', { name: 'Check in' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Check out' }).waitFor();
  expect(await facts(laptops[0]!)).toMatchObject({ custody: null, placement: { place: { label: 'Stockroom Berlin' } } });
  await page.getByRole('tab', { name: 'Custody' }).click();
  await page.getByRole('region', { name: 'Who had it' }).getByRole('link', { name: 'Grace Hopper' }).waitFor();
});

it('gives a starter several assets at once', async () => {
  await page.goto(`${server.url}/people/${grace}`);
  await page.getByRole('button', { name: 'Give assets' }).click();
  for (const name of ['lap-1', 'lap-2', 'lap-3']) await choose('Asset in stock', name);
  await dialog().getByText('This will be done for 3 assets.').waitFor();
  await dialog().getByRole('button', { name: 'Check out' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Check in all 3' }).waitFor();
});

it('says what a leaver must hand back, and collects all of it', async () => {
  await send('PATCH', `/people/${grace}`, { active: false }, { 'if-match': '"1"' });
  await page.goto(`${server.url}/people/${grace}`);
  await page.getByText('This person has left and still holds 3 assets. Collect them.').waitFor();
  await page.getByRole('button', { name: 'Check in all 3' }).click();
  await choose('Put where', 'Stockroom Berlin');
  await dialog().getByText('This will be done for 3 assets.').waitFor();
  await dialog().getByRole('button', { name: 'Check in' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'Held before' }).waitFor();
  for (const id of laptops) expect((await facts(id)).custody).toBeNull();
});

it('checks out a selection, says which one is refused and does the others', async () => {
  const alan = (await send('POST', '/people', { name: 'Alan Turing' })).id;
  await send('POST', '/custody/check-out', { assets: [laptops[1]], holder: { kind: 'person', id: alan } });
  await page.goto(`${server.url}/assets`);
  await page.getByRole('checkbox', { name: 'Select all loaded rows' }).or(page.getByRole('checkbox').first()).first().check();
  await page.getByRole('button', { name: 'Check out' }).click();
  await choose('Person', 'Alan Turing');
  await dialog().getByText('This will be done for 2 assets.').waitFor();
  await dialog().getByText('lap-2 is with Alan Turing since').waitFor();
  const submit = dialog().getByRole('button', { name: 'Check out' });
  await submit.click();
  // What was refused stays on show, with nothing more to do than to close it.
  await submit.waitFor({ state: 'detached' });
  await dialog().getByText('lap-2 is with Alan Turing since').waitFor();
  await dialog().getByRole('button', { name: 'Close' }).last().click();
  for (const id of laptops) expect((await facts(id)).custody?.holder.label).toBe('Alan Turing');
});

it('lists what is overdue and counts it in the navigation', async () => {
  const late = (await send('POST', '/assets', { class: 'phone', name: 'late-phone' })).id;
  const alan = (await api<{ items: { id: string }[] }>(server, '/people?filter=name:Alan*')).items[0]!.id;
  await send('POST', '/custody/check-out', {
    assets: [late],
    holder: { kind: 'person', id: alan },
    at: '2026-01-05T08:00:00Z',
    dueOn: '2026-01-10',
  });
  await page.goto(`${server.url}/`);
  await page.getByRole('link', { name: '1 asset is overdue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overdue' }).waitFor();
  await page.getByRole('link', { name: 'late-phone' }).waitFor();
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Overdue 1' }).waitFor();
});

it('leaves no error in the console', () => {
  expect(ada.errors).toEqual([]);
});

it('says where an asset is, and in which condition, without touching who has it', async () => {
  await send('POST', '/places', { name: 'Room 7', kind: 'room' });
  await page.goto(`${server.url}/assets/${laptops[1]}?tab=custody`);
  await page.getByRole('button', { name: 'Change place' }).click();
  await choose('New place', 'Room 7');
  await dialog().getByRole('button', { name: 'Change place' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Set condition' }).click();
  await dialog().getByRole('combobox', { name: 'Condition' }).click();
  await page.getByRole('option', { name: 'Worn' }).click();
  await dialog().getByRole('button', { name: 'Set condition' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('region', { name: 'In which condition' }).getByText('Worn').first().waitFor();
  expect(await facts(laptops[1]!)).toMatchObject({ placement: { place: { label: 'Room 7' } }, condition: { condition: 'worn' } });
});

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

it('reserves from a pool’s calendar, waits for what is taken, moves up and collects', async () => {
  const loaners: string[] = [];
  for (const name of ['loan-a', 'loan-b']) loaners.push((await send('POST', '/assets', { class: 'laptop', name })).id);
  const ann = (await send('POST', '/people', { name: 'Ann Borrower' })).id;
  // Grace has left by now.
  const ben = (await send('POST', '/people', { name: 'Ben Waiting' })).id;
  await page.goto(`${server.url}/loan-pools`);
  await page.getByRole('button', { name: 'New loaner pool' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Desk laptops');
  for (const name of ['loan-a', 'loan-b']) {
    await page
      .getByRole('combobox', { name: 'Add an asset' })
      .or(page.getByRole('textbox', { name: 'Add an asset' }))
      .first()
      .fill(name);
    await page.getByRole('option', { name }).click();
    await page.getByRole('button', { name: `Leave out ${name}` }).waitFor();
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('region', { name: /^Calendar/ }).waitFor();
  const pool = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  // A day is chosen in the calendar with the keys.
  const day = page.getByRole('button', { name: /^Reserve from .*, 2 free$/ }).first();
  await day.focus();
  await page.keyboard.press('Enter');
  await choose('Person', 'Ann Borrower');
  await dialog().getByText('On these days 2 of 2 are free.').waitFor();
  await dialog().getByRole('textbox', { name: 'Quantity' }).fill('2');
  await dialog().getByLabel('Until').fill(inDays(2));
  await dialog().getByRole('button', { name: 'Reserve', exact: true }).click();
  await dialog().waitFor({ state: 'detached' });
  await page
    .getByRole('region', { name: /^Calendar/ })
    .getByRole('link', { name: /^Ann Borrower, reserved/ })
    .first()
    .waitFor();

  await page.getByRole('button', { name: 'Reserve', exact: true }).first().click();
  await choose('Person', 'Ben Waiting');
  await dialog().getByText('On these days 0 of 2 are free.').waitFor();
  await dialog().getByText('Free for as long:').waitFor();
  await dialog().getByRole('button', { name: 'Reserve', exact: true }).click();
  await dialog()
    .getByText(/^loan-a: Ann Borrower, /)
    .waitFor();
  await dialog().getByRole('button', { name: 'Join the waitlist' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Ben Waiting' }).first().waitFor();
  const list = await api<{ items: { id: string; state: string; holder: string }[] }>(server, `/reservations?filter=pool:${pool}`);
  const [hers, waits] = [list.items.find((one) => one.holder === 'Ann Borrower'), list.items.find((one) => one.holder === 'Ben Waiting')];
  expect([hers?.state, waits?.state]).toEqual(['reserved', 'waiting']);

  await page.goto(`${server.url}/reservations/${hers?.id}`);
  await page.getByRole('button', { name: 'Cancel reservation' }).click();
  await dialog().getByRole('button', { name: 'Cancel reservation' }).click();
  await page.getByText('Cancelled').first().waitFor();
  await page.goto(`${server.url}/reservations/${waits?.id}`);
  await page.getByRole('button', { name: 'Collect' }).click();
  await dialog().getByRole('button', { name: 'Collect' }).click();
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Check in' }).waitFor();
  const given = await api<{ assets: { asset: { id: string } }[] }>(server, `/reservations/${waits?.id}`);
  expect((await facts(given.assets[0]?.asset.id ?? '')).custody).toMatchObject({ holder: { label: 'Ben Waiting' }, dueOn: inDays(0) });
  await page.goto(`${server.url}/people/${ben}`);
  await page.getByRole('link', { name: 'Desk laptops' }).first().waitFor();

  // Somebody else is refused while it is reserved, unless whoever may says so.
  const other = loaners.find((id) => id !== given.assets[0]?.asset.id) ?? '';
  await send('POST', '/reservations', {
    target: { kind: 'asset', id: other },
    holder: { kind: 'person', id: ann },
    from: inDays(1),
    to: inDays(2),
  });
  await page.goto(`${server.url}/assets/${other}`);
  await page.getByRole('button', { name: 'Check out' }).click();
  await choose('Person', 'Ben Waiting');
  await dialog()
    .getByText(/is reserved for Ann Borrower from/)
    .waitFor();
  await dialog().getByRole('checkbox', { name: 'Also give what is reserved for somebody else' }).check();
  await dialog().getByRole('button', { name: 'Check out' }).click();
  await dialog().waitFor({ state: 'detached' });
  const open = await api<{ items: { blocked: boolean; asset: { id: string } | null }[] }>(server, '/reservations?filter=blocked:true');
  expect(open.items.some((one) => one.asset?.id === other)).toBe(true);
  expect(ada.errors).toEqual([]);
});

it('reserves on a phone from the list of days', async () => {
  await atSize('phone', { browser, server, desktop: ada, use: (next) => (page = next) }, async (phone) => {
    const list = await api<{ items: { id: string }[] }>(server, '/loan-pools?filter=name:"Desk laptops"');
    await page.goto(`${server.url}/loan-pools/${list.items[0]?.id}`);
    await page.getByText('Month', { exact: true }).click();
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByRole('button', { name: 'Later' }).click();
    await page
      .getByRole('button', { name: /^Reserve from / })
      .first()
      .click();
    await choose('Person', 'Ben Waiting');
    await dialog().getByRole('button', { name: 'Reserve', exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('listitem').getByRole('link', { name: 'Ben Waiting' }).first().waitFor();
    await page.goto(`${server.url}/my-reservations`);
    await page.getByText('Nothing is reserved for you').waitFor();
    expect(phone.errors).toEqual([]);
  });
});
