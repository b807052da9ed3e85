/** A source of chance that a seed starts and that gives the same on every machine. */
export interface Chance {
  /** From 0 up to but not including 1. */
  readonly next: () => number;
  /** A whole number, both ends included. */
  readonly int: (from: number, to: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** True in this share of cases. */
  readonly odds: (share: number) => boolean;
  readonly hex: (digits: number) => string;
  readonly letters: (pattern: string) => string;
}

/** Mulberry32 (public domain): small, quick, and good enough to make examples. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const from = (alphabet: string): string => alphabet.charAt(Math.floor(next() * alphabet.length));
  return {
    next,
    int,
    pick,
    odds: (share) => next() < share,
    hex: (digits) => Array.from({ length: digits }, () => from('0123456789abcdef')).join(''),
    // `#` a digit, `A` a letter, `?` either, anything else itself; letters that makers avoid are left out.
    letters: (pattern) =>
      pattern.replace(/[#A?]/g, (c) =>
        from(c === '#' ? '0123456789' : c === 'A' ? 'BCDFGHJKLMNPQRSTVWXYZ' : 'BCDFGHJKLMNPQRSTVWXYZ0123456789'),
      ),
  };
}
