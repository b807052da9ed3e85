import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { testDb, type TestDb } from '../../testing/index.ts';
import { createAsset, readAsset, releaseField, seedAssetClasses, updateAsset } from '../assets/index.ts';
import { ingestReports, type IngestResult } from './ingest.ts';
import { item, type Machine, report } from './test-reports.ts';

let t: TestDb;
let db: Db;
beforeAll(async () => {
  t = await testDb();
  db = t.db;
  await db.transaction().execute(seedAssetClasses);
});
afterAll(() => t.close());
beforeEach(async () => {
  await sql`truncate assets, asset_field_values, asset_events, observations, observation_sections, identity_keys, identity_decisions, device_facts, interfaces, storage_devices, asset_users, installations, people cascade`.execute(
    db,
  );
});

const at = (day: number, hour = 8): string => `2026-03-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00Z`;
const ingest = async (...items: Parameters<typeof ingestReports>[1]): Promise<IngestResult[]> =>
  db.transaction().execute((tx) => ingestReports(tx, items));
const one = async (m: Machine, when: string, options: Parameters<typeof report>[1] = {}): Promise<IngestResult> =>
  (await ingest(item(report(m, options), when)))[0] as IngestResult;
const scalar = async (query: ReturnType<typeof sql<{ v: unknown }>>): Promise<unknown> => (await query.execute(db)).rows[0]?.v;
const titles = async (assetId: string, asOf?: string): Promise<string[]> =>
  (
    await sql<{
      v: string;
    }>`select e.name || coalesce('@' || e.version, '') as v from installations i join evidence e on e.id = i.evidence_id where i.asset_id = ${assetId} and e.channel <> 'os'
      ${asOf ? sql`and i.first_seen_at <= ${asOf} and (i.removed_at is null or i.removed_at > ${asOf})` : sql`and i.removed_at is null`} order by 1`.execute(
      db,
    )
  ).rows.map((r) => r.v);
const kinds = async (assetId: string): Promise<string[]> =>
  (await sql<{ kind: string }>`select kind from asset_events where asset_id = ${assetId} order by at, id`.execute(db)).rows.map(
    (r) => r.kind,
  );
const asset = async (id: string) => readAsset(db, id, new Date(at(28)));

test('a new machine becomes a discovered asset with everything it reported', async () => {
  const result = await one({ titles: ['Firefox@128', 'Acrobat@24'] }, at(1));
  expect(result).toMatchObject({ outcome: 'created', warnings: [] });
  const record = await asset(result.assetId as string);
  expect(record).toMatchObject({
    state: 'discovered',
    class: { key: 'laptop' },
    name: 'pc1',
    serial: '7XK21M3',
    manufacturer: 'Dell Inc.',
    osName: 'Microsoft Windows 11 Pro',
    cores: 10,
    memoryMb: 16384,
    lastUser: 'ada',
    domain: 'corp.example',
    installedTitles: 3,
    firstSeenAt: '2026-03-01T08:00:00.000Z',
    version: 1,
  });
  expect(record.fields['serial']).toMatchObject({ value: '7XK21M3', source: 'glpi', manual: false, losing: [] });
  expect(await titles(record.id)).toEqual(['Acrobat@24', 'Firefox@128']);
  expect(await kinds(record.id)).toEqual(['created']);
  expect(await scalar(sql`select count(*)::int as v from observation_sections where asset_id = ${record.id}`)).toBe(10);
  expect(await scalar(sql`select outcome || ' ' || rule as v from identity_decisions where asset_id = ${record.id}`)).toBe(
    'create unknown',
  );
  expect(await scalar(sql`select mac as v from interfaces where asset_id = ${record.id}`)).toBe('001b213c4d5e');
});

