import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { api, launch, pictureOnFailure, requireBuiltWeb, seed, signIn, visit, type Visit } from './browser.ts';

const administrator = { name: 'Ada Lovelace', email: 'ada.lovelace@example.org', password: 'an analytical engine 1843' };
/** In the dark theme the document is the same: only what depends on colour is looked at again. */
const colourRules = ['color-contrast', 'link-in-text-block'];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
type Size = keyof typeof sizes;

interface Looked {
  name: string;
  /** `:id` is the first record that the list of the API gives. */
  path: string;
  list?: string;
  /** What to open on the page before looking. */
  act?: (page: Page) => Promise<void>;
}

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

const tabs = (of: Looked, keys: string[]): Looked[] =>
  keys.map((key) => ({ ...of, name: `${of.name}, ${key}`, path: `${of.path}?tab=${key}` }));
const asset: Looked = { name: 'asset', path: '/assets/:id', list: '/assets?filter=class:laptop%20os_family:windows' };
const conflict: Looked = { name: 'identity conflict', path: '/conflicts/:id', list: '/identity-conflicts' };
const duplicate: Looked = { name: 'duplicate', path: '/duplicates/:id', list: '/duplicates?filter=value:twin-1' };
const unmanaged: Looked = { name: 'unmanaged host', path: '/unmanaged/:id', list: '/unmanaged-hosts' };
const networkSwitch: Looked = { name: 'switch', path: '/assets/:id', list: '/assets?filter=class:switch' };
const printer: Looked = { name: 'printer', path: '/assets/:id', list: '/assets?filter=class:printer' };
/** Told of by two agents. */
const twice: Looked = { name: 'asset of two agents', path: '/assets/:id?tab=identity', list: '/assets?filter=serial:TWICE-1' };
const stockItem: Looked = { name: 'stock item', path: '/stock/:id', list: '/stock-items?filter=mode:two_way%20out%3E0' };
const productPage: Looked = { name: 'product', path: '/products/:id', list: '/products?filter=licensable:true%20installations%3E0' };
const position: Looked = { name: 'position', path: '/positions/:id', list: '/positions?filter=status:short' };

/** A recording with something for each table of the page. */
const recordedSwitch = [
  '1.3.6.1.2.1.1.1.0|4|Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE3',
  '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.617',
  '1.3.6.1.2.1.2.2.1.2.1|4|GigabitEthernet0/1',
  '1.3.6.1.2.1.47.1.1.1.1.5.1|2|3',
  '1.3.6.1.2.1.47.1.1.1.1.11.1|4|FOC1408Z61U',
  '1.0.8802.1.1.2.1.4.1.1.5.0.1.7|4x|0026cbaa0001',
  'not a row',
].join('\n');

