import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { compareOids, rowOf } from './oid.ts';
import { SnmpSession } from './snmp-session.ts';
import { startDevice, type Next, type TestDevice } from './test-device.ts';
import { type WantedSubtree, wantedSubtrees } from './subtrees.ts';
import { walkDevice, type WalkResult } from './walk.ts';

let device: TestDevice | undefined;
afterEach(async () => {
  await device?.close();
  device = undefined;
});

const tree = { name: 'part', oid: '1.3.6.1.2.1.1', most: 500 };
const second = { name: 'second', oid: '1.3.6.1.2.1.2', most: 500 };

async function walk(
  next: Next,
  limits: { maxRows?: number; ms?: number } = {},
  trees: readonly WantedSubtree[] = [tree],
): Promise<WalkResult> {
  device = await startDevice(next);
  const session = new SnmpSession(
    { address: '127.0.0.1', port: device.port, timeoutMs: 100, secret: { kind: 'snmp_v2c', community: 'public' } },
    async () => undefined,
  );
  try {
    return await walkDevice(session, { maxRows: limits.maxRows ?? 10_000, deadline: performance.now() + (limits.ms ?? 10_000) }, trees);
  } finally {
    session.close();
  }
}

/** What follows in a device with these OIDs. */
const holding =
  (oids: string[]): Next =>
  (oid) => {
    const found = oids.toSorted(compareOids).find((one) => compareOids(one, oid) > 0);
    return found === undefined ? 'end' : { oid: found, text: `value of ${found}` };
  };
const many = (count: number, below = tree.oid): string[] => Array.from({ length: count }, (_, i) => `${below}.1.${i + 1}`);