describe('a re-inventory', () => {
  test('that says the same writes only when it came', async () => {
    const { assetId } = await one({ titles: ['Firefox@128'] }, at(1));
    const written = async (): Promise<Record<string, string>> => {
      const tables = [
        'assets',
        'asset_field_values',
        'asset_events',
        'observations',
        'observation_sections',
        'identity_keys',
        'identity_decisions',
        'device_facts',
        'interfaces',
        'storage_devices',
        'asset_users',
        'installations',
      ];
      const counts: Record<string, string> = {};
      for (const table of tables)
        counts[table] = String(
          await scalar(sql`select string_agg(xmin::text || ctid::text, ',' order by ctid) as v from ${sql.table(table)}`),
        );
      return counts;
    };
    const before = await written();
    expect(await one({ titles: ['Firefox@128'] }, at(2))).toMatchObject({ outcome: 'linked', assetId });
    const after = await written();
    expect(Object.keys(after).filter((k) => after[k] !== before[k])).toEqual(['assets', 'observations']);
    expect(await asset(assetId as string)).toMatchObject({ lastSeenAt: '2026-03-02T08:00:00.000Z', version: 1 });
  });

  test('adds, removes and re-adds titles, and any day can be asked for', async () => {
    const { assetId } = await one({ titles: ['A@1', 'B@1', 'C@1'] }, at(1));
    const id = assetId as string;
    await one({ titles: ['A@2', 'B@1', 'D@1'] }, at(5));
    await one({ titles: ['A@2', 'B@1', 'C@1', 'D@1'] }, at(9));
    expect(await titles(id)).toEqual(['A@2', 'B@1', 'C@1', 'D@1']);
    expect(await titles(id, at(3))).toEqual(['A@1', 'B@1', 'C@1']);
    expect(await titles(id, at(7))).toEqual(['A@2', 'B@1', 'D@1']);
    expect(
      await scalar(sql`select count(*)::int as v from installations i join evidence e on e.id = i.evidence_id where e.name = 'C'`),
    ).toBe(2);
    const events = (
      await sql<{
        data: { added: number[]; removed: number[] };
      }>`select data from asset_events where asset_id = ${id} and kind = 'software_changed' order by at`.execute(db)
    ).rows;
    expect(events.map((e) => [e.data.added.length, e.data.removed.length])).toEqual([
      [2, 2],
      [1, 0],
    ]);
  });

  test('writes an event with old and new for every field, list and user that changed', async () => {
    const { assetId } = await one({ titles: ['A@1'] }, at(1));
    await one(
      {
        deviceId: 'pc1-2026-01-01-08-00-00',
        name: 'pc1-renamed',
        memoryMb: 32768,
        user: 'grace',
        ip: '10.0.0.9',
        disks: ['S6-1', 'S6-2'],
        titles: ['A@1'],
        more: { printers: [{ name: 'HP' }] },
      },
      at(2),
    );
    const events = (
      await sql<{
        kind: string;
        data: Record<string, unknown>;
      }>`select kind, data from asset_events where asset_id = ${assetId} and kind <> 'created'`.execute(db)
    ).rows;
    expect(events.map((e) => e.data)).toEqual(
      expect.arrayContaining([
        { field: 'name', from: 'pc1', to: 'pc1-renamed' },
        { field: 'memoryMb', from: 16384, to: 32768 },
        { field: 'lastUser', from: 'ada', to: 'grace' },
        { sections: ['networks'], cameIn: ['eth0 001b213c4d5e 10.0.0.9'], wentOut: ['eth0 001b213c4d5e 10.0.0.5'] },
        {
          cameIn: [{ kind: 'disk', name: expect.any(String), serial: 'S6-2' }],
          wentOut: [],
          replaced: [],
          counts: { cameIn: 1, wentOut: 0, replaced: 0 },
        },
        { login: 'grace', domain: 'corp' },
        { sections: ['printers'] },
      ]),
    );
    expect(await asset(assetId as string)).toMatchObject({ name: 'pc1-renamed', memoryMb: 32768, version: 2 });
  });

  test('keeps a value set by hand, with what the source says beside it, until it is released', async () => {
    const { assetId } = await one({}, at(1));
    const id = assetId as string;
    await db
      .transaction()
      .execute((tx) => updateAsset(tx, systemActor, id, 1, { name: 'Reception', notes: 'by the door' }, new Date(at(2))));
    await one({ deviceId: 'pc1-2026-01-01-08-00-00', name: 'pc2' }, at(3));
    const held = await asset(id);
    expect(held).toMatchObject({ name: 'Reception', notes: 'by the door' });
    expect(held.fields['name']).toMatchObject({
      manual: true,
      source: 'manual',
      actor: 'Muster',
      losing: [{ value: 'pc2', source: 'glpi' }],
    });
    await db.transaction().execute((tx) => releaseField(tx, systemActor, id, 'name', new Date(at(4))));
    expect(await asset(id)).toMatchObject({ name: 'pc2', notes: 'by the door' });
    expect(await kinds(id)).toEqual(expect.arrayContaining(['value_released']));
  });

  test('that came before the one applied last changes nothing and says so', async () => {
    const { assetId } = await one({ titles: ['A@1'] }, at(5));
    const late = await one({ titles: ['B@1'] }, at(4));
    expect(late).toMatchObject({ outcome: 'linked', assetId, warnings: [{ code: 'older_report' }] });
    expect(await titles(assetId as string)).toEqual(['A@1']);
  });
});

