import { getAsset } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import {
  getIdentityConflict,
  identityConflictListRoutes,
  listIdentityOperations,
  resolveIdentityConflict,
  undoIdentityOperation,
} from '@muster/api/identity';
import { getAssetIdentity } from '@muster/api/inventory';
import { replay } from '@muster/core/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { readComponents, readHistory } from './dry-run-history.ts';
import { ingestReports } from './ingest.ts';
import { tellFork } from './index.ts';
import { emptyIdentity, type Fleet, fleetOf, type Reported } from './test-fleet.ts';
import { item, report } from './test-reports.ts';

// Machines with the same serial number and UUID, each with an agent of its own: told by their reporting by turns.

vi.setConfig({ testTimeout: 150_000 });

let t: TestApp;
let manager: TestActor;
let fleet: Fleet;
let day = 0;
/** Rows of the audit log from before the test. */
let told: ReadonlySet<string>;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());
beforeEach(async () => {
  await emptyIdentity(t);
  fleet = fleetOf(t, new Date(Date.UTC(2026, 3, ++day, 8)));
  fleet.wait(0);
  manager = await t.as('asset_manager');
  told = new Set([...(await auditRows('identity_key.shared')), ...(await auditRows('asset.split'))].map((row) => row.id ?? ''));
});

const firmware: Reported = {
  manufacturer: 'Acme',
  model: 'Box 3',
  serial: 'BATCH-2217-AA',
  uuid: '9a1b2c3d-1111-4222-8333-abcdef012345',
};
const one: Reported = { ...firmware, name: 'till-1', macs: ['00:1b:21:3c:4d:01'] };
const two: Reported = { ...firmware, name: 'till-2', macs: ['00:1b:21:3c:4d:02'] };
const reason = 'looked at both';

const inTurn = async (...reports: readonly (readonly [string, Reported])[]): Promise<void> => {
  for (const [id, machine] of reports) await fleet.report(id, machine);
};
const until = (holds: () => Promise<void>): Promise<void> => vi.waitFor(holds, { timeout: 120_000, interval: 50 });
const assetOf = async (nativeId: string): Promise<string> =>
  (await sql<{ asset_id: string }>`select asset_id from observations where native_id = ${nativeId}`.execute(t.db)).rows[0]?.asset_id ?? '';
const areTwo = (): Promise<void> => until(async () => expect(await fleet.assets()).toBe(2));
const conflicts = async () => (await manager.call(identityConflictListRoutes.list, { query: { sort: 'openedAt', limit: 50 } })).data.items;
const identity = async (id: string) => (await manager.call(getAssetIdentity, { params: { id } })).data;
const nameOf = async (id: string) => (await manager.call(getAsset, { params: { id } })).data.name;
const auditRows = async (action: string) => {
  const auditor = await t.as('auditor');
  return (await auditor.call(auditListRoutes.list, { query: { filter: `action:${action}`, limit: 200 } })).data.items;
};
const audited = async (action: string): Promise<string[]> =>
  (await auditRows(action)).filter((row) => !told.has(row.id ?? '')).map((row) => row.summary ?? '');
/** How stored history is grouped when it is replayed, by asset. */
const replayed = async (): Promise<string[][]> => {
  const history = await readHistory(t.db, new AbortController().signal);
  const components = await readComponents(t.db, history, [...history.entanglement.entangled()]);
  return components
    .flatMap((component) => replay(component.map((r) => r.observation)).map((c) => [...c.members].sort()))
    .sort((x, y) => (x.join() < y.join() ? -1 : 1));
};

