import { auditListRoutes } from '@muster/api/audit';
import {
  getIdentityDryRun,
  getIdentityRules,
  type IdentityDryRun,
  type IdentityDryRunChange,
  type IdentityRulesBody,
  listIdentityDryRunChanges,
  listIdentityDryRuns,
  publishIdentityDryRun,
  startIdentityDryRun,
} from '@muster/api/identity-rules';
import { mergeAsset, splitAsset } from '@muster/api/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyTables, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { emptyIdentity, type Fleet, fleetOf, type Reported } from './test-fleet.ts';

let t: TestApp;
let admin: TestActor;
let fleet: Fleet;
let day = 0;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());
beforeEach(async () => {
  await emptyIdentity(t);
  fleet = fleetOf(t, new Date(Date.UTC(2026, 0, ++day, 8)));
  fleet.wait(0);
  admin = await t.as('administrator');
});

const rules = async (): Promise<IdentityRulesBody> => (await admin.call(getIdentityRules, {})).data.rules;
interface Tried {
  run: IdentityDryRun;
  changes: IdentityDryRunChange[];
}
const dryRun = async (draft: IdentityRulesBody): Promise<Tried> => {
  const { id } = (await admin.call(startIdentityDryRun, { body: draft })).data;
  await t.jobsDone();
  const run = (await admin.call(getIdentityDryRun, { params: { id } })).data;
  const changes: IdentityDryRunChange[] = [];
  for (let cursor: number | undefined; ;) {
    const { data } = await admin.call(listIdentityDryRunChanges, { params: { id }, query: { limit: 1, ...(cursor ? { cursor } : {}) } });
    changes.push(...data.items);
    if (data.nextCursor === null) return { run, changes };
    cursor = Number(data.nextCursor);
  }
};
/** Everything that must stay as it is, besides the dry run's own tables. */
const everything = async (): Promise<unknown> => {
  const tables = [
    'assets',
    'asset_field_values',
    'asset_events',
    'observations',
    'observation_sections',
    'identity_keys',
    'identity_decisions',
    'identity_conflicts',
    'identity_rule_changes',
    'interfaces',
  ];
  const found: Record<string, unknown> = {};
  for (const table of tables)
    found[table] = (
      await sql<{ v: unknown }>`select to_jsonb(x) as v from ${sql.table(table)} x order by to_jsonb(x)::text`.execute(t.db)
    ).rows;
  return found;
};

const board = 'MB-2217-AA';
/** Two machines whose maker gave both one serial number, seen as one. */
const box = (n: number): Reported => ({ manufacturer: 'Noname', model: 'Box', serial: board, name: 'box', macs: [`00:1b:21:3c:4d:0${n}`] });
const laptop: Reported = { manufacturer: 'Dell Inc.', model: 'Latitude 5540', serial: '7XK21M3', name: 'pc1', macs: ['a4:bb:6d:00:00:01'] };
const withPlaceholder = (of: IdentityRulesBody, pattern: string): IdentityRulesBody => ({
  ...of,
  placeholders: [{ kind: 'serial', pattern }],
});

