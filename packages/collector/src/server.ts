import { collectorPaths, collectorWorkSchema, type ScanWork } from '@muster/api/collector';

export type SendAnswer =
  | { readonly kind: 'taken'; readonly body: unknown }
  /** It will never be taken: sending it again is of no use. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not now: the server is down, busy, or does not know the key (any more). */
  | { readonly kind: 'away'; readonly reason: string };

export interface ServerOptions {
  /** Scheme, host and port. */
  readonly url: string;
  readonly key: string;
  readonly version: string;
  readonly host: string;
}

const TIMEOUT_MS = 120_000;
const final = new Set([400, 404, 409, 413, 415, 422]);

/** The collector's side of the conversation. Redirects are not followed: they would take the key elsewhere. */
export class Server {
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Sends a gzip body. Never throws. */
  async send(path: string, body: Uint8Array, signal?: AbortSignal): Promise<SendAnswer> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(this.#options.url + path, {
        method: 'POST',
        redirect: 'error',
        headers: {
          authorization: `Bearer ${this.#options.key}`,
          'content-type': 'application/gzip',
          'user-agent': `muster-collector/${this.#options.version}`,
        },
        body: new Uint8Array(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      const text = await response.text();
      if (response.ok) return { kind: 'taken', body: JSON.parse(text) };
      const reason = reasonOf(response.status, text);
      return { kind: final.has(response.status) ? 'refused' : 'away', reason };
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code;
      return { kind: 'away', reason: cause ?? (error as Error).message };
    }
  }

  /** The runs that are this collector's to do. Throws an Error with a sentence when the server gives none. */
  async fetchWork(signal?: AbortSignal): Promise<ScanWork[]> {
    const { version, host } = this.#options;
    const answer = await this.send(collectorPaths.work, Buffer.from(JSON.stringify({ version, host })), signal);
    if (answer.kind !== 'taken') throw new Error(`${this.#options.url} gives no work: ${answer.reason}`);
    const parsed = collectorWorkSchema.safeParse(answer.body);
    if (!parsed.success)
      throw new Error(`${this.#options.url} answered with work that this collector does not understand. Are both of one version?`);
    return parsed.data.runs;
  }
}

function reasonOf(status: number, text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    const said = problem.detail ?? problem.title;
    if (typeof said === 'string') return said.slice(0, 300);
  } catch {
    // A proxy answered.
  }
  return `HTTP ${status}`;
}
