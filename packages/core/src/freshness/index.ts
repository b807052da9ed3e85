import type { freshnessStates } from '@muster/api/assets';

/** How recently a source reported an asset, by the limits of its class. */
export type Freshness = (typeof freshnessStates)[number];

/** Whole days since the last report after which an asset is called so; each more than the one before. */
export interface StalenessLimits {
  readonly staleDays: number;
  readonly missingDays: number;
  readonly retireDays: number;
}

const dayMs = 86_400_000;

/** `unseen` was never reported by any source, as what was entered by hand. The database function `freshness` says the same. */
export function freshnessOf(seenAtMs: number | null, limits: StalenessLimits, nowMs: number): Freshness {
  if (seenAtMs === null) return 'unseen';
  const silentMs = nowMs - seenAtMs;
  if (silentMs < limits.staleDays * dayMs) return 'seen';
  if (silentMs < limits.missingDays * dayMs) return 'stale';
  return silentMs < limits.retireDays * dayMs ? 'missing' : 'retire_candidate';
}

/** The limits in force for each class: its own, else those of the nearest class above it that has some, else those for any class (''). */
export function limitsByClass(
  own: ReadonlyMap<string, StalenessLimits>,
  lineOf: (classKey: string) => readonly string[],
  classKeys: readonly string[],
): Map<string, { limits: StalenessLimits; from: string }> {
  return new Map(
    [...classKeys, ''].flatMap((key) => {
      const from = [...(key === '' ? [] : lineOf(key)), ''].find((one) => own.has(one));
      const limits = from === undefined ? undefined : own.get(from);
      return limits && from !== undefined ? [[key, { limits, from }] as const] : [];
    }),
  );
}
