/** What a body may cost. Agent input is hostile, so each is checked before anything is stored. */
export interface Limits {
  /** After inflation, in bytes. */
  readonly maxInflatedBytes: number;
  /** Inflated to received. Real inventories reach 13:1, lists of much alike rows 60:1. */
  readonly maxRatio: number;
  /** Bodies that inflate to less than this are never refused for their ratio. */
  readonly ratioFromBytes: number;
  /** Nesting of elements or of arrays and objects. */
  readonly maxDepth: number;
  /** Rows kept per section; what is over is dropped with a warning. The largest seen in the field is some 6,000 software rows. */
  readonly maxRows: number;
  /** Warnings kept per report; the rest is counted. */
  readonly maxWarnings: number;
}

export const defaultLimits: Limits = {
  maxInflatedBytes: 64 * 1024 * 1024,
  maxRatio: 200,
  ratioFromBytes: 256 * 1024,
  maxDepth: 64,
  maxRows: 250_000,
  maxWarnings: 1000,
};

/** Why a body is refused: nothing of it is stored. */
export type RefusalCode = 'empty' | 'too_large' | 'ratio' | 'too_deep' | 'doctype';

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
}

export const refuse = (code: RefusalCode, message: string): Refusal => ({ ok: false, code, message });