const pages: Looked[] = [
  { name: 'home', path: '/' },
  { name: 'notifications', path: '/notifications' },
  { name: 'notification settings', path: '/notification-settings' },
  { name: 'mail settings', path: '/mail-settings' },
  { name: 'sent mail', path: '/mails' },
  { name: 'tasks', path: '/tasks' },
  {
    name: 'command palette',
    path: '/',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder(/^Find a tag/).fill('micro');
      await page
        .getByRole('dialog')
        .getByText(/^Microsoft /)
        .first()
        .waitFor();
    },
  },
  {
    name: 'keyboard shortcuts',
    path: '/assets',
    act: async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'assets', path: '/assets' },
  { name: 'assets as of today', path: `/assets?as_of=${new Date().toISOString().slice(0, 10)}` },
  { ...asset, name: 'asset as of today', path: `/assets/:id?as_of=${new Date().toISOString().slice(0, 10)}` },
  { ...asset, name: 'history of a field', act: press('History of Name') },
  {
    name: 'assets, facets',
    path: '/assets?filter=os_family:windows',
    act: async (page) => {
      await page.getByRole('button', { name: 'Facets' }).click();
    },
  },
  {
    name: 'assets, views',
    path: '/assets?filter=class:laptop',
    act: async (page) => {
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menuitem', { name: 'Save as a new view' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'keywords', path: '/keywords' },
  { name: 'models', path: '/models' },
  { name: 'model', path: '/models/:id', list: '/models?filter=name:"Trolley 7"' },
  { name: 'models, new', path: '/models', act: press('New model') },
  { name: 'duplicates', path: '/duplicates' },
  duplicate,
  { ...duplicate, name: 'duplicate, merging', act: press(/^Merge into /) },
  { name: 'assets, bad filter', path: '/assets?filter=clas:laptop' },
  { name: 'assets, no match', path: '/assets?filter=name:nothing-is-called-so' },
  { name: 'new asset', path: '/assets/new' },
  asset,
  ...tabs(asset, ['files', 'hardware', 'software', 'network', 'components', 'relations', 'tasks', 'codes', 'timeline', 'identity']),
  { ...asset, name: 'asset, editing', act: press('Edit Model') },
  {
    ...asset,
    name: 'asset, why a title',
    path: `${asset.path}?tab=software`,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Why is / })
        .first()
        .click();
      await page.getByRole('dialog').getByRole('heading', { name: 'How that was decided' }).waitFor();
    },
  },
  conflict,
  { ...conflict, name: 'identity conflict, same machine', act: press('Same machine') },
  { ...twice, name: 'asset, splitting', act: press('Split') },
  { ...twice, name: 'asset, merging', act: press('Merge with…') },
  { name: 'identity dry run', path: '/identity-rules/:id', list: '/identity-dry-runs' },
  { name: 'unmanaged', path: '/unmanaged' },
  unmanaged,
  { ...unmanaged, name: 'unmanaged host, ignoring', act: press('Ignore') },
  ...tabs(networkSwitch, ['hardware', 'network', 'components', 'relations', 'identity']),
  ...tabs(printer, ['hardware', 'network']),
  ...tabs(asset, ['reservations']),
  { name: 'reservations', path: '/reservations' },
  { name: 'reserving', path: '/reservations', act: press('Reserve') },
  { name: 'reservation', path: '/reservations/:id', list: '/reservations?filter=state:reserved' },
  { name: 'waiting reservation', path: '/reservations/:id', list: '/reservations?filter=state:waiting' },
  { name: 'my reservations', path: '/my-reservations' },
  { name: 'loaner pools', path: '/loan-pools' },
  { name: 'new loaner pool', path: '/loan-pools/new' },
  { name: 'loaner pool', path: '/loan-pools/:id', list: '/loan-pools' },
  {
    name: 'loaner pool, editing',
    path: '/loan-pools/:id',
    list: '/loan-pools',
    act: async (page) => page.getByRole('button', { name: 'Edit' }).click(),
  },
  { name: 'stock', path: '/stock' },
  { name: 'new stock item', path: '/stock/new' },
  stockItem,
  { ...stockItem, name: 'stock item, checking out', act: press('Check out') },
  { ...stockItem, name: 'stock item, returning', act: press('Return') },
  { ...stockItem, name: 'stock item, undoing', act: press('Undo') },
  { name: 'stock by place', path: '/stock-levels' },
  { name: 'checked-out stock', path: '/stock-holdings' },
  { name: 'stock movements', path: '/stock-movements' },
  { name: 'person with stock', path: '/people/:id', list: '/people?sort=name' },
  { name: 'products', path: '/products' },
  productPage,
  ...tabs(productPage, ['evidence', 'licences']),
  { name: 'installations', path: '/installations' },
  { name: 'evidence', path: '/evidence' },
  { name: 'one title', path: '/evidence/:id', list: '/evidence' },
  { name: 'unrecognised', path: '/unrecognised' },
  { name: 'unrecognised, mapping', path: '/unrecognised', act: press(/^Map /) },
  { name: 'local rules', path: '/recognition-rules' },
  { name: 'entitlements', path: '/entitlements' },
  { name: 'new entitlement', path: '/entitlements/new' },
  { name: 'entitlement', path: '/entitlements/:id', list: '/entitlements' },
  { name: 'positions', path: '/positions' },
  position,
  { ...position, name: 'position, derivation in sentences', path: `${position.path}?tab=derivation` },
  {
    ...position,
    name: 'position, derivation as a tree',
    path: `${position.path}?tab=derivation`,
    act: async (page) => {
      await page.getByText('Tree', { exact: true }).click();
      await page.getByRole('tree').waitFor();
    },
  },
  ...tabs(position, ['demands']),
  { name: 'reports', path: '/reports' },
  { name: 'report', path: '/reports/:id', list: '/reports' },
  { name: 'observations', path: '/observations' },
  { name: 'read a walk', path: '/snmp-walks' },
  {
    name: 'read a walk, answered',
    path: '/snmp-walks',
    act: async (page) => {
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'switch.snmprec', mimeType: 'text/plain', buffer: Buffer.from(recordedSwitch) });
      await page.getByRole('button', { name: 'Read it' }).click();
      await page.getByRole('heading', { name: 'The device' }).waitFor();
    },
  },
  { name: 'sources', path: '/sources' },
  { name: 'sources, new key', path: '/sources', act: press('Make a key') },
  { name: 'authority', path: '/authority' },
  { name: 'authority, new order', path: '/authority', act: press('New order') },
  { name: 'identity rules', path: '/identity-rules' },
  { name: 'staleness', path: '/staleness' },
  { name: 'staleness, limits of a class', path: '/staleness', act: press('Edit limits of Server') },
  { name: 'connectors', path: '/connectors' },
  { name: 'connectors, new', path: '/connectors', act: press('Add a connector') },
  { name: 'connector', path: '/connectors/:id', list: '/connectors' },
  { name: 'coverage', path: '/coverage' },
  { name: 'covered assets', path: '/coverage/assets' },
  { name: 'networks', path: '/networks' },
  { name: 'new network', path: '/networks/new' },
  { name: 'network', path: '/networks/:id', list: '/scan-ranges' },
  { name: 'scan', path: '/scan-runs/:id', list: '/scan-runs' },
  { name: 'credential sets', path: '/credential-sets' },
  { name: 'credential sets, new', path: '/credential-sets', act: press('New credential set') },
  { name: 'credential sets, edit', path: '/credential-sets', act: press('Edit Switches') },
  { name: 'conflicts', path: '/conflicts' },
  { name: 'agents', path: '/agents' },
  { name: 'agents, log of osquery', path: '/agents?filter=family:osquery', act: press(/^Log of /) },
  { name: 'components', path: '/components' },
  { name: 'labels', path: '/labels' },
  {
    name: 'new label',
    path: '/labels/new',
    act: async (page) => {
      await page.getByAltText('Preview with an invented asset').waitFor();
      await page.getByRole('button', { name: 'Text {tag}' }).click();
    },
  },
  { name: 'stickers', path: '/stickers' },
  { name: 'stickers, new', path: '/stickers', act: press('Make stickers') },
  { name: 'tag sequences', path: '/tag-sequences' },
  { name: 'tag sequences, new', path: '/tag-sequences', act: press('New tag sequence') },
  { name: 'scan', path: '/scan' },
  { name: 'found items', path: '/found' },
  { name: 'found items, settings', path: '/found', act: press('What finders see') },
  { name: 'found item, for strangers', path: '/f/ABCDEFGH2345' },
  { name: 'lifecycle', path: '/lifecycle' },
  {
    name: 'lifecycle, a transition',
    path: '/lifecycle',
    act: async (page) => {
      await page.getByRole('button', { name: 'New transition', exact: true }).click();
      await page.getByRole('heading', { name: 'Transition: New transition' }).waitFor();
    },
  },
  { name: 'planned transitions', path: '/planned-transitions' },
  { name: 'imports', path: '/imports' },
  { name: 'new import', path: '/imports/new' },
  { name: 'jobs', path: '/jobs' },
  { name: 'job', path: '/jobs/:id', list: '/jobs' },
  { name: 'bulk changes', path: '/bulk-changes' },
  { name: 'bulk change', path: '/bulk-changes/:id', list: '/bulk-changes' },
  { name: 'asset, custody', path: '/assets/:id?tab=custody', list: '/custody' },
  { name: 'asset, check out', path: '/assets/:id', list: '/assets?filter=state:discovered', act: press('Check out') },
  { name: 'custody', path: '/custody' },
  { name: 'overdue', path: '/overdue' },
  { name: 'kits', path: '/kits' },
  { name: 'new kit', path: '/kits/new' },
  { name: 'kit', path: '/kits/:id', list: '/kits' },
  {
    name: 'kit, giving',
    path: '/kits/:id',
    list: '/kits',
    act: async (page) => {
      await press('Give a kit')(page);
      await page.getByRole('combobox', { name: /^Laptop, 1 of 1/ }).waitFor();
    },
  },
  { name: 'hand-over documents', path: '/handover-documents' },
  { name: 'hand-over document', path: '/handover-documents/:id', list: '/handover-documents' },
  { name: 'hand-over document, link', path: '/handover-documents/:id', list: '/handover-documents', act: press('Make a signed link') },
  {
    name: 'person, making a document',
    path: '/people/:id',
    list: '/people?filter=name:"Uncovered"',
    act: press('Make a hand-over document'),
  },
  { name: 'acceptance texts', path: '/acceptance-texts' },
  { name: 'acceptance texts, new version', path: '/acceptance-texts', act: press('New version') },
  { name: 'acceptance text', path: '/acceptance-texts/:id', list: '/acceptance-texts' },
  { name: 'teams', path: '/teams' },
  { name: 'teams, new', path: '/teams', act: press('New team') },
  { name: 'team', path: '/teams/:id', list: '/teams' },
  { name: 'people', path: '/people' },
  { name: 'new person', path: '/people/new' },
  { name: 'person', path: '/people/:id', list: '/people' },
  { name: 'places', path: '/places' },
  { name: 'new place', path: '/places/new' },
  { name: 'place', path: '/places/:id', list: '/places?filter=kind:site' },
  { name: 'rack', path: '/places/:id', list: '/places?filter=kind:rack' },
  { name: 'rack, mounting', path: '/places/:id', list: '/places?filter=kind:rack', act: press('Mount an asset') },
  { name: 'org units', path: '/org-units' },
  { name: 'org unit', path: '/org-units/:id', list: '/org-units' },
  { name: 'custom fields', path: '/custom-fields' },
  { name: 'custom fields, new', path: '/custom-fields', act: press('Define a field') },
  { name: 'asset classes', path: '/asset-classes' },
  { name: 'asset classes, edit', path: '/asset-classes', act: press('Edit Laptop') },
  { name: 'users', path: '/users' },
  { name: 'users, new', path: '/users', act: press('New user') },
  { name: 'user', path: '/users/:id', list: '/users' },
  { name: 'tokens', path: '/tokens' },
  { name: 'tokens, new', path: '/tokens', act: press('Make a token') },
  { name: 'enrolment keys', path: '/enrolment-keys' },
  { name: 'audit log', path: '/audit-log' },
  { name: 'audit entry', path: '/audit-log/:id', list: '/audit-log' },
  { name: 'account', path: '/account' },
  { name: 'not found', path: '/nowhere' },
];

