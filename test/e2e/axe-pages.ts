import type { Page } from 'playwright-core';

/** What every page is looked at in. */
export const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** Until nothing is being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('alert')).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null);
}

/** A page to look at. */
export interface Looked {
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

/** What is looked at with data, the dialogs included. */
export const pages: Looked[] = [
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

/** What is looked at while nothing is there. */
export const emptyPages = [
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
];
