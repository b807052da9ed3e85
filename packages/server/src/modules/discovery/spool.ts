import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { type Delivery, insertDeliveries } from './store-inbox.ts';

interface Waiting {
  readonly delivery: Delivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MOST_ROWS = 64;
const MOST_BYTES = 8 * 1024 * 1024;
/** One group commits while the next gathers; a second connection keeps one large body from holding up everyone. */
const MOST_COMMITS = 2;

/**
 * Stores deliveries durably and says when. Deliveries that arrive while a commit is under way share the next one (group commit), so one
 * flush to disk acknowledges many agents.
 */
export class Spool {
  readonly #platform: Platform;
  #waiting: Waiting[] = [];
  #commits = 0;
  #planned = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Resolves after the commit that holds the delivery; rejects when it could not be stored. */
  async store(delivery: Delivery): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ delivery, resolve, reject });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned || this.#commits >= MOST_COMMITS || this.#waiting.length === 0) return;
    this.#planned = true;
    // After this turn's other requests were read, so that they join.
    setImmediate(() => {
      this.#planned = false;
      void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const group = this.#take();
    if (group.length === 0) return;
    this.#commits++;
    try {
      await inTx(this.#platform.db, (tx) =>
        insertDeliveries(
          tx,
          group.map((w) => w.delivery),
        ),
      );
      for (const waiting of group) waiting.resolve();
    } catch (error) {
      await this.#oneByOne(group, error);
    } finally {
      this.#commits--;
      this.#plan();
    }
  }

  /** One delivery that the database refuses must not fail its neighbours. */
  async #oneByOne(group: readonly Waiting[], error: unknown): Promise<void> {
    if (group.length === 1) {
      group[0]?.reject(error);
      return;
    }
    for (const waiting of group) {
      try {
        await inTx(this.#platform.db, (tx) => insertDeliveries(tx, [waiting.delivery]));
        waiting.resolve();
      } catch (alone) {
        waiting.reject(alone);
      }
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { delivery } of this.#waiting) {
      if (count > 0 && (count >= MOST_ROWS || bytes + delivery.body.length > MOST_BYTES)) break;
      bytes += delivery.body.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