let server: RunningServer;
let browser: Browser;
const visits = {} as Record<Size, Visit>;

pictureOnFailure(() => visits.wide?.page);

beforeAll(async () => {
  requireBuiltWeb();
  server = await startServer({ env: { MUSTER_ADMIN_EMAIL: undefined, MUSTER_ADMIN_PASSWORD: undefined } });
  browser = await launch();
  for (const size of Object.keys(sizes) as Size[]) visits[size] = await visit(browser, { viewport: sizes[size], colorScheme: 'light' });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await server?.remove();
});

/** Until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('alert')).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null);
}

/**
 * Rows of a list are drawn by one component: all are looked at in the first pass, the first few in the others. So is the frame of the
 * page, which is the same everywhere: with every page in the first pass, on the start page in all.
 */
const frame = ['.sidebar', '.header'];
const repeated = ['.grid tbody tr:nth-child(n+8)', '.cards > li:nth-child(n+4)'];

/** What axe finds in the themes, and what is wider than the screen, one line each. */
async function problemsOf(page: Page, size: Size): Promise<string[]> {
  const problems: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'));
    // One document without frames, and only violations are wanted: both make it several times quicker.
    const builder = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
    if (size === 'phone' || colorScheme === 'dark')
      for (const part of new URL(page.url()).pathname === '/' ? repeated : [...repeated, ...frame]) builder.exclude(part);
    const { violations } = await (colorScheme === 'light' ? builder.withTags(tags) : builder.withRules(colourRules)).analyze();
    for (const { id, nodes } of violations)
      for (const node of nodes)
        problems.push(
          `${size} ${colorScheme}: ${id} at ${node.target.join(' ')}: ${[...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ')}`,
        );
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) problems.push(`${size}: ${overflow} px wider than the screen`);
  return problems;
}

