import type { KnownHostKey, Login, LoginOutput, ScanCredential, ShownHostKey } from '@muster/api/collector';
import type { ScanLogLine } from '@muster/api/scans';
import type { LoginCommand } from '@muster/protocols';

/** Where a login goes, and what bounds it. */
export interface LoginTarget {
  readonly address: string;
  readonly credential: ScanCredential;
  /** The key that the host showed before; null at first use. */
  readonly knownKey: string | null;
  readonly timeoutMs: number;
  /** `performance.now()` at which the host's time is over. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

export type Note = Pick<ScanLogLine, 'level' | 'message'>;

/** What came of trying to log in: the machine's words, or why there are none. */
export interface LoginAnswer {
  readonly login: Login | null;
  readonly hostKey: ShownHostKey | null;
  readonly note: Note | null;
}

/** Most bytes of one output and of all outputs of a machine; a list of ten thousand packages has about a megabyte. */
export const MOST_OUTPUT = 8 * 1024 * 1024;
export const MOST_OUTPUTS = 16 * 1024 * 1024;
/** Most time for one command. */
export const COMMAND_MS = 60_000;

export const knownKeyOf = (keys: readonly KnownHostKey[], address: string, method: KnownHostKey['method']): string | null =>
  keys.find((key) => key.address === address && key.method === method)?.fingerprint ?? null;

/** Runs one command within so many bytes and until the deadline; never rejects. */
export type RunCommand = (line: string, limits: { bytes: number; deadline: number }) => Promise<Omit<LoginOutput, 'name'>>;

const reasons: Record<Exclude<LoginOutput['ended'], 'end'>, string> = {
  too_long: 'it printed more than is taken, so the connection was closed',
  too_slow: 'it did not end in time, so the connection was closed',
  lost: 'the connection was lost',
  not_reached: 'it was not asked for, because the connection or the time was over',
};

/** Runs commands one after the other. The first that does not come to its end is the last: a machine that floods or hangs is left alone. */
export async function runCommands(
  commands: readonly LoginCommand[],
  run: RunCommand,
  target: LoginTarget,
): Promise<Pick<Login, 'outputs' | 'missing'>> {
  const outputs: LoginOutput[] = [];
  let left = MOST_OUTPUTS;
  for (const { name, line } of commands) {
    const before = outputs.at(-1);
    const now = performance.now();
    if ((before && before.ended !== 'end') || now >= target.deadline || target.signal.aborted) {
      outputs.push({ name, text: '', ended: 'not_reached', code: null });
      continue;
    }
    const limits = { bytes: Math.min(MOST_OUTPUT, left), deadline: Math.min(target.deadline, now + COMMAND_MS) };
    const output = { name, ...(await run(line, limits)) };
    // A part of a list would look like removals; what was printed until then is kept for whoever looks.
    left -= output.text.length;
    outputs.push(output);
  }
  const missing = outputs.flatMap((one) => (one.ended === 'end' ? [] : [`${one.name}: ${reasons[one.ended]}`]));
  return { outputs, missing };
}

/** Gathers the bytes of one output up to a bound. */
export class Gathered {
  readonly #chunks: Buffer[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False when it is more than is taken. */
  add(chunk: Buffer): boolean {
    const room = this.#most - this.#bytes;
    this.#chunks.push(chunk.subarray(0, Math.max(0, room)));
    this.#bytes += chunk.length;
    return chunk.length <= room;
  }

  /** PostgreSQL and JSON take no NUL and no half characters. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8').replaceAll('\0', '').toWellFormed();
  }
}
