/** A seeded generator (mulberry32): the same seed and name give the same organisation everywhere. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** `count` different items, in a stable order. */
  sample<T>(items: readonly T[], count: number): T[];
  chance(probability: number): boolean;
  hex(digits: number): string;
}

/** A generator for one thing of a seed, for example `(7, 'device 12')`; independent of how often others were asked. */
export function random(seed: number, name: string): Random {
  let state = hash(`${seed}/${name}`);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    pick: (items) => items[int(items.length)] as never,
    sample: (items, count) => {
      const rest = [...items];
      const wanted = Math.min(count, rest.length);
      for (let i = 0; i < wanted; i++) {
        const j = i + int(rest.length - i);
        [rest[i], rest[j]] = [rest[j] as never, rest[i] as never];
      }
      return rest.slice(0, wanted);
    },
    chance: (probability) => next() < probability,
    hex: (digits) => Array.from({ length: digits }, () => int(16).toString(16)).join(''),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