/** Opens the page in both sizes at once, unless told which, and looks at it in both themes. */
async function look(path: string, act?: Looked['act'], only: readonly Size[] = Object.keys(sizes) as Size[]): Promise<string[]> {
  const found = await Promise.all(
    only.map(async (size) => {
      const { page } = visits[size];
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(server.url + path);
      await settled(page);
      await act?.(page);
      await settled(page);
      return await problemsOf(page, size);
    }),
  );
  return found.flat();
}

describe('before anyone is signed in', () => {
  it('set-up', async () => {
    const printed = await until(
      'the set-up link is printed',
      async () => /\/setup\?token=\S+/.exec(server.output())?.[0] ?? null,
      (found) => found !== null,
    );
    expect(await look(printed!)).toEqual([]);
    expect(await look('/setup')).toEqual([]);
    expect(await look('/sign-in')).toEqual([]);
    const { page } = visits.wide;
    await page.goto(server.url + printed!);
    await page.getByRole('textbox', { name: 'Your name' }).fill(administrator.name);
    await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(administrator.password);
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await page.getByRole('button', { name: `Account of ${administrator.name}` }).waitFor();
    expect(await look('/setup')).toEqual([]);
  });

  it('sign-in refused', async () => {
    const refuse = async (page: Page): Promise<void> => {
      await page.getByRole('textbox', { name: 'E-mail' }).fill(administrator.email);
      await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    };
    expect(await look('/sign-in', refuse)).toEqual([]);
  });
});

