import { sql } from 'kysely';
import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base, Directory, freePort, password, root, runs } from './test-directory.ts';
import { connectorHarness, type Harness } from './test-harness.ts';

describe.skipIf(!runs)('LDAP against a real slapd', () => {
  const directory = new Directory();
  let h: Harness;

  beforeAll(async () => {
    await directory.start();
    await directory.change(async (client) => {
      await client.add(base, { objectClass: ['dcObject', 'organization'], dc: 'corp', o: 'Corp' });
      for (const ou of ['people', 'machines']) await client.add(`ou=${ou},${base}`, { objectClass: 'organizationalUnit', ou });
      await client.add(`cn=reader,${base}`, {
        objectClass: ['organizationalRole', 'simpleSecurityObject'],
        cn: 'reader',
        userPassword: 'reading',
      });
      for (let i = 0; i < 1203; i++)
        await client.add(`uid=user${i},ou=people,${base}`, {
          objectClass: 'inetOrgPerson',
          uid: `user${i}`,
          cn: `User ${i}`,
          sn: `${i}`,
          mail: `User${i}@corp.example`,
          employeeNumber: String(1000 + i),
        });
      await client.add(`cn=ws-01,ou=machines,${base}`, {
        objectClass: 'device',
        cn: 'ws-01',
        serialNumber: 'PF3XK7QB',
        description: 'Front desk',
      });
    });
    h = await connectorHarness();
  }, 90_000);
  afterAll(async () => {
    await h?.t.close();
    await directory.stop();
  });

  const add = (name: string, more: object = {}, secret = password) =>
    h.add({
      kind: 'ldap',
      name,
      settings: { url: directory.url, bindDn: root, baseDn: base, directory: 'openldap', ...more },
      secrets: { password: secret },
    });
  const people = async () =>
    (
      await sql<{
        name: string;
        login: string;
        email: string;
        source: string;
      }>`select name, login, email, source from people order by employee_number`.execute(h.t.db)
    ).rows;

  test('people over several pages, computers as observations without an asset', async () => {
    const connector = await add('Directory');
    expect(await h.run(connector)).toMatchObject({ state: 'ok', people: 1203, devices: 1, cells: { people: 'ok', computers: 'ok' } });
    const all = await people();
    expect(all).toHaveLength(1203);
    expect(all[0]).toEqual({ name: 'User 0', login: 'user0', email: 'user0@corp.example', source: 'ldap' });
    const seen = await sql`select asset_id, item_type from observations where source = 'ldap'`.execute(h.t.db);
    expect(seen.rows).toEqual([{ asset_id: null, item_type: 'Computer' }]);
  }, 60_000);

  test('someone renamed, with another login and mail, stays one person', async () => {
    await directory.change(async (client) => {
      await client.modifyDN(`uid=user7,ou=people,${base}`, `uid=renamed,ou=people,${base}`);
      for (const [type, value] of [
        ['cn', 'Renamed Person'],
        ['mail', 'renamed@corp.example'],
      ] as const)
        await client.modify(
          `uid=renamed,ou=people,${base}`,
          new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) }),
        );
    });
    const before = await sql<{ id: string }>`select id from people where login = 'user7'`.execute(h.t.db);
    await h.run(await add('Directory again'));
    const after = await sql<{
      id: string;
      name: string;
      login: string;
      email: string;
    }>`select id, name, login, email from people where employee_number = '1007'`.execute(h.t.db);
    expect(after.rows).toEqual([{ id: before.rows[0]?.id, name: 'Renamed Person', login: 'renamed', email: 'renamed@corp.example' }]);
  }, 60_000);

  test('a wrong password is denied; a base that is not there fails; nobody there fails', async () => {
    expect(await h.run(await add('Wrong password', {}, 'wrong'))).toMatchObject({
      state: 'failed',
      cells: { people: 'denied', computers: 'denied' },
      missing: { people: null },
    });
    expect(await h.run(await add('Wrong base', { baseDn: 'dc=nowhere' }))).toMatchObject({ state: 'failed', cells: { people: 'failed' } });
    expect(await h.run(await add('Nobody', { url: `ldap://127.0.0.1:${await freePort()}` }))).toMatchObject({
      state: 'failed',
      cells: { people: 'failed' },
    });
  }, 60_000);

  test('someone entered by hand keeps what was entered', async () => {
    await sql`update people set source = 'manual', name = 'By Hand' where login = 'user9'`.execute(h.t.db);
    await h.run(await add('Directory with hands'));
    expect((await people()).find((p) => p.login === 'user9')?.name).toBe('By Hand');
  }, 60_000);
});