describe('a device that', () => {
  test('answers well is read to its end, in the order of the OIDs', async () => {
    const result = await walk(holding([...many(300), '1.3.6.1.2.1.2.1.0']));
    expect(result).toMatchObject({ subtrees: [{ values: 300, ended: 'end' }], missing: [] });
    expect(result.rows.split('\n').at(-1)).toBe('1.3.6.1.2.1.1.1.300|4|value of 1.3.6.1.2.1.1.1.300');
  });

  test('goes round in a loop ends with what came before', async () => {
    const result = await walk((oid) => (oid === `${tree.oid}.1.40` ? { oid: `${tree.oid}.1.1`, text: 'again' } : holding(many(50))(oid)));
    expect(result.subtrees).toMatchObject([{ values: 40, ended: 'loop' }]);
    expect(result.missing).toEqual([expect.stringMatching(/^part: .*earlier OID.*\(40 values read\)$/)]);
  });

  test('answers with the very OID it was asked for ends too', async () => {
    expect((await walk((oid) => ({ oid, text: 'me again' }))).subtrees).toMatchObject([{ values: 0, ended: 'loop' }]);
  });

  test('never ends gives as much as is taken, and its other parts still come', async () => {
    const endless: Next = (oid) => {
      if (!oid.startsWith(tree.oid)) return holding(many(3, second.oid))(oid);
      const last = Number(oid.slice(tree.oid.length + 3)) || 0;
      return { oid: `${tree.oid}.1.${last + 1}`, text: 'more' };
    };
    const result = await walk(endless, {}, [tree, second]);
    expect(result.subtrees).toMatchObject([
      { values: 500, ended: 'too_many' },
      { values: 3, ended: 'end' },
    ]);
    expect((await walk(endless, { maxRows: 120 }, [tree, second])).subtrees).toMatchObject([
      { values: 120, ended: 'too_many' },
      { ended: 'not_reached' },
    ]);
  });

  test('is slow without end ends when its time is over', async () => {
    const result = await walk((oid) => (oid.endsWith('.5') ? 'silence' : holding(many(400))(oid)), { ms: 250 }, [tree, second]);
    expect(result.subtrees[0]?.ended).toMatch(/too_slow|no_answer/);
    expect(result.subtrees[1]?.ended).toBe('not_reached');
  });

  test('falls silent ends with what came, and is not asked for the rest', async () => {
    const result = await walk((oid) => (compareOids(oid, `${tree.oid}.1.30`) >= 0 ? 'silence' : holding(many(50))(oid)), {}, [
      tree,
      second,
    ]);
    expect(result.subtrees).toMatchObject([{ values: 30, ended: 'no_answer' }, { ended: 'not_reached' }]);
    expect(result.missing).toHaveLength(2);
  });

  test('drops large requests is asked for less', async () => {
    let asked = 0;
    const result = await walk((oid) => (asked++ === 0 ? 'silence' : holding(many(8))(oid)));
    expect(result.subtrees).toMatchObject([{ values: 8, ended: 'end' }]);
  });

  test('sends bytes that are no SNMP counts as silent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const result = await walk(() => Buffer.from(bytes), { ms: 50 });
        await device?.close();
        device = undefined;
        expect(result.rows).toBe('');
        expect(result.missing).toHaveLength(1);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a part that not every device has', () => {
  const names = '1.3.6.1.4.1.14179.2.2.1.1.3';
  const serials = '1.3.6.1.4.1.14179.2.2.1.1.17';
  /** A device of a maker, with a value at each of these OIDs. */
  const made =
    (objectId: string, oids: string[]): Next =>
    (oid) => {
      const found = holding([...oids, '1.3.6.1.2.1.1.2.0'])(oid);
      return typeof found === 'object' && 'text' in found && found.oid === '1.3.6.1.2.1.1.2.0' ? { ...found, text: objectId } : found;
    };
  const asked = (result: WalkResult) => result.subtrees.filter((part) => part.name.startsWith('access points')).map((part) => part.oid);

  test('is asked of its makers, and in whole only where its first column says something', async () => {
    const access = wantedSubtrees.filter((part) => part.name === 'system' || part.name.startsWith('access points'));
    const mac = '0.0.94.0.83.1';
    const controller = await walk(made('1.3.6.1.4.1.9.1.1069', [`${names}.${mac}`, `${serials}.${mac}`]), {}, access);
    expect(asked(controller)).toHaveLength(8);
    expect(controller.rows).toContain(`${serials}.${mac}|`);
    expect(controller.missing).toEqual([]);
    await device?.close();
    expect(asked(await walk(made('1.3.6.1.4.1.9.1.617', []), {}, access))).toEqual([names]);
    await device?.close();
    expect(asked(await walk(made('1.3.6.1.4.1.14823.1.1.35', []), {}, access))).toEqual(['1.3.6.1.4.1.14823.2.2.1.5.2.1.4.1.3']);
    await device?.close();
    expect(asked(await walk(made('1.3.6.1.4.1.11.2.3', [`${names}.${mac}`]), {}, access))).toEqual([]);
  });
});

test.each([
  [{ oid: '1.3.1', type: 4, value: Buffer.from('plain text') }, '1.3.1|4|plain text'],
  [{ oid: '1.3.1', type: 4, value: Buffer.from([0, 1, 255]) }, '1.3.1|4x|0001ff'],
  [{ oid: '1.3.1', type: 4, value: Buffer.from('two\nlines') }, '1.3.1|4x|74776f0a6c696e6573'],
  [{ oid: '1.3.1', type: 2, value: -5 }, '1.3.1|2|-5'],
  [{ oid: '1.3.1', type: 64, value: '10.0.0.1' }, '1.3.1|64|10.0.0.1'],
  [{ oid: '1.3.1', type: 70, value: Buffer.from('ffffffffffffffff', 'hex') }, '1.3.1|70|18446744073709551615'],
  [{ oid: '1.3.1', type: 68, value: Buffer.from('ab') }, '1.3.1|68x|6162'],
  [{ oid: '1.3.1', type: 5, value: null }, '1.3.1|5|'],
])('a value as a line: %j', (varbind, row) => {
  expect(rowOf(varbind)).toBe(row);
});

test('OIDs are ordered by number, not by text', () => {
  expect(['1.3.10', '1.3.2', '1.3', '1.3.2.1'].toSorted(compareOids)).toEqual(['1.3', '1.3.2', '1.3.2.1', '1.3.10']);
});
