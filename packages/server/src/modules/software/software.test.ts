import {
  evidenceListRoutes,
  productListRoutes,
  publisherListRoutes,
  createProduct,
  createRecognitionRule,
  getEvidence,
  getProduct,
  getRecognitionState,
  listUnrecognised,
  patchProduct,
  rerunRecognition,
  retireRecognitionRule,
} from '@muster/api/software';
import { getJob } from '@muster/api/jobs';
import type { CallOf, ResponseOf, Route } from '@muster/api/route';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, testDb, type TestActor, type TestApp, type TestDb } from '../../testing/index.ts';
import { resourceSuite } from '../../testing/resource-suite.ts';
import { evidenceHash, type EvidenceInput } from './evidence.ts';
import { evidenceIdsFor, noteInstallationChanges, settleCounts } from './index.ts';
import { rulesOf } from './state.ts';

const row = (
  name: string,
  publisher: string | null = null,
  version: string | null = null,
  channel = 'registry',
  code: string | null = null,
): EvidenceInput => ({ name, version, publisher, channel, arch: 'x86_64', code });

const call = async <X extends Route>(who: TestActor, route: X, input: CallOf<X>): Promise<ResponseOf<X>> =>
  (await who.call(route, input)).data;

const titles: EvidenceInput[] = [
  row('Microsoft Office Professional Plus 2019 - en-us', 'Microsoft Corporation', '16.0.10396.20017'),
  row('Microsoft Visio Professional 2016', 'Microsoft Corporation', '16.0.4266.1001'),
  row('Google Chrome', 'Google LLC', '119.0.6045.160'),
  row('Update for Microsoft Office 2016 (KB4484138) 64-Bit Edition', 'Microsoft'),
  row('Microsoft Visual C++ 2015 Redistributable (x64) - 14.0.24215', 'Microsoft Corporation', '14.0.24215.1'),
  row('nginx', 'Debian', '1.22.1-9', 'deb'),
  row('libssl3', 'Debian', '3.0.11-1', 'deb'),
  row('Contoso Planner 4.1', 'Contoso Ltd', '4.1'),
  row('Contoso Planner 4.2', 'Contoso Ltd', '4.2'),
  row('Fabrikam Studio', null, '1.0'),
  row('Microsoft Excel', null, '16.78', 'bundle', 'com.microsoft.Excel'),
];

/** Puts titles on assets as ingest does: installations and their note in one transaction. */
async function install(db: Db, assets: number, rows: readonly EvidenceInput[]): Promise<number[]> {
  return inTx(db, async (tx) => {
    const ids = await evidenceIdsFor(tx, rows);
    for (let i = 0; i < assets; i++) {
      const asset = newId();
      for (const id of ids)
        await sql`insert into installations (asset_id, observation_id, evidence_id, first_seen_at) values (${asset}, ${newId()}, ${id}, now())`.execute(
          tx,
        );
    }
    await noteInstallationChanges(
      tx,
      ids.map((evidenceId) => ({ evidenceId, delta: assets })),
    );
    return ids;
  });
}

resourceSuite({
  routes: productListRoutes,
  seed: async (t) => {
    await install(t.db, 2, titles);
    await settleCounts(t.db);
  },
});
resourceSuite({ routes: publisherListRoutes, seed: async () => undefined });
resourceSuite({
  routes: evidenceListRoutes,
  seed: async (t) => {
    await install(t.db, 2, titles);
    await install(t.db, 1, titles.slice(0, 3));
    await settleCounts(t.db);
  },
});