describe('while nothing is there', () => {
  beforeAll(async () => {
    await Promise.all(
      Object.values(visits).map(async ({ page }) => await signIn(page, server.url, administrator.email, administrator.password)),
    );
  });

  it.for([
    '/',
    '/assets',
    '/stock',
    '/products',
    '/unrecognised',
    '/entitlements',
    '/positions',
    '/reports',
    '/people',
    '/custody',
    '/overdue',
    '/reservations',
    '/loan-pools',
    '/teams',
    '/kits',
    '/handover-documents',
    '/sources',
    '/networks',
    '/credential-sets',
  ])('%s', async (path) => {
    // The wide page is looked at with its data: without them the narrow one is enough.
    expect(await look(path, undefined, ['phone'])).toEqual([]);
  });
});

async function post(path: string, body: object): Promise<{ id: string }> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.ok, path).toBe(true);
  return (await answer.json()) as { id: string };
}

/** A dry run of rules under which two boards with one UUID are no question. */
async function tryRules(): Promise<void> {
  const { rules } = await api<{ rules: { uses: Record<string, string> } }>(server, '/identity-rules');
  const { id } = await post('/identity-dry-runs', { ...rules, uses: { ...rules.uses, uuid: 'ignored' } });
  await until(
    'the dry run is done',
    async () => await api<{ state: string }>(server, `/identity-dry-runs/${id}`),
    ({ state }) => state === 'done',
  );
}

