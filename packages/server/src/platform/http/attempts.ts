/**
 * Counts failed attempts per key in a sliding window of this process. Guessing is made slow, not impossible to retry: the right
 * password works again once the window has passed.
 */
export class AttemptLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #failures = new Map<string, number[]>();

  constructor(options: { max: number; windowMs: number }) {
    this.#max = options.max;
    this.#windowMs = options.windowMs;
  }

  /** Seconds until the key may try again; 0 when it may now. */
  waitSeconds(key: string, nowMs: number): number {
    const recent = this.#recent(key, nowMs);
    const oldest = recent[recent.length - this.#max];
    return oldest === undefined ? 0 : Math.max(1, Math.ceil((oldest + this.#windowMs - nowMs) / 1000));
  }

  failed(key: string, nowMs: number): void {
    if (this.#failures.size > 10_000) this.#sweep(nowMs);
    this.#failures.set(key, [...this.#recent(key, nowMs).slice(-this.#max), nowMs]);
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #recent(key: string, nowMs: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > nowMs - this.#windowMs);
  }

  #sweep(nowMs: number): void {
    for (const key of this.#failures.keys()) if (this.#recent(key, nowMs).length === 0) this.#failures.delete(key);
  }
}