describe('evidence', () => {
  let d: TestDb;
  beforeAll(async () => {
    d = await testDb();
  });
  afterAll(() => d.close());

  it('has one id per distinct fact, recognised in the same transaction', async () => {
    const ids = await inTx(d.db, async (tx) => evidenceIdsFor(tx, [...titles, ...titles]));
    expect(ids.slice(0, titles.length)).toEqual(ids.slice(titles.length));
    expect(new Set(ids).size).toBe(titles.length);
    const { rows } = await sql<{ name: string; key: string | null; edition: string | null; kind: string; part: string | null }>`
      select e.name, p.key, r.edition, r.kind, o.key as part from evidence e join evidence_recognition r on r.evidence_id = e.id left join products p on p.id = r.product_id
      left join products o on o.id = r.part_of order by e.id`.execute(d.db);
    expect(rows.length).toBe(titles.length);
    const of = (name: string) => rows.find((r) => r.name.startsWith(name));
    expect(of('Microsoft Office')).toMatchObject({ key: 'microsoft/office', edition: 'Professional Plus', kind: 'product' });
    expect(of('Update for')).toMatchObject({ key: null, kind: 'update', part: 'microsoft/office' });
    expect(of('Microsoft Visual C++')).toMatchObject({ key: 'microsoft/visual-cpp-redistributable', kind: 'runtime' });
    expect(of('libssl3')).toMatchObject({ key: null, kind: 'component' });
    expect(of('Contoso')).toMatchObject({ key: null, kind: 'product' });
    expect(of('Microsoft Excel')).toMatchObject({ key: 'microsoft/excel' });
  });

  it('tells absent from empty, and every column counts', () => {
    const base = row('A', 'B', '1');
    const different = [
      base,
      { ...base, version: null },
      { ...base, version: '' },
      { ...base, publisher: null },
      { ...base, channel: 'msi' },
      { ...base, arch: null },
      { ...base, code: 'x' },
      row('AB', '', '1'),
    ];
    expect(new Set(different.map((r) => evidenceHash(r).toString('hex'))).size).toBe(different.length);
  });

  it('does not remember ids of a transaction that was rolled back', async () => {
    const fresh = row('Rolled Back Tool', 'Nobody', '1');
    await expect(
      inTx(d.db, async (tx) => {
        await evidenceIdsFor(tx, [fresh]);
        // A second look in the same transaction must not put it into memory either.
        await evidenceIdsFor(tx, [fresh]);
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    const [id] = await inTx(d.db, async (tx) => evidenceIdsFor(tx, [fresh]));
    const { rows } = await sql<{ id: number }>`select id from evidence where name = 'Rolled Back Tool'`.execute(d.db);
    expect(rows).toEqual([{ id }]);
  });

  it('gives two transactions that add the same new evidence at once the same ids', async () => {
    const many = Array.from({ length: 300 }, (_, i) => row(`Concurrent ${i}`, 'X', '1'));
    const work = (rows: EvidenceInput[]) => inTx(d.db, async (tx) => evidenceIdsFor(tx, rows));
    const [a, b, c] = await Promise.all([work(many), work([...many].reverse()), work(many)]);
    expect(a).toEqual(c);
    expect([...(b ?? [])].reverse()).toEqual(a);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from evidence where name like 'Concurrent %'`.execute(d.db);
    expect(rows[0]?.n).toBe(300);
  });

  it('is never altered, whoever tries', async () => {
    await expect(sql`update evidence set name = 'x' where id = 1`.execute(d.db)).rejects.toThrow('never altered');
    await sql`update evidence set installations = installations where id = 1`.execute(d.db);
  });

  it('folds installation changes into counts and tells which products changed', async () => {
    await sql`delete from product_changes`.execute(d.db);
    const ids = await install(d.db, 3, titles);
    await settleCounts(d.db);
    const { rows } = await sql<{ installations: number }>`select installations from evidence where id = any(${ids}::int[])`.execute(d.db);
    expect(rows.every((r) => r.installations === 3)).toBe(true);
    const chrome = await sql<{
      assets: number;
      installations: number;
      changed: boolean;
    }>`select assets, installations, exists (select 1 from product_changes c where c.product_id = p.id) as changed
      from products p where key = 'google/chrome'`.execute(d.db);
    expect(chrome.rows).toEqual([{ assets: 3, installations: 3, changed: true }]);
    const other = await sql`select 1 from product_changes c join products p on p.id = c.product_id where p.key = 'adobe/acrobat'`.execute(
      d.db,
    );
    expect(other.rows).toEqual([]);
    // Removed again: the counts follow.
    await inTx(d.db, async (tx) => {
      await sql`update installations set removed_at = now() where evidence_id = ${ids[2]}`.execute(tx);
      await noteInstallationChanges(tx, [{ evidenceId: ids[2] ?? 0, delta: -3 }]);
    });
    await settleCounts(d.db);
    expect((await sql`select assets, installations from products where key = 'google/chrome'`.execute(d.db)).rows).toEqual([
      { assets: 0, installations: 0 },
    ]);
  });

  it('notes from several transactions at once add up and do not block each other', async () => {
    const [id = 0] = await inTx(d.db, async (tx) => evidenceIdsFor(tx, [row('Counted Tool', 'X', '1')]));
    await Promise.all(
      Array.from({ length: 20 }, () => inTx(d.db, async (tx) => noteInstallationChanges(tx, [{ evidenceId: id, delta: 1 }]))),
    );
    await settleCounts(d.db);
    expect((await sql`select installations from evidence where id = ${id}`.execute(d.db)).rows).toEqual([{ installations: 20 }]);
    expect((await sql`select 1 from installation_deltas`.execute(d.db)).rows).toEqual([]);
  });
});

describe('recognition through the API', () => {
  let t: TestApp;
  let manager: TestActor;
  let auditor: TestActor;
  const stored = async () =>
    (
      await sql`select id, encode(hash, 'hex') as hash, name, version, publisher, channel, arch, code, first_seen_at from evidence order by id`.execute(
        t.db,
      )
    ).rows;

  beforeAll(async () => {
    t = await testApp();
    manager = await t.as('licence_manager');
    auditor = await t.as('auditor');
    await install(t.db, 4, titles);
    await settleCounts(t.db);
  });
  afterAll(() => t.close());

  it('queues unknown titles by what they have in common, most installed first', async () => {
    const page = await call(manager, listUnrecognised, { query: {} });
    expect(page.items.map((g) => [g.name, g.publisher, g.evidence, g.installations])).toEqual([
      ['contoso planner', 'Contoso Ltd', 2, 8],
      ['fabrikam studio', null, 1, 4],
    ]);
    expect(page.items[0]?.suggestedPattern).toBe('Contoso Planner*');
    const first = await call(manager, listUnrecognised, { query: { limit: 1 } });
    const second = await call(manager, listUnrecognised, { query: { limit: 1, cursor: first.nextCursor ?? '' } });
    expect(second.items.map((g) => g.name)).toEqual(['fabrikam studio']);
    expect(second.nextCursor).toBeNull();
    expect((await call(manager, listUnrecognised, { query: { q: 'fabri' } })).items.length).toBe(1);
    expect(
      (await manager.inject({ method: 'GET', url: '/api/v1/evidence/unrecognised?cursor=nonsense' })).json<{ code: string }>().code,
    ).toBe('bad_cursor');
  });

  it('suggests products of nearly the same name', async () => {
    await inTx(t.db, async (tx) => evidenceIdsFor(tx, [row('Googel Chrome Portable', 'PortableApps', '1')]));
    const group = (await call(manager, listUnrecognised, { query: { q: 'googel' } })).items[0];
    expect(group?.suggestions[0]?.label).toBe('Google Chrome');
  });

  it('maps titles to a product, previews without writing, and restores on retire', async () => {
    const before = await stored();
    const product = await call(manager, createProduct, {
      body: { name: 'Planner', publisherName: 'Contoso Ltd', category: 'business', licensable: true },
    });
    expect(product).toMatchObject({ source: 'local', assets: 0 });
    const body = { namePattern: 'contoso planner*', productId: product.id, edition: 'Pro' };
    const preview = await call(manager, createRecognitionRule, { query: { preview: 'true' }, body });
    expect(preview).toMatchObject({ rule: null, jobId: null, effect: { evidence: 2, installations: 8, changes: 2 } });
    expect((await call(manager, listUnrecognised, { query: { q: 'contoso' } })).items.length).toBe(1);

    const made = await call(manager, createRecognitionRule, { query: {}, body });
    expect(made.effect.changes).toBe(2);
    await settleCounts(t.db);
    const detail = await call(manager, getProduct, { params: { id: product.id } });
    expect(detail).toMatchObject({
      assets: 4,
      installations: 8,
      editions: [{ value: 'Pro', evidence: 2, installations: 8 }],
      rules: [{ rule: `local/${made.rule?.id}`, local: true, evidence: 2 }],
    });
    expect((await call(manager, listUnrecognised, { query: { q: 'contoso' } })).items).toEqual([]);
    // New titles of the same pattern are recognised as they arrive.
    const [later = 0] = await inTx(t.db, async (tx) => evidenceIdsFor(tx, [row('Contoso Planner 5.0', 'Contoso Ltd', '5.0')]));
    const shown = await call(manager, getEvidence, { params: { id: later } });
    expect(shown.recognition).toMatchObject({ product: { id: product.id }, confidence: 'certain', edition: 'Pro' });
    expect(shown.steps.some((s) => s.stage === 'local')).toBe(true);
    expect(shown.current).toBe(true);
    await expect(call(manager, createRecognitionRule, { query: {}, body })).rejects.toMatchObject({ document: { code: 'conflict' } });

    const retired = await call(manager, retireRecognitionRule, { params: { id: made.rule?.id ?? '' } });
    expect(retired.rule.retiredAt).not.toBeNull();
    await settleCounts(t.db);
    expect(await call(manager, getProduct, { params: { id: product.id } })).toMatchObject({ assets: 0, installations: 0, rules: [] });
    expect((await call(manager, listUnrecognised, { query: { q: 'contoso' } })).items[0]).toMatchObject({ evidence: 3 });
    expect((await stored()).slice(0, before.length)).toEqual(before);
    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where action like 'recognition_rule.%' or action = 'product.created' order by at, id`.execute(t.db);
    expect(rows.map((r) => r.action)).toEqual(['product.created', 'recognition_rule.created', 'recognition_rule.retired']);
  });

  it('lets a local rule overrule the catalogue, and takes it back', async () => {
    const chrome = (await sql<{ id: number }>`select id from evidence where name = 'Google Chrome'`.execute(t.db)).rows[0]?.id ?? 0;
    const original = await call(manager, getEvidence, { params: { id: chrome } });
    expect(original).toMatchObject({
      recognition: { product: { label: 'Google Chrome' }, release: '119', confidence: 'high' },
      assets: 4,
      current: true,
    });
    const product = await call(manager, createProduct, {
      body: { name: 'Managed Browser', publisherName: 'Contoso Ltd', category: 'browser' },
    });
    const { rule } = await call(manager, createRecognitionRule, {
      query: {},
      body: { namePattern: 'Google Chrome', publisher: 'google llc', productId: product.id },
    });
    expect((await call(manager, getEvidence, { params: { id: chrome } })).recognition.product?.id).toBe(product.id);
    await call(manager, retireRecognitionRule, { params: { id: rule?.id ?? '' } });
    const restored = await call(manager, getEvidence, { params: { id: chrome } });
    expect({ ...restored.recognition, at: '' }).toEqual({ ...original.recognition, at: '' });
  });

  it('recognises everything again by a job, with what changed in its result', async () => {
    const nginx = (await sql<{ id: number }>`select id from evidence where name = 'nginx'`.execute(t.db)).rows[0]?.id ?? 0;
    await sql`update evidence_recognition set product_id = null, rule = 'none', ruleset = 'older', cleaned_name = 'nginx' where evidence_id = ${nginx}`.execute(
      t.db,
    );
    expect((await call(manager, getRecognitionState, {})).evidence.outdated).toBe(1);
    expect((await call(manager, getEvidence, { params: { id: nginx } })).current).toBe(false);
    const { jobId } = await call(manager, rerunRecognition, {});
    await t.jobsDone();
    const job = await call(manager, getJob, { params: { id: jobId } });
    expect(job.state).toBe('done');
    expect(job.result).toMatchObject({
      changed: 1,
      productChanges: 1,
      moves: [{ from: null, to: 'nginx', evidence: 1, installations: 4 }],
    });
    const state = await call(manager, getRecognitionState, {});
    expect(state.evidence.outdated).toBe(0);
    expect(state.evidence.total).toBe(state.evidence.recognised + state.evidence.unrecognised);
  });

  it('lets only those who may change recognition, and says all that is wrong', async () => {
    const body = { namePattern: 'x*', productId: newId() };
    await expect(call(auditor, createRecognitionRule, { query: {}, body })).rejects.toMatchObject({ document: { code: 'forbidden' } });
    await expect(call(auditor, rerunRecognition, {})).rejects.toMatchObject({ document: { code: 'forbidden' } });
    await expect(call(manager, createRecognitionRule, { query: {}, body: { ...body, namePattern: 'xy*' } })).rejects.toMatchObject({
      document: { code: 'validation_failed' },
    });
    await expect(call(manager, createRecognitionRule, { query: {}, body: { ...body, namePattern: '**' } })).rejects.toMatchObject({
      document: { code: 'validation_failed' },
    });
    await expect(call(manager, createProduct, { body: { name: 'No publisher', category: 'office' } })).rejects.toMatchObject({
      document: { code: 'validation_failed' },
    });
    await expect(call(manager, getProduct, { params: { id: newId() } })).rejects.toMatchObject({ document: { code: 'not_found' } });
    await expect(call(manager, getEvidence, { params: { id: 2_000_000_000 } })).rejects.toMatchObject({ document: { code: 'not_found' } });
  });

  it('changes only licensable of a catalogue product, and an update of the catalogue keeps the decision', async () => {
    const { id, version } = (
      await sql<{ id: string; version: number }>`select id, version from products where key = 'google/chrome'`.execute(t.db)
    ).rows[0] ?? { id: '', version: 0 };
    await expect(
      call(manager, patchProduct, { params: { id }, body: { name: 'Chromium' }, ifMatch: `"${version}"` }),
    ).rejects.toMatchObject({ document: { code: 'validation_failed' } });
    const changed = await call(manager, patchProduct, { params: { id }, body: { licensable: true }, ifMatch: `"${version}"` });
    expect(changed).toMatchObject({ licensable: true, version: version + 1 });
    await expect(
      call(manager, patchProduct, { params: { id }, body: { licensable: false }, ifMatch: `"${version}"` }),
    ).rejects.toMatchObject({ document: { code: 'stale' } });
    await sql`update recognition_state set content_hash = 'another'`.execute(t.db);
    await inTx(t.db, async (tx) => (await import('./state.ts')).syncContent(tx));
    expect((await call(manager, getProduct, { params: { id } })).licensable).toBe(true);
  });

  it('keeps the ids of the rules in memory in step with other processes', async () => {
    const version = (await inTx(t.db, rulesOf)).localVersion;
    await sql`update recognition_state set local_version = local_version + 1`.execute(t.db);
    expect((await inTx(t.db, rulesOf)).localVersion).toBe(version + 1);
  });
});