/** Something that is overdue, and something that a team has. */
async function giveOut(): Promise<void> {
  const laptop = await api<{ items: { id: string }[] }>(server, '/assets?filter=class:laptop%20os_family:windows&limit=1');
  const marked = laptop.items[0]!.id;
  await post('/keywords/add', { assets: [marked], keywords: ['loan pool', 'Audit 2026'] });
  for (const name of ['TWIN-1', 'twin-1']) await post('/assets', { class: 'laptop', name, manufacturer: 'Dell', model: 'Latitude 5440' });
  await post('/models', { manufacturer: 'Acme', name: 'Trolley 7', class: 'laptop' });
  await post('/duplicates/search', {});
  await until(
    'the two are found',
    async () => await api<{ items: unknown[] }>(server, '/duplicates?filter=value:twin-1'),
    ({ items }) => items.length === 1,
  );
  await post(`/assets/${marked}/notes`, { text: 'The lid is loose.' });
  const { items } = await api<{ items: { id: string }[] }>(server, '/people?limit=1');
  const team = await post('/teams', { name: 'Night shift', memberIds: items.map((one) => one.id) });
  const late = await post('/assets', { class: 'laptop', name: 'Loaner 1' });
  const shared = await post('/assets', { class: 'phone', name: 'Shift phone' });
  const holder = { kind: 'person', id: items[0]!.id };
  await post('/custody/check-out', { assets: [late.id], holder, at: '2026-01-05T08:00:00Z', dueOn: '2026-01-10', condition: 'worn' });
  await post('/custody/check-out', { assets: [shared.id], holder: { kind: 'team', id: team.id } });
  await reserveSome(late.id, holder);
}

/** A pool of two of which one is late: something reserved, something collected, and somebody who waits. */
async function reserveSome(late: string, holder: object): Promise<void> {
  const loaner = await post('/assets', { class: 'laptop', name: 'Loaner 2' });
  const pool = await post('/loan-pools', { name: 'Loaners', kind: 'named', assets: [late, loaner.id] });
  const day = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
  const target = { kind: 'pool', id: pool.id };
  const collected = await post('/reservations', { target, holder, from: day(0), to: day(1) });
  await post(`/reservations/${collected.id}/collect`, {});
  await post('/reservations', { target: { kind: 'asset', id: late }, holder, from: day(1), to: day(3) });
  await post('/reservations', { target, holder, quantity: 2, from: day(2), to: day(4), waitlist: true });
}

/** A kit, a pending document, and somebody with an asset that is in none. */
async function handOver(): Promise<void> {
  await post('/kits', {
    name: 'First day',
    lines: [{ class: 'laptop' }, { class: 'phone', count: 2, optional: true }, { model: 'None of it' }],
  });
  await post('/assets', { class: 'laptop', name: 'Ready 1', state: 'in_stock' });
  for (const name of ['Covered', 'Uncovered']) {
    const person = await post('/people', { name });
    const laptop = await post('/assets', { class: 'laptop', name: `Laptop of ${name}` });
    await post('/custody/check-out', { assets: [laptop.id], holder: { kind: 'person', id: person.id } });
    if (name === 'Covered') await post('/handover-documents', { personId: person.id, language: 'en' });
  }
}

/** A network with a scan that waits for its collector. */
async function askForScan(): Promise<void> {
  const key = await post('/enrolment-keys', { name: 'Collector', kind: 'collector' });
  const set = await post('/credential-sets', { name: 'Switches', secret: { kind: 'snmp_v2c', community: 'public' } });
  const range = await post('/scan-ranges', { name: 'Lab', collectorId: key.id, ranges: ['10.0.0.0/24'], credentialIds: [set.id] });
  await post(`/scan-ranges/${range.id}/run`, {});
}