describe('a partial report', () => {
  test('changes the sections it has and leaves the others', async () => {
    const { assetId } = await one({ titles: ['A@1', 'B@1'] }, at(1));
    const id = assetId as string;
    await one({ memoryMb: 8192 }, at(2), { only: [] });
    expect(await asset(id)).toMatchObject({
      memoryMb: 8192,
      osName: 'Microsoft Windows 11 Pro',
      cpu: 'Intel Core i5',
      lastUser: 'ada',
      installedTitles: 3,
    });
    expect(await scalar(sql`select count(*)::int as v from interfaces where asset_id = ${id}`)).toBe(1);
    await one({ titles: ['B@1'] }, at(3), { only: ['softwares'] });
    expect(await titles(id)).toEqual(['B@1']);
    expect(await scalar(sql`select count(*)::int as v from observation_sections where asset_id = ${id}`)).toBe(10);
  });

  test('of an unknown machine is held, and the full one that follows makes the asset with the sections kept', async () => {
    const held = await one({ titles: ['A@1'], more: { processes: [] } }, at(1), { only: ['processes'] });
    expect(held).toMatchObject({ outcome: 'held', assetId: null });
    expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(0);
    expect(await scalar(sql`select count(*)::int as v from observation_sections`)).toBe(3);
    const full = await one({ titles: ['A@1'] }, at(2));
    expect(full).toMatchObject({ outcome: 'created', observationId: held.observationId });
    expect(await titles(full.assetId as string)).toEqual(['A@1']);
    expect(await scalar(sql`select count(*)::int as v from observation_sections where asset_id <> ${full.assetId}`)).toBe(0);
    expect(
      (await sql<{ outcome: string }>`select outcome from identity_decisions order by at`.execute(db)).rows.map((r) => r.outcome),
    ).toEqual(['hold', 'create']);
  });

  test('full again without a section empties it', async () => {
    const { assetId } = await one({ titles: ['A@1'], more: { printers: [{ name: 'HP' }] } }, at(1));
    const r = report({ titles: [] });
    delete r.sections['networks'];
    delete r.sections['softwares'];
    await ingest(item({ ...r, software: null, device: { ...(r.device as NonNullable<typeof r.device>), interfaces: null } }, at(2)));
    expect(await titles(assetId as string)).toEqual([]);
    expect(await scalar(sql`select count(*)::int as v from interfaces where asset_id = ${assetId}`)).toBe(0);
    expect(
      await scalar(sql`select string_agg(section, ' ' order by section) as v from observation_sections where asset_id = ${assetId}`),
    ).not.toContain('printers');
  });

  test('a cut-off report removes nothing', async () => {
    const { assetId } = await one({ titles: ['A@1', 'B@1'] }, at(1));
    const r = report({ titles: ['A@1', 'C@1'] });
    delete r.sections['networks'];
    await ingest(
      item(
        {
          ...r,
          device: { ...(r.device as NonNullable<typeof r.device>), interfaces: null },
          warnings: [{ code: 'truncated_body', path: '', message: 'cut' }],
        },
        at(2),
      ),
    );
    expect(await titles(assetId as string)).toEqual(['A@1', 'B@1', 'C@1']);
    expect(await scalar(sql`select count(*)::int as v from interfaces where asset_id = ${assetId}`)).toBe(1);
  });
});

