import { createServer, connect, type Socket } from 'node:net';
import { deflateSync } from 'node:zlib';
import { sql } from 'kysely';
import { Attribute } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base, Directory, freePort, password, root, runs } from './test-directory.ts';
import { connectorHarness, type Harness } from './test-harness.ts';
import { fakeVendor } from './test-vendor.ts';

/** What Active Directory has and OpenLDAP has not, under the names, numbers and syntaxes of Microsoft's schema. */
const schema = `
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.782 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.35 NAME 'employeeID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.619 NAME 'dNSHostName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.363 NAME 'operatingSystem' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.364 NAME 'operatingSystemVersion' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.1696 NAME 'lastLogonTimestamp' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.96 NAME 'pwdLastSet' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.222 NAME 'location' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL
  MAY ( objectGUID $ objectSid $ sAMAccountName $ userAccountControl $ objectCategory $ employeeID ) )
objectclass ( 1.2.840.113556.1.3.30 NAME 'computer' SUP top STRUCTURAL MUST cn
  MAY ( objectGUID $ objectSid $ sAMAccountName $ userAccountControl $ objectCategory $ dNSHostName $ operatingSystem $ operatingSystemVersion
    $ lastLogonTimestamp $ pwdLastSet $ location $ description ) )
`;

/** As Active Directory stores it: the bytes of the first three fields are in the other byte order. */
const guid = '137f3e1b-dd24-4b82-a10f-081a3c4d5e0f';
const guidBytes = Buffer.from([0x1b, 0x3e, 0x7f, 0x13, 0x24, 0xdd, 0x82, 0x4b, 0xa1, 0x0f, 0x08, 0x1a, 0x3c, 0x4d, 0x5e, 0x0f]);
const ownGuid = (i: number): Buffer =>
  Buffer.from(`0000${(i + 4096).toString(16).padStart(8, '0')}a10f081a3c4d5e0f1122`.slice(0, 32), 'hex');
/** S-1-5-21-1004336348-1177238915-682003330-1817 */
const sid = (() => {
  const bytes = Buffer.alloc(28);
  bytes.set([1, 5, 0, 0, 0, 0, 0, 5]);
  for (const [i, part] of [21, 1004336348, 1177238915, 682003330, 1817].entries()) bytes.writeUInt32LE(part, 8 + 4 * i);
  return bytes;
})();
/** 100 ns since 1601. */
const fileTime = (at: string): string => String((BigInt(Date.parse(at)) + 11_644_473_600_000n) * 10_000n);

const entry = (values: Readonly<Record<string, string | Buffer>>): Attribute[] =>
  Object.entries(values).map(([type, value]) => new Attribute({ type, values: Buffer.isBuffer(value) ? [value] : [value] }));

