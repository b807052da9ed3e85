import { describe, expect, test } from 'vitest';
import { pairChanges } from './index.ts';

const part = (kind: string, name: string, data: Record<string, unknown> = {}) => ({ kind, name, data });

describe('what came into the place of what went', () => {
  test('by place', () => {
    const [a, b, c, d] = [
      part('memory', 'a', { numslots: 1 }),
      part('memory', 'b', { numslots: 2 }),
      part('memory', 'c', { numslots: 2 }),
      part('memory', 'd', { numslots: 3 }),
    ];
    expect(pairChanges([c, d], [a, b])).toEqual({ added: [d], removed: [a], replaced: [{ from: b, to: c }] });
  });
  test('the only one of its kind, where no place is told', () => {
    const [a, b, c] = [part('battery', 'a'), part('battery', 'b'), part('battery', 'c')];
    expect(pairChanges([b], [a]).replaced).toEqual([{ from: a, to: b }]);
    expect(pairChanges([b, c], [a])).toEqual({ added: [b, c], removed: [a], replaced: [] });
    expect(pairChanges([part('disk', 'x')], [a])).toMatchObject({ replaced: [] });
  });
});
