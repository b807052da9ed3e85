import type { ConsumerFact, UserFact } from '../facts.ts';
import type { Range } from '../quantity.ts';

export type FactValue = string | number | boolean | null | readonly string[];

/** A need for licences by one consumer, with everything its explanation needs. */
export interface Demand {
  /** Tells consumers of a position apart: `asset:<id>`, `person:<id>`, `login:<name>`, `site`. */
  readonly consumer: string;
  readonly label: string;
  /** The asset, or the first of the person's assets; null for a site. */
  readonly assetId: string | null;
  /** The edition in use; null when it is not known. */
  readonly edition: string | null;
  readonly required: Range;
  /** The facts that make `required` a range. */
  readonly missing: readonly string[];
  /** Why nothing is required; null for a real need. */
  readonly exemption: string | null;
  /** The numbers the rule used, enough to derive the need again. Kept with the position. */
  readonly facts: Readonly<Record<string, FactValue>>;
  /** Assets behind it, so that what it leaves uncovered can be asked of another metric. */
  readonly assetIds: readonly string[];
}

/** A consumer after exemptions: only what is licensable is left in `count`. */
export interface LicensableConsumer {
  readonly fact: ConsumerFact;
  readonly edition: string | null;
  /** Distinct licensable titles. */
  readonly count: number;
  readonly users: readonly UserFact[];
}
