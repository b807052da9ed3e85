import type { Decision, IdentityKey } from '@muster/core/identity';
import type { Prepared } from './prepare.ts';
import type { ObservationRow } from './store-identify.ts';

/** A report with the observation it belongs to and the decision which asset that is. */
export interface Identified {
  readonly p: Prepared;
  /** The stored observation, when there is one. */
  readonly known: ObservationRow | null;
  readonly observationId: string;
  readonly nativeId: string;
  /** Null while it is held. */
  readonly assetId: string | null;
  /** The asset is new in this batch. */
  readonly isNew: boolean;
  readonly keys: readonly IdentityKey[];
  readonly keysChanged: boolean;
  /** Null when the observation and its keys are as they were: nothing had to be decided. */
  readonly decision: Decision | null;
  /** Key values that are known to be on several machines. */
  readonly shared: ReadonlySet<string>;
  /** What becomes of reports that were held because they may be of a copy; null when there are none. */
  readonly doubts: DoubtChange | null;
}

export interface DoubtChange {
  /** The observation whose native id the held reports came under. */
  readonly of: string;
  /** This report is held. */
  readonly holds: boolean;
  /** Held reports that are of the machine itself. */
  readonly confirmed: readonly string[];
  /** Held reports that are not as this one of the machine itself: it is alive, so they are of another. */
  readonly refuted: readonly string[];
  /** The held report that became a machine of its own. */
  readonly taken: string | null;
}

/** A report with what is stored of its thing, before it is decided about. */
export interface Draft {
  p: Prepared;
  known: ObservationRow | null;
  /** The observation that keeps an earlier report of `known`'s native id which may be of a copy, and is as this one. */
  twin: ObservationRow | null;
  keys: readonly IdentityKey[];
  /** The keys as the rules in force see them. */
  seen: readonly IdentityKey[];
  changed: boolean;
}

export const sameKeys = (a: readonly IdentityKey[], b: readonly IdentityKey[]): boolean =>
  a.length === b.length && a.every((k, i) => k.kind === b[i]?.kind && k.value === b[i].value && k.quality === b[i].quality);