/** One machine with an agent of GLPI and with osquery, which wrote into its log. */
async function twoAgents(): Promise<void> {
  const uuid = '5b0c1b4e-2f0a-4a53-9a57-0d5f5d1c7a99';
  const send = async (path: string, body: object): Promise<{ node_key?: string }> => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.ok, path).toBe(true);
    return (await answer.json()) as { node_key?: string };
  };
  await send(`/agent/${server.key}`, {
    action: 'inventory',
    deviceid: 'twice-2026-01-01-00-00-00',
    itemtype: 'Computer',
    content: { versionclient: 'GLPI-Agent_v1.11', bios: { ssn: 'TWICE-1' }, hardware: { name: 'twice', uuid } },
  });
  const system = { uuid, hardware_serial: 'TWICE-1', computer_name: 'twice', physical_memory: '1073741824', cpu_sockets: '1' };
  const { node_key } = await send('/api/osquery/enroll', {
    enroll_secret: server.key,
    host_identifier: uuid,
    platform_type: '9',
    host_details: { system_info: system, osquery_info: { version: '5.20.0', instance_id: 'twice' } },
  });
  await send('/api/osquery/distributed/write', {
    node_key,
    queries: {
      muster_detail_system: [system],
      muster_detail_os: [{ name: 'Debian GNU/Linux', version: '12', platform: 'debian', arch: 'x86_64' }],
    },
    statuses: { muster_detail_system: 0, muster_detail_os: 0 },
  });
  await send('/api/osquery/log', {
    node_key,
    log_type: 'status',
    data: [{ severity: 2, filename: 'scheduler.cpp', line: 128, message: 'The query took too long' }],
  });
  await until(
    'both agents tell of one machine',
    async () => {
      const { items } = await api<{ items: { id: string }[] }>(server, '/assets?filter=serial:TWICE-1');
      return items.length === 1 ? (await api<{ sources: unknown[] }>(server, `/assets/${items[0]!.id}`)).sources.length : 0;
    },
    (sources) => sources === 2,
  );
}

describe('with data', () => {
  beforeAll(async () => {
    await twoAgents();
    await seed(server, 40);
    await askForScan();
    await giveOut();
    await handOver();
    await tryRules();
    await post('/bulk-changes', { selection: { all: true }, operation: 'transition', parameters: { to: 'retired', reason: 'Old' } });
    // Something for the list of jobs.
    await fetch(`${server.url}/api/v1/recognition/rerun`, { method: 'POST', headers: { authorization: `Bearer ${server.token}` } });
    // One that has tried and was refused: nobody listens on that port.
    await fetch(`${server.url}/api/v1/connectors`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'intune',
        name: 'Device management',
        everyMinutes: null,
        settings: { tenantId: 'contoso', clientId: '1', graphUrl: 'http://127.0.0.1:9', loginUrl: 'http://127.0.0.1:9' },
        secrets: { clientSecret: 'not a real one' },
      }),
    });
    await until(
      'every position is computed',
      async () => await api<{ positions: number; pendingProducts: number }>(server, '/positions/freshness'),
      (fresh) => fresh.positions > 0 && fresh.pendingProducts === 0,
    );
  });

  it.for(pages)('$name', async ({ path, list, act }) => {
    let address = path;
    if (list) {
      const { items } = await api<{ items: { id: string | number }[] }>(server, `${list}${list.includes('?') ? '&' : '?'}limit=1`);
      expect(items.length, `${list} is empty`).toBe(1);
      address = path.replace(':id', String(items[0]!.id));
    }
    expect(await look(address, act)).toEqual([]);
  });

  it('leaves no error in the console', () => {
    expect(Object.values(visits).flatMap((one) => one.errors)).toEqual([]);
  });
});