describe('a dry run of changed rules', () => {
  test('changes nothing but tells which assets would be split, with the rule and the reason of both sides', async () => {
    const one = await fleet.report('box-1', box(1));
    const two = await fleet.report('box-2', box(2));
    await fleet.report('pc1', laptop);
    expect([two.assetId, two.rule]).toEqual([one.assetId, 'serial']);
    const before = await everything();
    const { run, changes } = await dryRun(withPlaceholder(await rules(), 'mb-2217-*'));
    expect(run).toMatchObject({
      state: 'done',
      current: true,
      publishedAt: null,
      counts: { observations: 3, replayed: 2, joined: 0, split: 1, regrouped: 0 },
    });
    expect(changes).toMatchObject([
      {
        kind: 'split',
        before: 1,
        after: 2,
        observations: 2,
        members: [
          { nativeId: 'box-1', asset: { id: one.assetId, label: 'box' }, inForce: { group: 1, rule: 'unknown' }, draft: { group: 1 } },
          {
            nativeId: 'box-2',
            observationId: two.observationId,
            inForce: { group: 1, rule: 'serial', reasons: [`The serial number ${board} is the same.`] },
            draft: { group: 2, rule: 'unknown', reasons: ['No asset has its MAC address 001b213c4d02.'] },
            keys: [{ kind: 'serial', value: `NONAME|${board}`, inForce: 'good', draft: 'placeholder' }],
          },
        ],
      },
    ]);
    expect(await everything()).toEqual(before);
    expect((await admin.call(listIdentityDryRuns, {})).data.items.map((r) => r.id)).toEqual([run.id]);
  });

  test('published rules decide the next report, are audited, and can be taken back', async () => {
    await fleet.report('box-1', box(1));
    const shipped = await rules();
    const { run } = await dryRun(withPlaceholder(shipped, board));
    await fleet.report('box-2', box(2));
    expect(await fleet.assets()).toBe(1);
    const inForce = (await admin.call(publishIdentityDryRun, { params: { id: run.id } })).data;
    expect(inForce).toMatchObject({
      rules: { placeholders: [{ kind: 'serial', pattern: board }] },
      changes: [{ setting: 'placeholders' }],
    });
    expect(await fleet.report('box-3', box(3))).toMatchObject({ outcome: 'create', rule: 'unknown' });
    expect(await fleet.assets()).toBe(2);
    const log = (await admin.call(auditListRoutes.list, { query: { filter: 'resource:identity-rules' } })).data.items;
    expect(log.map((row) => row.action)).toContain('identity_rules.published');
    const back = await dryRun(shipped);
    await admin.call(publishIdentityDryRun, { params: { id: back.run.id } });
    expect((await admin.call(getIdentityRules, {})).data).toMatchObject({ changes: [], rules: shipped });
    expect(await fleet.report('box-4', box(4))).toMatchObject({ rule: 'serial' });
  });

  test('agrees with what then happens when the same reports come in by the published rules', async () => {
    const sent: [string, Reported][] = [
      ['box-1', box(1)],
      ['pc1', laptop],
      ['box-2', box(2)],
      ['pc1-new', { ...laptop, name: 'pc1b', macs: ['a4:bb:6d:00:00:02'] }],
      ['box-3', { ...box(3), macs: ['00:1b:21:3c:4d:01'] }],
      ['pc2', { ...laptop, serial: '8YL32N4', name: 'pc2', macs: ['a4:bb:6d:00:00:03'] }],
      ['mdm', { ...laptop, serial: '', name: 'pc2', macs: ['a4:bb:6d:00:00:03'] }],
    ];
    const groups = async (): Promise<string[]> => {
      const { rows } = await sql<{
        g: string;
      }>`select string_agg(native_id, ' ' order by native_id) as g from observations where asset_id is not null group by asset_id order by 1`.execute(
        t.db,
      );
      return rows.map((r) => r.g);
    };
    for (const [id, machine] of sent) await fleet.report(id, machine);
    const before = await groups();
    const draft = { ...withPlaceholder(await rules(), board), uses: { ...(await rules()).uses, mac: 'supports' as const } };
    const { run, changes } = await dryRun(draft);
    const grouped = (side: 'inForce' | 'draft'): string[] =>
      changes
        .flatMap((c) =>
          [...Map.groupBy(c.members, (m) => m[side].group).values()].map((g) =>
            g
              .map((m) => m.nativeId)
              .toSorted()
              .join(' '),
          ),
        )
        .toSorted();
    // What it says of the present is what is there.
    expect(before).toEqual(expect.arrayContaining(grouped('inForce')));
    await admin.call(publishIdentityDryRun, { params: { id: run.id } });
    await emptyTables(
      t.db,
      'assets asset_field_values asset_events observations observation_sections identity_keys identity_decisions identity_conflicts device_facts interfaces storage_devices asset_users installations'.split(
        ' ',
      ),
    );
    for (const [id, machine] of sent) await fleet.report(id, machine);
    const after = await groups();
    expect(changes.length).toBeGreaterThanOrEqual(2);
    expect(grouped('draft')).toEqual(after.filter((g) => !before.includes(g)));
  });

  test('joins, and an asset entered by hand among them', async () => {
    const apart = { ...laptop, serial: '', macs: ['a4:bb:6d:00:00:09'] };
    await sql`insert into identity_rule_changes (setting, value, changed_at, changed_by) values ('uses', '{"mac": "ignored"}', now(), 'test')`.execute(
      t.db,
    );
    const one = await fleet.report('x1', apart);
    const two = await fleet.report('x2', apart);
    expect(two.assetId).not.toBe(one.assetId);
    const now = await rules();
    const { changes } = await dryRun({ ...now, uses: { ...now.uses, mac: 'identifies' } });
    expect(changes).toMatchObject([
      { kind: 'joined', before: 2, after: 1, members: [{ asset: { id: one.assetId } }, { draft: { rule: 'mac_and_model' } }] },
    ]);
    expect(changes[0]?.members[1]?.asset?.id).toBe(two.assetId);
  });

  test('leaves what people merged, split or told apart as they left it', async () => {
    const manager = await t.as('asset_manager');
    const one = await fleet.report('box-1', box(1));
    const two = await fleet.report('box-2', box(2));
    await manager.call(splitAsset, { params: { id: one.assetId ?? '' }, body: { observations: [two.observationId], reason: 'two desks' } });
    const a = await fleet.report('pc1', laptop);
    const b = await fleet.report('pc2', { ...laptop, serial: '8YL32N4', name: 'pc2', macs: ['a4:bb:6d:00:00:03'] });
    await manager.call(mergeAsset, { params: { id: a.assetId ?? '' }, body: { merged: b.assetId ?? '', reason: 'new board' } });
    const { run } = await dryRun({ ...withPlaceholder(await rules(), board), uses: { ...(await rules()).uses, serial: 'ignored' } });
    expect(run.counts).toMatchObject({ joined: 0, split: 0, regrouped: 0 });
  });

  test('goes stale when other rules were published, and is published once', async () => {
    await fleet.report('box-1', box(1));
    const shipped = await rules();
    const first = await dryRun(withPlaceholder(shipped, board));
    const second = await dryRun({ ...shipped, nameWithinDays: 7 });
    const publish = async (id: string): Promise<unknown> => admin.call(publishIdentityDryRun, { params: { id } });
    await publish(second.run.id);
    await expect(publish(second.run.id)).rejects.toMatchObject({ code: 'conflict' });
    expect((await admin.call(getIdentityDryRun, { params: { id: first.run.id } })).data.current).toBe(false);
    await expect(publish(first.run.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(publish('00000000-0000-7000-8000-000000000001')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('says all that is wrong at once, and needs the permission for the whole organisation', async () => {
    const shipped = await rules();
    const bad = await admin.inject({
      method: 'POST',
      url: '/api/v1/identity-dry-runs',
      payload: {
        ...shipped,
        placeholders: [{ kind: 'colour', pattern: '*' }],
        uses: { ...shipped.uses, mac: 'sometimes' },
        nameWithinDays: -1,
      },
    });
    expect(bad.statusCode).toBe(400);
    expect(
      bad
        .json<{ errors: { field: string }[] }>()
        .errors.map((e) => e.field)
        .toSorted(),
    ).toEqual(['nameWithinDays', 'placeholders[0].kind', 'placeholders[0].pattern', 'uses.mac'].toSorted());
    const manager = await t.as('asset_manager');
    expect((await manager.call(getIdentityRules, {})).data.rules).toEqual(shipped);
    await expect(manager.call(startIdentityDryRun, { body: shipped })).rejects.toMatchObject({ code: 'forbidden' });
    const limited = await t.as('administrator', { kind: 'asset_class', key: 'server' });
    await expect(limited.call(startIdentityDryRun, { body: shipped })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
