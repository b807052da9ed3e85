import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { addRequests, appendLog } from './store-runs.ts';

type Line = Parameters<typeof appendLog>[2][number];

/** Gathers what a run has to tell and writes it in turns. Never give it credentials. */
export class RunLog {
  readonly #platform: Platform;
  readonly #runId: string;
  #lines: Line[] = [];
  #requests = 0;

  constructor(platform: Platform, runId: string) {
    this.#platform = platform;
    this.#runId = runId;
  }

  note(level: Line['level'], scope: string | null, message: string): void {
    this.#lines.push({ at: this.#platform.now(), level, scope, message });
  }

  countRequest(): void {
    this.#requests++;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0 && this.#requests === 0) return;
    const [lines, requests] = [this.#lines, this.#requests];
    this.#lines = [];
    this.#requests = 0;
    await inTx(this.#platform.db, async (tx) => {
      await appendLog(tx, this.#runId, lines);
      await addRequests(tx, this.#runId, requests);
    });
  }
}