/** Between the connector and the directory: hangs up in the middle of an answer once so many bytes went by, a number of times. */
async function wire(
  target: string,
  cuts: number,
  afterBytes: number,
): Promise<{ url: string; connections: () => number; close: () => void }> {
  const sockets = new Set<Socket>();
  let [left, made] = [cuts, 0];
  const server = createServer((client) => {
    made++;
    const upstream = connect(Number(new URL(target).port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    let [seen, cut] = [0, false];
    client.pipe(upstream);
    upstream.on('data', (part: Buffer) => {
      seen += part.length;
      if (cut) return;
      if (left > 0 && seen > afterBytes) {
        left--;
        cut = true;
        client.write(part.subarray(0, part.length >> 1), () => client.destroy());
        return;
      }
      client.write(part);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `ldap://127.0.0.1:${port}`,
    connections: () => made,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe.skipIf(!runs)('Active Directory', () => {
  const directory = new Directory(schema);
  const machines = 1201;
  let h: Harness;

  beforeAll(async () => {
    await directory.start();
    await directory.change(async (client) => {
      await client.add(base, { objectClass: ['dcObject', 'organization'], dc: 'corp', o: 'Corp' });
      for (const ou of ['staff', 'pcs']) await client.add(`ou=${ou},${base}`, { objectClass: 'organizationalUnit', ou });
      // A part of the forest that another server holds.
      await client.add(`ou=branch,${base}`, {
        objectClass: ['referral', 'extensibleObject'],
        ou: 'branch',
        ref: 'ldap://127.0.0.1:9/dc=branch',
      });
      await client.add(
        `cn=Ada,ou=staff,${base}`,
        entry({
          objectClass: 'user',
          objectCategory: 'person',
          objectGUID: ownGuid(9000),
          cn: 'Ada',
          sn: 'Lovelace',
          displayName: 'Ada Lovelace',
          sAMAccountName: 'ada',
          userAccountControl: '512',
          employeeID: '1815',
        }),
      );
      await client.add(
        `cn=Gone,ou=staff,${base}`,
        entry({
          objectClass: 'user',
          objectCategory: 'person',
          objectGUID: ownGuid(9001),
          cn: 'Gone',
          sn: 'Gone',
          sAMAccountName: 'gone',
          userAccountControl: '514',
        }),
      );
      await client.add(
        `cn=WKS-0417,ou=pcs,${base}`,
        entry({
          objectClass: 'computer',
          objectCategory: 'computer',
          objectGUID: guidBytes,
          objectSid: sid,
          cn: 'WKS-0417',
          dNSHostName: 'wks-0417.corp.example',
          operatingSystem: 'Windows 11 Enterprise',
          operatingSystemVersion: '10.0 (22631)',
          userAccountControl: '4096',
          lastLogonTimestamp: fileTime('2026-11-10T05:00:00Z'),
          pwdLastSet: fileTime('2026-11-18T12:30:00Z'),
          location: 'Vienna',
        }),
      );
      for (let i = 1; i < machines; i++)
        await client.add(
          `cn=PC-${i},ou=pcs,${base}`,
          entry({
            objectClass: 'computer',
            objectGUID: ownGuid(i),
            cn: `PC-${i}`,
            dNSHostName: `pc-${i}.corp.example`,
            operatingSystem: 'Windows 10 Pro',
            userAccountControl: i === 1 ? '4098' : '4096',
            lastLogonTimestamp: '0',
          }),
        );
    });
    h = await connectorHarness();
  }, 120_000);
  afterAll(async () => {
    await h?.t.close();
    await directory.stop();
  });

  const add = (name: string, url = directory.url) =>
    h.add({
      kind: 'ldap',
      name,
      settings: { url, bindDn: root, baseDn: base, directory: 'active_directory' },
      secrets: { password },
    });
  const sectionOf = async (nativeId: string): Promise<Record<string, Record<string, unknown>>> =>
    (
      await sql<{
        body: { content: Record<string, Record<string, unknown>> };
      }>`select convert_from(b.body, 'UTF8')::jsonb as body from inbox i
        join inbox_bodies b on b.hash = i.body_hash where i.device_key = ${`ldap:${nativeId}`} order by i.id desc limit 1`.execute(h.t.db)
    ).rows[0]?.body.content ?? {};
  const keysOf = async (nativeId: string): Promise<string[]> =>
    (
      await sql<{ key: string }>`select k ->> 'kind' || ' ' || (k ->> 'value') || ' ' || (k ->> 'quality') as key
        from observations o, jsonb_array_elements(o.keys) as k where o.source = 'ldap' and o.native_id = ${nativeId} order by 1`.execute(
        h.t.db,
      )
    ).rows.map((row) => row.key);

  test('computers with the ids, times and state of their accounts; references to elsewhere are not followed', async () => {
    expect(await h.run(await add('Forest'))).toMatchObject({
      state: 'ok',
      devices: machines,
      people: 2,
      cells: { people: 'ok', computers: 'ok' },
    });
    const content = await sectionOf(guid);
    expect(content).toMatchObject({
      accesslog: { logdate: '2026-11-18 12:30:00' },
      operatingsystem: { name: 'Windows 11 Enterprise', version: '10.0 (22631)', fqdn: 'wks-0417.corp.example' },
      hardware: { name: 'WKS-0417', workgroup: 'corp.example' },
      identifiers: { directory: [guid] },
      directory: {
        dn: `cn=WKS-0417,ou=pcs,${base}`,
        sid: 'S-1-5-21-1004336348-1177238915-682003330-1817',
        passwordset: '2026-11-18T12:30:00.000Z',
        location: 'Vienna',
        disabled: false,
      },
    });
    // What leads from the account to the machine: its full name, and the id of the directory in either byte order.
    expect(await keysOf(guid)).toEqual(
      expect.arrayContaining(['fqdn wks-0417.corp.example weak', expect.stringMatching(/^udid 1(37f3e1b-dd24|b3e7f13-24dd).* good$/)]),
    );
    const disabled = await sql<{
      native_id: string;
    }>`select o.native_id from observations o join inbox i on i.device_id = o.native_id and i.family = 'ldap'
      join inbox_bodies b on b.hash = i.body_hash where o.source = 'ldap' and convert_from(b.body, 'UTF8')::jsonb -> 'content' -> 'directory' ->> 'disabled' = 'true'`.execute(
      h.t.db,
    );
    expect(disabled.rows).toHaveLength(1);
    const people = await sql`select name, login, employee_number, active from people where source = 'ldap' order by login`.execute(h.t.db);
    expect(people.rows).toEqual([
      { name: 'Ada Lovelace', login: 'ada', employee_number: '1815', active: true },
      { name: 'Gone', login: 'gone', employee_number: null, active: false },
    ]);
  }, 120_000);

  test('an account is the machine that device management knows by the id of the directory', async () => {
    const token = { token_type: 'Bearer', expires_in: 3599, access_token: 'one' };
    const managed = {
      id: 'a0a0a0a0-0000-4000-8000-000000000001',
      deviceName: 'WKS-0417',
      serialNumber: '7XK21M3',
      manufacturer: 'Dell Inc.',
    };
    const graph = await fakeVendor((r) => {
      if (r.path.endsWith('/token')) return { json: token };
      // Joined to both, Entra ID knows a device by the id that Active Directory gave.
      return { json: { value: r.path.endsWith('/deviceManagement/managedDevices') ? [{ ...managed, azureADDeviceId: guid }] : [] } };
    });
    try {
      const settings = { tenantId: 'contoso', clientId: '1', graphUrl: graph.url, loginUrl: graph.url };
      const intune = await h.add({ kind: 'intune', name: 'Intune', settings, secrets: { clientSecret: 'secret' } });
      expect(await h.run(intune)).toMatchObject({ state: 'ok', devices: 1 });
    } finally {
      await graph.close();
    }
    expect(await h.asset('ldap', guid)).toBeUndefined();
    await h.run(await add('Forest again'));
    const asset = await h.asset('intune', managed.id);
    expect(asset).toMatchObject({ serial: '7XK21M3' });
    expect(await h.asset('ldap', guid)).toMatchObject({ id: asset?.['id'] });
  }, 120_000);

  test('a server that closes in the middle of a page: the listing begins again and nothing is lost or doubled', async () => {
    const proxy = await wire(directory.url, 2, 150_000);
    try {
      const run = await h.run(await add('Through a bad line', proxy.url));
      expect(run).toMatchObject({ state: 'ok', devices: machines, rows: { computers: machines, people: 2 } });
      expect(proxy.connections()).toBe(3);
    } finally {
      proxy.close();
    }
  }, 120_000);

  test('a server that always closes there is given up, and marks nothing missing', async () => {
    const proxy = await wire(directory.url, Infinity, 150_000);
    try {
      const connector = await add('Through a broken line', proxy.url);
      expect(await h.run(connector)).toMatchObject({ state: 'partly', cells: { people: 'ok', computers: 'failed' } });
      const missing = await sql<{
        n: string;
      }>`select count(*) as n from connector_items where connector_id = ${connector.id} and missing_since is not null`.execute(h.t.db);
      expect(missing.rows[0]?.n).toBe('0');
    } finally {
      proxy.close();
    }
  }, 120_000);

  describe('a computer without a serial number, and the agent on it', () => {
    const guids = { 'LT-0815': ownGuid(7001), 'LT-0816': ownGuid(7002), 'LT-0817': ownGuid(7003), 'LT-0818': ownGuid(7004) };
    type Name = keyof typeof guids;
    const joined = `ou=joined,${base}`;
    let connector: Awaited<ReturnType<Harness['add']>>;

    beforeAll(async () => {
      await directory.change(async (client) => {
        await client.add(joined, { objectClass: 'organizationalUnit', ou: 'joined' });
        for (const [cn, objectGUID] of Object.entries(guids))
          await client.add(
            `cn=${cn},${joined}`,
            entry({
              objectClass: 'computer',
              objectGUID,
              cn,
              dNSHostName: `${cn.toLowerCase()}.corp.example`,
              operatingSystem: 'Windows 11 Enterprise',
              userAccountControl: '4096',
            }),
          );
      });
      connector = await h.add({
        kind: 'ldap',
        name: 'Joined',
        settings: { url: directory.url, bindDn: root, baseDn: joined, directory: 'active_directory' },
        secrets: { password },
      });
    });

    /** Reports as the GLPI Agent on a Windows machine does; answers its asset. */
    const agent = async (name: string, domain: string, serial: string): Promise<string> => {
      const deviceid = `${name}-${serial}`;
      const content = {
        bios: { smanufacturer: 'Dell Inc.', smodel: 'Latitude 5540', ssn: serial },
        hardware: { name, workgroup: domain },
        operatingsystem: { full_name: 'Microsoft Windows 11 Enterprise', kernel_name: 'MSWin32', fqdn: `${name.toLowerCase()}.${domain}` },
        versionclient: 'GLPI-Agent_v1.12',
      };
      const answer = await h.t.app.inject({
        method: 'POST',
        url: `/agent/${h.t.enrolmentKey}`,
        headers: { 'user-agent': 'GLPI-Agent_v1.12', 'content-type': 'application/x-compress-zlib' },
        payload: deflateSync(JSON.stringify({ action: 'inventory', deviceid, itemtype: 'Computer', content })),
      });
      expect(answer.statusCode).toBe(200);
      await expect.poll(async () => h.asset('glpi', deviceid), { timeout: 120_000 }).toBeDefined();
      return String((await h.asset('glpi', deviceid))?.['id']);
    };
    const inDirectory = async (name: Name): Promise<{ asset: string | null; rule: string | null }> => {
      const { rows } = await sql<{ asset: string | null; rule: string | null }>`select o.asset_id as asset, d.rule from observations o
        left join lateral (select rule from identity_decisions i where i.observation_id = o.id order by i.at desc, i.id desc limit 1) d on true
        where o.source = 'ldap' and o.keys @> ${JSON.stringify([{ kind: 'fqdn', value: `${name.toLowerCase()}.corp.example` }])}::jsonb`.execute(
        h.t.db,
      );
      expect(rows, name).toHaveLength(1);
      return rows[0] ?? { asset: null, rule: null };
    };

    test('are one asset by the full name, whichever came first; never by the short name, and not when two agents have it', async () => {
      const first = await agent('LT-0815', 'corp.example', 'LT0815A');
      const elsewhere = await agent('LT-0817', 'plant.example', 'LT0817A');
      const twins = [await agent('LT-0818', 'corp.example', 'LT0818A'), await agent('LT-0818', 'corp.example', 'LT0818B')];
      expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 4 });
      expect(await inDirectory('LT-0815')).toEqual({ asset: first, rule: 'fqdn_and_system' });
      // Kept for later: an account alone is no asset.
      expect(await inDirectory('LT-0817')).toMatchObject({ asset: null });
      expect(await inDirectory('LT-0818')).toMatchObject({ asset: null });

      // The directory knew it before its agent came.
      const late = await agent('LT-0816', 'corp.example', 'LT0816A');
      await h.run(connector);
      expect((await inDirectory('LT-0816')).asset).toBe(late);
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::int as n from assets where name ilike 'LT-081%' and redirected_to is null`.execute(h.t.db);
      expect([rows[0]?.n, new Set([first, late, elsewhere, ...twins]).size]).toEqual([5, 5]);
    }, 120_000);
  });
});
