import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScanWork } from '@muster/api/collector';
import { z } from 'zod';
import { writeDurably } from './durable-file.ts';

const count = z.number().int().min(0);
const stateSchema = z.object({
  plan: z.string(),
  /** Every address before this number is done. */
  next: count,
  /** Numbers behind it that are done already, because hosts take different times. */
  ahead: z.array(count),
  up: count,
  walked: count,
  logSeq: count,
});
type State = z.infer<typeof stateSchema>;

/** Left behind by runs that were ended elsewhere. */
const FORGET_MS = 14 * 86_400_000;

/** How far a run is, on disk, without any credential: after a crash it goes on where it was. */
export class Checkpoint {
  readonly #file: string;
  readonly #plan: string;
  readonly #ahead = new Set<number>();
  #next = 0;
  up = 0;
  walked = 0;
  logSeq = 0;

  private constructor(file: string, plan: string) {
    this.#file = file;
    this.#plan = plan;
  }

  /** Opens the run's own; begins anew when the ranges are others than those it was made for. */
  static async open(folder: string, work: ScanWork): Promise<Checkpoint> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await forgetOld(folder);
    const plan = createHash('sha256')
      .update(JSON.stringify([work.ranges, work.excluded]))
      .digest('hex');
    const checkpoint = new Checkpoint(join(folder, `${work.runId}.json`), plan);
    const state = await readState(checkpoint.#file);
    // The numbers of the log go on in any case, so that no line hides an older one.
    if (state) checkpoint.logSeq = state.logSeq;
    if (state?.plan === plan) {
      checkpoint.#next = state.next;
      for (const number of state.ahead) checkpoint.#ahead.add(number);
      checkpoint.up = state.up;
      checkpoint.walked = state.walked;
    }
    return checkpoint;
  }

  get probed(): number {
    return this.#next + this.#ahead.size;
  }

  /** The numbers that are not done, in order. */
  *open(total: number): Generator<number> {
    for (let number = this.#next; number < total; number++) if (number >= this.#next && !this.#ahead.has(number)) yield number;
  }

  done(number: number): void {
    this.#ahead.add(number);
    while (this.#ahead.delete(this.#next)) this.#next++;
  }

  async save(): Promise<void> {
    const state: State = {
      plan: this.#plan,
      next: this.#next,
      ahead: [...this.#ahead],
      up: this.up,
      walked: this.walked,
      logSeq: this.logSeq,
    };
    await writeDurably(this.#file, JSON.stringify(state));
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

async function readState(file: string): Promise<State | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function forgetOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found && Date.now() - found.mtimeMs > FORGET_MS) await rm(file, { force: true });
  }
}
