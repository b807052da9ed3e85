import { setTimeout as pause } from 'node:timers/promises';

/** Lets so many packets a second pass, evenly: a burst would look like an attack and fill small devices' queues. */
export class RateGate {
  readonly #gapMs: number;
  #next = 0;

  constructor(perSecond: number) {
    this.#gapMs = 1000 / perSecond;
  }

  /** Resolves when the next packet may be sent; rejects when the signal is aborted. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const now = performance.now();
    const mine = Math.max(now, this.#next);
    this.#next = mine + this.#gapMs;
    if (mine - now >= 1) await pause(mine - now, undefined, signal ? { signal } : {});
  }
}