describe('identity', () => {
  test('two agents of one machine make one asset, even in one batch, and each keeps what it says', async () => {
    const [a, b] = await ingest(
      item(report({ titles: ['A@1'] }), at(1)),
      item(report({ titles: ['A@1'], manufacturer: 'DELL', name: 'PC1' }, { family: 'ocs' }), at(1)),
    );
    expect([a?.outcome, b?.outcome]).toEqual(['created', 'linked']);
    expect(b?.assetId).toBe(a?.assetId);
    const record = await asset(a?.assetId as string);
    expect(record.sources.map((s) => s.source).sort()).toEqual(['glpi', 'ocs']);
    expect(record.fields['manufacturer']).toMatchObject({
      value: 'Dell Inc.',
      source: 'glpi',
      losing: [{ value: 'DELL', source: 'ocs', reason: 'GLPI Agent is believed before OCS Inventory for this field.' }],
    });
    expect(await kinds(record.id)).toContain('linked');
    await one({ titles: [], manufacturer: 'DELL', name: 'PC1' }, at(2), { family: 'ocs' });
    expect(await titles(record.id)).toEqual(['A@1']);
  });

  test('placeholder serials are not merged, and the record shows no serial', async () => {
    const junk = { serial: 'Default string', uuid: '03000200-0400-0500-0006-000700080009', manufacturer: 'To Be Filled By O.E.M.' };
    const [a, b] = await ingest(
      item(report({ ...junk, name: 'x1', mac: '00:1b:21:00:00:01' }), at(1)),
      item(report({ ...junk, name: 'x2', mac: '00:1b:21:00:00:02' }), at(1)),
    );
    expect([a?.outcome, b?.outcome]).toEqual(['created', 'created']);
    expect(a?.assetId).not.toBe(b?.assetId);
    expect(await asset(a?.assetId as string)).toMatchObject({ serial: null, manufacturer: null });
  });

  test('a cloned UUID with another serial stays apart, is a conflict with its reason, and stops to identify', async () => {
    const a = await one({ name: 'a1' }, at(1));
    const b = await one({ name: 'b1', serial: '8YL32N4', mac: '00:1b:21:00:00:02' }, at(1));
    expect(b).toMatchObject({ outcome: 'created', warnings: [{ code: 'identity_conflict' }] });
    expect(b.assetId).not.toBe(a.assetId);
    expect(await scalar(sql`select string_agg(distinct quality, ',') as v from identity_keys where kind = 'uuid'`)).toBe('shared');
    const c = await one({ name: 'c1', serial: null, mac: '00:1b:21:00:00:03' }, at(2));
    expect(c.outcome).toBe('created');
    expect(await scalar(sql`select count(*)::int as v from audit_log where action = 'identity_key.shared'`)).toBe(1);
  });

  test('a clone with the same agent id is told apart by its serial, report after report', async () => {
    const original = { deviceId: 'gold-2026-01-01-08-00-00', name: 'a' };
    const clone = { ...original, name: 'b', serial: '8YL32N4', uuid: '9a1b2c3d-1111-4222-8333-abcdef012345', mac: '00:1b:21:00:00:02' };
    const a = await one(original, at(1));
    const b = await one(clone, at(2));
    expect(b.assetId).not.toBe(a.assetId);
    expect((await one(original, at(3))).assetId).toBe(a.assetId);
    expect((await one(clone, at(4))).assetId).toBe(b.assetId);
    expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(2);
    expect(await asset(b.assetId as string)).toMatchObject({ name: 'b', serial: '8YL32N4' });
  });

  test('a clone without serial number goes on under a name of its own', async () => {
    const original = { deviceId: 'gold-2026-01-01-08-00-00', name: 'a', serial: null };
    const clone = { ...original, name: 'b', uuid: '9a1b2c3d-1111-4222-8333-abcdef012345', mac: '00:1b:21:00:00:02' };
    const a = await one(original, at(1));
    const b = await one(clone, at(2));
    expect(b.assetId).not.toBe(a.assetId);
    expect((await one({ ...original, name: 'a2' }, at(3))).assetId).toBe(a.assetId);
    expect((await one({ ...clone, name: 'b2' }, at(4))).assetId).toBe(b.assetId);
    expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(2);
  });

  test('a rename keeps the asset, and an agent installed anew finds it by the serial', async () => {
    const a = await one({ name: 'old' }, at(1));
    expect((await one({ deviceId: 'old-2026-01-01-08-00-00', name: 'new' }, at(2))).assetId).toBe(a.assetId);
    expect(await one({ deviceId: 'new-2026-03-03-08-00-00', name: 'new' }, at(3))).toMatchObject({ outcome: 'linked', assetId: a.assetId });
    expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(1);
  });

  test('an asset entered by hand is adopted by its tag or its serial', async () => {
    const byTag = await db
      .transaction()
      .execute((tx) => createAsset(tx, systemActor, { class: 'laptop', tag: 'A-00017', state: 'in_stock' }, new Date(at(1))));
    const bySerial = await db
      .transaction()
      .execute((tx) => createAsset(tx, systemActor, { class: 'laptop', serial: '8YL32N4', state: 'in_stock' }, new Date(at(1))));
    expect(await one({ assetTag: 'a-00017' }, at(2))).toMatchObject({ outcome: 'linked', assetId: byTag });
    expect(await one({ name: 'pc2', serial: '8YL32N4', uuid: null, mac: '00:1b:21:00:00:02' }, at(2))).toMatchObject({
      outcome: 'linked',
      assetId: bySerial,
    });
    expect(await asset(byTag)).toMatchObject({ tag: 'A-00017', state: 'in_stock', serial: '7XK21M3', name: 'pc1' });
  });

  test('workers that meet one machine at the same moment make one asset', async () => {
    const families = ['glpi', 'fusioninventory', 'ocs'] as const;
    const results = await Promise.all(families.map((family) => one({ deviceId: `same-${family}`, titles: ['A@1'] }, at(1), { family })));
    expect(new Set(results.map((r) => r.assetId)).size).toBe(1);
    expect(results.filter((r) => r.outcome === 'created').length).toBe(1);
  });

  test('batches in opposite order do not wait for each other', async () => {
    const machines = Array.from({ length: 20 }, (_, i): Machine => ({
      name: `m${i}`,
      serial: `SER000${i}`,
      uuid: null,
      mac: `00:1b:21:00:01:${String(i).padStart(2, '0')}`,
      titles: [`A@${i}`, 'B@1'],
    }));
    const batch = (family: 'glpi' | 'ocs', day: number, list: Machine[]) =>
      ingest(...list.map((m) => item(report({ ...m, memoryMb: 1000 + day }, { family }), at(day))));
    for (let day = 1; day <= 3; day++) await Promise.all([batch('glpi', day, machines), batch('ocs', day, [...machines].reverse())]);
    expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(20);
    expect(await scalar(sql`select count(*)::int as v from observations`)).toBe(40);
  });
});