describe('pitfall 02: two machines with the same serial number and UUID, each with an agent', () => {
  test('become two assets when each agent came back after the other', async () => {
    await inTurn(['a', one], ['b', two], ['a', one]);
    const first = await assetOf('a');
    expect(await assetOf('b')).toBe(first);
    await inTurn(['b', two]);
    await areTwo();
    const second = await assetOf('b');
    expect([await assetOf('a'), await nameOf(first), await nameOf(second)]).toEqual([first, 'till-1', 'till-2']);
    expect(await conflicts()).toEqual([]);
    // Why, on the identity tab, and in the audit log.
    const { decisions, observations } = await identity(second);
    expect(decisions[0]).toMatchObject({
      rule: 'alternation',
      outcome: 'split',
      reasons: [expect.stringContaining('Two agents of one source report by turns under the serial number BATCH-2217-AA and UUID')],
      candidates: [{ assetId: first, contradicts: ['no MAC addresses in common', 'no host names in common'] }],
    });
    for (const kind of ['serial', 'uuid'])
      expect(observations[0]?.keys.find((k) => k.kind === kind)).toMatchObject({ quality: 'shared', reason: 'seen on several machines' });
    expect((await identity(first)).observations[0]?.keys.find((k) => k.kind === 'serial')?.quality).toBe('shared');
    expect((await audited('identity_key.shared')).toSorted()).toEqual([
      expect.stringContaining('The serial ACME|BATCH-2217-AA'),
      expect.stringMatching(/^The uuid .*-1111-/),
    ]);
    expect(await audited('asset.split')).toHaveLength(1);
    // Both go on as they are, also under another name; a third one is not taken for either; and history replays so.
    await inTurn(['a', one], ['b', { ...two, name: 'till-9' }], ['a', one]);
    expect([await assetOf('a'), await assetOf('b'), await nameOf(first), await nameOf(second)]).toEqual([
      first,
      second,
      'till-1',
      'till-9',
    ]);
    expect(await replayed()).toEqual([['glpi a'], ['glpi b']]);
    expect(await fleet.report('c', { ...firmware, name: 'till-3', macs: ['00:1b:21:3c:4d:03'] })).toMatchObject({ outcome: 'create' });
    expect(await fleet.assets()).toBe(3);
  });
  test('also when they are virtual, still have the name of their image, and their agents have ids', async () => {
    const vm: Reported = { ...firmware, manufacturer: 'Microsoft Corporation', model: 'Virtual Machine', vmSystem: 'Hyper-V' };
    const [x, y] = [
      { ...vm, name: 'srv-1', macs: ['00:15:5d:00:00:01'] },
      { ...vm, name: 'srv-2', macs: ['00:15:5d:00:00:02'] },
    ];
    const image = { ...y, name: 'srv-1' };
    const [xId, yId] = ['a1b2c3d4-0000-4000-8000-000000000001', 'a1b2c3d4-0000-4000-8000-000000000002'];
    for (let i = 0; i < 2; i++) {
      await fleet.report('x', x, { agentId: xId });
      await fleet.report('y', image, { agentId: yId });
    }
    // While only the addresses differ a person is asked; the new name answers.
    await until(async () => expect(await conflicts()).toMatchObject([{ kind: 'fork', state: 'open' }]));
    await fleet.report('x', x, { agentId: xId });
    await fleet.report('y', y, { agentId: yId });
    await areTwo();
    expect(await conflicts()).toMatchObject([{ kind: 'fork', state: 'different', resolvedBy: 'Muster' }]);
  });
  test('what another source tells of the clone goes with it', async () => {
    await inTurn(['a', one], ['b', two]);
    const listed = { name: 'Till 2', serial: 'BATCH-2217-AA', manufacturer: 'Acme', uuid: null, mac: '00:1b:21:3c:4d:02', disks: [] };
    expect((await fleet.directory('dn-2', listed)).assetId).toBe(await assetOf('a'));
    await inTurn(['a', one], ['b', two]);
    await areTwo();
    expect(await assetOf('dn-2')).toBe(await assetOf('b'));
  });
  test('taken back by a person they stay one', async () => {
    await inTurn(['a', one], ['b', two], ['a', one], ['b', two]);
    await areTwo();
    const first = await assetOf('a');
    const [split] = (await manager.call(listIdentityOperations, { params: { id: first } })).data.items;
    expect(split).toMatchObject({ kind: 'split', actor: 'Muster', observations: 1 });
    await manager.call(undoIdentityOperation, { params: { id: split?.id ?? '' }, body: { reason } });
    await inTurn(['a', one], ['b', { ...two, name: 'till-7' }], ['a', one], ['b', two], ['a', one]);
    expect([await fleet.assets(), await assetOf('b')]).toEqual([1, first]);
    expect(await replayed()).toEqual([['glpi a', 'glpi b']]);
  });
  test('reporting at once they become two, once', async () => {
    for (let round = 0; round < 6; round++) await Promise.all([fleet.report('a', one), fleet.report('b', two)]);
    await inTurn(['a', one], ['b', two], ['a', one], ['b', two]);
    await areTwo();
    expect(await assetOf('b')).not.toBe(await assetOf('a'));
    expect(await audited('asset.split')).toHaveLength(1);
  });
  test('told twice at once, it is split once', async () => {
    await inTurn(['a', one], ['b', two], ['a', one]);
    const { rows } = await sql<{ id: string; native_id: string }>`select id, native_id from observations`.execute(t.db);
    const idOf = (nativeId: string): string => rows.find((r) => r.native_id === nativeId)?.id ?? '';
    const fork = { observationId: idOf('b'), others: [idOf('a')] };
    await Promise.all([1, 2, 3].map(() => tellFork(t.db, fork, fleet.now())));
    expect([await fleet.assets(), (await audited('asset.split')).length]).toEqual([2, 1]);
  });
});

