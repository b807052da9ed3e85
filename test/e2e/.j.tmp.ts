import { chromium } from 'playwright-core';
const base = 'http://127.0.0.1:3917';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
const c = await b.newContext({ viewport: { width: 1440, height: 900 } });
const p = await c.newPage();
p.setDefaultTimeout(8000);
p.on('console', (m) => m.type() === 'error' && console.log(m.type(), m.text()));
p.on('pageerror', (e) => console.log('ERR', e.message));
const step = async (n: string, f: () => Promise<unknown>) => {
  try {
    const r = await f();
    console.log('ok  ', n, r ?? '');
  } catch (e) {
    console.log('FAIL', n, (e as Error).message.split('\n').slice(0, 6).join(' | '));
    await p.screenshot({ path: `/tmp/fail-${n.replace(/\W+/g, '-')}.png` });
  }
};
await p.goto(base + '/assets?filter=WS-0003');
await step('redirect to sign-in with return', async () => {
  await p.waitForURL(/sign-in\?return/);
});
await step('wrong password', async () => {
  await p.getByRole('textbox', { name: 'E-mail' }).fill('admin@example.org');
  await p.getByRole('textbox', { name: 'Password' }).fill('nope nope nope');
  await p.getByRole('button', { name: 'Sign in' }).click();
  await p.getByText('E-mail or password is wrong').waitFor();
});
await step('sign in', async () => {
  await p.getByRole('textbox', { name: 'Password' }).fill('correct horse battery');
  await p.getByRole('button', { name: 'Sign in' }).click();
  await p.waitForURL(/\/assets\?filter=WS-0003/);
});
await step('open asset by keyboard', async () => {
  await p.getByText('1 asset').waitFor();
  await p.keyboard.press('j');
  await p.keyboard.press('Enter');
  await p.waitForURL(/\/assets\/[0-9a-f-]{36}/);
  await p.getByRole('heading', { name: 'WS-0003', level: 1 }).waitFor();
});
await step('edit name', async () => {
  await p.getByRole('button', { name: 'Edit Asset tag' }).click();
  await p
    .getByRole('dialog')
    .getByLabel('Asset tag')
    .fill('TAG-' + (Date.now() % 10000));
  await p.getByRole('button', { name: 'Save' }).click();
  await p.getByText('Saved').waitFor();
  await p.getByText('by hand').first().waitFor();
});
await step('release', async () => {
  await p.getByRole('button', { name: 'Release' }).first().click();
  await p.getByText('Released;').waitFor();
});
await step('transition', async () => {
  await p.getByRole('button', { name: 'Accept as in use' }).click();
  await p.getByRole('dialog').getByRole('button', { name: 'Change the state' }).click();
  await p.getByText('The state has changed').waitFor();
  await p.getByText('In use').first().waitFor();
});
await step('why', async () => {
  await p.getByRole('tab', { name: /Software/ }).click();
  await p.getByRole('button', { name: /Why is Google/ }).click();
  await p.getByText('How that was decided').waitFor();
  await p.keyboard.press('Escape');
});
await step('new entitlement', async () => {
  await p.goto(base + '/entitlements/new');
  await p.getByRole('button', { name: 'Save' }).click();
  await p.getByText('This is needed').waitFor();
  const pr = p.getByRole('combobox', { name: 'Product' });
  await pr.fill('AutoCAD');
  await p.getByRole('option', { name: 'AutoCAD', exact: true }).click();
  await p.getByRole('textbox', { name: 'Quantity' }).fill('40');
  await p.getByLabel('Unit price').fill('abc');
  await p.getByRole('button', { name: 'Save' }).click();
  await p
    .getByText(/decimal number/)
    .first()
    .waitFor();
  await p.getByLabel('Unit price').fill('1200.50');
  await p.getByLabel('Purchase reference').fill('PO-J');
  await p.getByRole('button', { name: 'Save' }).click();
  await p.waitForURL(/entitlements\/[0-9a-f-]{36}/);
});
await step('position changes', async () => {
  await p.goto(base + '/positions?filter=AutoCAD');
  await p.getByRole('link', { name: 'AutoCAD' }).first().click();
  await p
    .getByText(/45 .*required|Required 45|requires?/i)
    .first()
    .waitFor();
  await p.waitForTimeout(3000);
  await p.reload();
  return await p.locator('.sentence').innerText();
});
await step('derivation to purchase line', async () => {
  await p.getByRole('link', { name: 'Why is Owned this number?' }).click();
  await p.getByRole('link', { name: /PO-J/ }).first().waitFor();
});
await step('demand rows of figure', async () => {
  await p.getByRole('tab', { name: 'Position' }).click();
  await p.getByRole('link', { name: /^Short:/ }).click();
  await p.getByText(/5 demands|\d+ demands/).waitFor();
  return await p.locator('.count').innerText();
});
await step('chart click opens rows', async () => {
  await p.getByRole('tab', { name: 'Position' }).click();
  await p.locator('.chart-area svg').waitFor();
  await p.waitForTimeout(500);
  const box = (await p.locator('.chart-area').boundingBox())!;
  let hit = false;
  for (let x = 0.1; x < 1 && !hit; x += 0.08) {
    await p.mouse.click(box.x + box.width * x, box.y + box.height * 0.75);
    hit = !p.url().match(/positions\/[0-9a-f-]+$/);
  }
  return p.url();
});
await step('map title', async () => {
  await p.goto(base + '/unrecognised');
  await p.getByRole('button', { name: 'Map to a product' }).first().click();
  await p.getByRole('dialog').getByText('A new product').click();
  await p.getByLabel('Name of the product').fill('Thing ' + Date.now());
  await p.getByRole('dialog').getByRole('button', { name: 'Map to a product' }).click();
  await p.getByText('Mapped. It').waitFor();
});
await step('rules', async () => {
  await p.goto(base + '/recognition-rules');
  await p.getByText(/\d local rules?/).waitFor();
});
await step('token', async () => {
  await p.goto(base + '/tokens');
  await p.getByRole('button', { name: 'Make a token' }).first().click();
  await p.getByRole('dialog').getByLabel('Name').fill('T');
  await p.getByLabel('assets:read').check();
  await p.getByRole('dialog').getByRole('button', { name: 'Make a token' }).click();
  await p.getByText('shown only this once').waitFor();
  await p.getByRole('button', { name: 'Done' }).click();
  await p.getByRole('button', { name: 'Revoke' }).first().click();
  await p.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await p.getByText('The token is revoked').waitFor();
});
await step('user with role', async () => {
  await p.goto(base + '/users');
  await p.getByRole('button', { name: 'New user' }).click();
  await p.getByRole('dialog').getByLabel('Name').fill('Tess');
  await p
    .getByRole('dialog')
    .getByLabel('E-mail')
    .fill('t' + Date.now() + '@example.org');
  await p.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await p.waitForURL(/users\/[0-9a-f-]{36}/);
  await p.getByRole('cell', { name: 'Employee' }).waitFor();
});
await step('job sse', async () => {
  await p.goto(base + '/unrecognised');
  await p.getByRole('button', { name: 'Recognise all again' }).click();
  await p.waitForURL(/jobs\//);
  await p.getByText('Done').first().waitFor();
});
await step('export', async () => {
  await p.goto(base + '/assets?filter=state:in_use');
  const [d] = await Promise.all([
    p.waitForEvent('download'),
    (async () => {
      await p.getByRole('button', { name: 'Export' }).click();
      await p.getByRole('menuitem', { name: 'CSV' }).click();
    })(),
  ]);
  const fs = await import('node:fs');
  return fs.readFileSync(await d.path(), 'utf8').slice(0, 200);
});
await step('german', async () => {
  await p.goto(base + '/account');
  await p.getByRole('combobox', { name: 'Language' }).click();
  await p.getByRole('option', { name: 'Deutsch' }).click();
  await p.getByRole('heading', { name: 'Mein Konto' }).waitFor();
  await p.goto(base + '/assets');
  await p.getByText('Hersteller').first().waitFor();
  await p.screenshot({ path: '/tmp/de.png' });
});
await step('session ends', async () => {
  await p.goto(base + '/account');
  await p.getByRole('link', { name: 'Aufträge' }).waitFor();
  await p.waitForTimeout(800);
  await c.clearCookies();
  await p.getByRole('link', { name: 'Aufträge' }).click();
  await p.getByText('Ihre Sitzung ist beendet').waitFor();
  await p.getByRole('textbox', { name: 'Passwort' }).fill('correct horse battery');
  await p.getByRole('dialog').getByRole('button', { name: 'Anmelden' }).click();
  await p.getByText('Recognise all').first().waitFor();
  await p.getByRole('dialog').waitFor({ state: 'detached' });
});
await b.close();