test('one machine twice in a batch is applied in order', async () => {
  const results = await ingest(
    item(report({ titles: ['A@1'] }), at(1)),
    item(report({ titles: ['A@1', 'B@1'] }), at(1, 9)),
    item(report({ titles: ['B@1'] }), at(1, 10)),
  );
  expect(results.map((r) => r.outcome)).toEqual(['created', 'linked', 'linked']);
  expect(await titles(results[0]?.assetId as string)).toEqual(['B@1']);
});

test('reports of one machine within one millisecond are applied in order', async () => {
  const results = await ingest(...['A@1 B@1', 'B@1', 'A@1 B@1'].map((list) => item(report({ titles: list.split(' ') }), at(1))));
  expect(await titles(results[0]?.assetId as string)).toEqual(['A@1', 'B@1']);
});

test('the last user is linked to the person with that login unless someone was chosen by hand', async () => {
  await sql`insert into people (id, name, login) values ('00000000-0000-7000-8000-00000000000a', 'Ada Lovelace', 'ada'), ('00000000-0000-7000-8000-00000000000b', 'Grace Hopper', 'grace')`.execute(
    db,
  );
  const { assetId } = await one({ user: 'CORP\\Ada' }, at(1));
  const id = assetId as string;
  expect(await asset(id)).toMatchObject({
    person: { label: 'Ada Lovelace' },
    fields: { person: { source: 'glpi', label: 'Ada Lovelace' } },
  });
  await db
    .transaction()
    .execute((tx) => updateAsset(tx, systemActor, id, 1, { person: '00000000-0000-7000-8000-00000000000b' }, new Date(at(2))));
  await one({ user: 'CORP\\Ada', memoryMb: 1 }, at(3));
  expect((await asset(id)).person?.label).toBe('Grace Hopper');
});