describe('where that is not clear', () => {
  const image = { ...two, name: 'till-1' };
  const asked = async (): Promise<string> => {
    await inTurn(['a', one], ['b', image], ['a', one], ['b', image]);
    await until(async () => expect(await conflicts()).toMatchObject([{ kind: 'fork', state: 'open' }]));
    return (await conflicts())[0]?.id ?? '';
  };
  test('a person is asked, once, and sees what stays and what goes', async () => {
    const id = await asked();
    await inTurn(['a', one], ['b', image], ['a', one], ['b', image]);
    expect([(await conflicts()).length, await fleet.assets()]).toEqual([1, 1]);
    const { sides, reason: why } = (await manager.call(getIdentityConflict, { params: { id } })).data;
    expect(sides.map((s) => s.observations.map((o) => o.nativeId))).toEqual([['a'], ['b']]);
    expect(why).toContain('the MAC addresses of one are not those of the other');
    const auditor = await t.as('auditor');
    await expect(auditor.call(resolveIdentityConflict, { params: { id }, body: { as: 'different', reason } })).rejects.toMatchObject({
      status: 403,
    });
  });
  test('different splits it off, and taken back it is asked again', async () => {
    const id = await asked();
    const { operation } = (await manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'different', reason } })).data;
    expect(await fleet.assets()).toBe(2);
    await inTurn(['a', one], ['b', image], ['a', one], ['b', image]);
    expect([await fleet.assets(), (await conflicts()).map((c) => c.state)]).toEqual([2, ['different']]);
    await manager.call(undoIdentityOperation, { params: { id: operation ?? '' }, body: { reason } });
    expect([await fleet.assets(), (await conflicts()).map((c) => c.state)]).toEqual([1, ['open']]);
  });
  test('same keeps it, whatever is reported by turns', async () => {
    const id = await asked();
    await manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'same', reason } });
    await inTurn(['a', one], ['b', two], ['a', one], ['b', two], ['a', one]);
    expect([await fleet.assets(), (await conflicts()).map((c) => c.state)]).toEqual([1, ['same']]);
    await expect(manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'different', reason } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('one asset stays', () => {
  /** Nothing was split or asked, also not after the worker had its turn with a report that would have done it. */
  const isOne = async (): Promise<void> => {
    await fleet.report('z', { name: 'elsewhere', serial: 'OTHER-1', manufacturer: 'Acme', macs: ['00:1b:21:3c:4d:0f'] });
    expect([await fleet.assets(), await conflicts(), await audited('asset.split')]).toEqual([2, [], []]);
  };
  test('an agent that was installed anew, also with another adapter and name', async () => {
    await inTurn(['a', one], ['a', one], ['b', two], ['b', two], ['b', two]);
    await isOne();
  });
  test('an old agent that a restored backup brought back', async () => {
    await inTurn(['a', one], ['b', two], ['a', one], ['a', one]);
    await isOne();
  });
  test('two systems on one machine, which name it otherwise', async () => {
    const linux = { ...two, os: 'Debian GNU/Linux 12', disks: ['S5GXNF0R1'] };
    const windows = { ...one, disks: ['S5GXNF0R1'] };
    for (let i = 0; i < 3; i++) await inTurn(['a', windows], ['b', linux]);
    await isOne();
  });
  test('a laptop with two agents, in the dock and out of it', async () => {
    const docked = { ...one, macs: ['00:1b:21:3c:4d:01', '00:e0:4c:68:00:01'] };
    for (let i = 0; i < 3; i++) await inTurn(['a', docked], ['b', one]);
    await isOne();
  });
  test('agents of two protocols, and an agent with a connector', async () => {
    const say = async (source: string, nativeId: string, mac: string) => {
      const read = {
        ...report({ name: 'till-2', serial: 'BATCH-2217-AA', manufacturer: 'Acme', uuid: null, mac, disks: [] }),
        deviceId: nativeId,
      };
      const [result] = await inTx(t.db, (tx) => ingestReports(tx, [{ ...item(read, fleet.now().toISOString()), source }]));
      return result?.fork;
    };
    for (let i = 0; i < 3; i++) {
      await inTurn(['a', one]);
      expect([await say('osquery', 'o', '00:1b:21:3c:4d:02'), await say('intune', `i${i % 2}`, '00:1b:21:3c:4d:03')]).toEqual([null, null]);
    }
    await isOne();
  });
});

test('a batch full of forks takes no more statements than one of one', async () => {
  const minute = (n: number): string => new Date(fleet.now().getTime() + n * 60_000).toISOString();
  const described = (n: number, twin: number, at: string) =>
    item(
      {
        ...report({
          name: `n${n}-${twin}`,
          serial: `FORK-${n}`,
          manufacturer: 'Acme',
          uuid: null,
          mac: `00:1b:2${twin}:00:00:${String(n).padStart(2, '0')}`,
          disks: [],
        }),
        deviceId: `${twin}-of-${n}`,
      },
      at,
    );
  const statements = async (numbers: readonly number[]): Promise<number> => {
    for (const [i, twin] of [1, 2, 1].entries())
      await inTx(t.db, (tx) =>
        ingestReports(
          tx,
          numbers.map((n) => described(n, twin, minute(i))),
        ),
      );
    let count = 0;
    const watched = t.db.withPlugin({ transformQuery: ({ node }) => (count++, node), transformResult: async ({ result }) => result });
    const results = await watched.transaction().execute((tx) =>
      ingestReports(
        tx,
        numbers.map((n) => described(n, 2, minute(4))),
      ),
    );
    expect(results.every((r) => r.fork !== null)).toBe(true);
    return count;
  };
  const few = await statements([1]);
  expect(await statements(Array.from({ length: 40 }, (_, i) => 10 + i))).toBe(few);
  expect(few).toBeLessThan(35);
});