test('what a network scan found is kept as held observations that can be read', async () => {
  const scan = {
    ...report({}),
    kind: 'netdiscovery' as const,
    device: null,
    software: null,
    deviceId: 'scanner',
    sections: { devices: [{ ip: '10.0.0.7', mac: '00:1B:21:3C:4D:77' }, { ip: '10.0.0.8' }], processnumber: '1' },
  };
  const [result] = await ingest(item(scan, at(1)));
  expect(result).toMatchObject({ outcome: 'held', assetId: null });
  expect(
    (await sql<{ native_id: string }>`select native_id from observations where source = 'netdiscovery' order by 1`.execute(db)).rows.map(
      (r) => r.native_id,
    ),
  ).toEqual(['001b213c4d77', '10.0.0.8']);
  await ingest(item(scan, at(2)));
  expect(await scalar(sql`select count(*)::int as v from identity_decisions`)).toBe(2);
  expect(await scalar(sql`select count(*)::int as v from assets`)).toBe(0);
});

test('a PROLOG says nothing of a machine', async () => {
  expect((await ingest(item({ ...report({}), kind: 'prolog' }, at(1))))[0]).toMatchObject({ outcome: 'ignored', observationId: null });
});

test('the number of statements does not grow with the batch', async () => {
  const statements = async (n: number, offset: number): Promise<number> => {
    let count = 0;
    const watched = db.withPlugin({ transformQuery: ({ node }) => (count++, node), transformResult: async ({ result }) => result });
    await watched.transaction().execute((tx) =>
      ingestReports(
        tx,
        Array.from({ length: n }, (_, i) =>
          item(
            report({
              name: `w${offset + i}`,
              serial: `W000${offset + i}`,
              uuid: null,
              mac: `00:1b:22:00:${offset}:${String(i).padStart(2, '0')}`,
              titles: ['A@1', `B@${i}`],
            }),
            at(1),
          ),
        ),
      ),
    );
    return count;
  };
  // What is read once for all batches is read before.
  await statements(1, 9);
  const few = await statements(3, 10);
  expect(await statements(60, 20)).toBe(few);
  expect(few).toBeLessThan(35);
});

test('absurd values neither stop the batch nor lose the rest of the report', async () => {
  const long = 'x'.repeat(20_000);
  const r = report({
    serial: long,
    name: long,
    manufacturer: `a"b\\c{,}\n${long}`,
    user: long,
    mac: long,
    memoryMb: 1e15,
    assetTag: long,
    titles: ['We "quote", {brace} and back\\slash@1'],
  });
  const rows = ['0000-00-00', '2024-02-30', '-1', '9999-12-31', 'yesterday'].map((installedOn, i) => ({
    ...(r.software?.[0] as NonNullable<typeof r.software>[number]),
    name: `t${i}`,
    installedOn,
    path: `C:\\"${i}"{,}`,
  }));
  const cpu = { ...(r.device?.cpu as NonNullable<NonNullable<typeof r.device>['cpu']>), cores: -3, sockets: 1e12, threads: 1.5 };
  const results = await ingest(
    item(
      {
        ...r,
        deviceId: 'absurd',
        device: { ...(r.device as NonNullable<typeof r.device>), cpu },
        software: [...(r.software ?? []), ...rows],
      },
      at(1),
    ),
    item(report({ name: 'fine', serial: 'FINE0001', uuid: null }), at(1)),
  );
  expect(results.map((x) => x.outcome)).toEqual(['created', 'created']);
  expect(await asset(results[0]?.assetId as string)).toMatchObject({ memoryMb: null, cores: null, installedTitles: 7 });
  expect(await scalar(sql`select string_agg(path, ' ' order by path) as v from installations where path is not null`)).toBe(
    'C:\\"0"{,} C:\\"1"{,} C:\\"2"{,} C:\\"3"{,} C:\\"4"{,}',
  );
  expect(await titles(results[0]?.assetId as string)).toContain('We "quote", {brace} and back\\slash@1');
});

test('an inventory uploaded weeks after it was taken does not make the machine look alive', async () => {
  const stamped = (logdate: string): Machine => ({ more: { accesslog: { logdate } } });
  const stale = await one(stamped('2026-02-01 10:00:00'), at(20));
  expect((await asset(stale.assetId as string)).lastSeenAt).toBe('2026-02-01T10:00:00.000Z');
  await one(stamped('2026-02-10 10:00:00'), at(21));
  expect((await asset(stale.assetId as string)).lastSeenAt).toBe('2026-02-10T10:00:00.000Z');
  // A clock that is off by a day, or ahead, says nothing: the time of receipt counts.
  await one(stamped('2026-03-21 20:00:00'), at(22));
  expect((await asset(stale.assetId as string)).lastSeenAt).toBe('2026-03-22T08:00:00.000Z');
  await one(stamped('2031-01-01 00:00:00'), at(23));
  expect((await asset(stale.assetId as string)).lastSeenAt).toBe('2026-03-23T08:00:00.000Z');
});

test('the operating system is a title of its own: it comes, is upgraded, and a list of titles does not touch it', async () => {
  const systems = async (assetId: string): Promise<string[]> =>
    (
      await sql<{ v: string }>`select e.name || ' ' || e.version as v from installations i join evidence e on e.id = i.evidence_id
        where i.asset_id = ${assetId} and i.removed_at is null and e.channel = 'os'`.execute(db)
    ).rows.map((r) => r.v);
  const id = (await one({ titles: ['A@1'] }, at(1))).assetId as string;
  expect(await systems(id)).toEqual(['Microsoft Windows 11 Pro 10.0.22631']);
  await one({ titles: ['A@1', 'B@1'] }, at(2), { only: ['softwares'] });
  expect(await systems(id)).toEqual(['Microsoft Windows 11 Pro 10.0.22631']);
  const upgraded = report({ titles: ['A@1', 'B@1'] }, { only: ['operatingsystem'] });
  if (upgraded.device?.os) upgraded.device.os.version = '10.0.26100';
  upgraded.sections['operatingsystem'] = { version: '10.0.26100' };
  await ingest(item(upgraded, at(3)));
  expect(await systems(id)).toEqual(['Microsoft Windows 11 Pro 10.0.26100']);
  expect(await titles(id)).toEqual(['A@1', 'B@1']);
});
