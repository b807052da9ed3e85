import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '@muster/protocols';
import { VendorError } from './connector.ts';

export interface VendorHttpOptions {
  /** Requests, and what a page names as the next one, may go nowhere else: the credentials go with them. */
  readonly baseUrl: string;
  /** Headers that sign in. `fresh` asks for new ones after the ones before were refused. */
  readonly authorise: (fresh: boolean) => Promise<Readonly<Record<string, string>>>;
  /** What an answer means where the status alone does not tell: some systems refuse a quota with 403, or answer 200 and an error. */
  readonly judge?: (status: number, text: string) => 'throttled' | 'denied' | null;
}

export interface VendorRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sign-in itself: without the headers of `authorise`. */
  readonly anonymous?: boolean;
  readonly accept?: string;
}

export interface VendorLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly attempts: number;
  /** The first pause of the back-off; it doubles. */
  readonly backoffMs: number;
  /** A longer pause than this is not waited for: the listing counts as throttled. */
  readonly maxWaitMs: number;
}
export const vendorLimits: VendorLimits = {
  timeoutMs: 60_000,
  maxBytes: 64 * 1024 * 1024,
  attempts: 5,
  backoffMs: 500,
  maxWaitMs: 300_000,
};

export interface VendorHands {
  readonly signal: AbortSignal;
  readonly limits: VendorLimits;
  readonly onRequest: () => void;
  readonly onWait: (message: string) => Promise<void>;
  /** Takes credentials out of a text before it is kept. */
  readonly redact: (text: string) => string;
}

/** A failure that may pass: it is tried again until the attempts are used up. */
class Passing extends Error {
  readonly result: 'throttled' | 'timed_out' | 'failed';
  readonly waitMs: number | null;
  constructor(result: 'throttled' | 'timed_out' | 'failed', message: string, waitMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.result = result;
    this.waitMs = waitMs;
  }
}

/** HTTP to a vendor: bounded in time and size, patient with throttling, signing in again once when a token has expired. */
export class VendorHttp {
  readonly #options: VendorHttpOptions;
  readonly #hands: VendorHands;
  readonly #origin: string;
  #headers: Readonly<Record<string, string>> | null = null;

  constructor(options: VendorHttpOptions, hands: VendorHands) {
    this.#options = options;
    this.#hands = hands;
    this.#origin = new URL(options.baseUrl).origin;
  }

  /** The JSON that a path or an address under the base answers. */
  async json(target: string, request: VendorRequest = {}): Promise<Json> {
    return this.#patiently(target, request, (text) => {
      try {
        return JSON.parse(text) as Json;
      } catch (cause) {
        throw new Passing('failed', `${pathOf(target)} answered something that is not JSON.`, null, { cause });
      }
    });
  }

  /** The text that a path or an address under the base answers. */
  async text(target: string, request: VendorRequest = {}): Promise<string> {
    return this.#patiently(target, request, (text) => text);
  }

  async #patiently<T>(target: string, request: VendorRequest, read: (text: string) => T): Promise<T> {
    const url = this.#under(target);
    const { limits, signal } = this.#hands;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#once(url, request, refreshed);
        if (answer.status === 401 && !refreshed && !request.anonymous) {
          refreshed = true;
          this.#headers = null;
          attempt--;
          continue;
        }
        return read(this.#accepted(url, answer, request.anonymous ?? false));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Passing)) throw error;
        const waitMs = error.waitMs ?? limits.backoffMs * 2 ** (attempt - 1);
        if (attempt >= limits.attempts || waitMs > limits.maxWaitMs)
          throw new VendorError(
            error.result,
            `${error.message}${waitMs > limits.maxWaitMs ? ` It asks to wait ${Math.round(waitMs / 1000)} s.` : ''}`,
            {
              cause: error,
            },
          );
        await this.#hands.onWait(`${error.message} Waiting ${(waitMs / 1000).toFixed(1)} s before attempt ${attempt + 1}.`);
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  /** A page's own link may lead nowhere else than the base: a token would go with it. */
  #under(target: string): URL {
    const base = this.#options.baseUrl;
    const url = /^https?:\/\//i.test(target) ? (URL.canParse(target) ? new URL(target) : null) : new URL(base + target);
    if (url === null || url.origin !== this.#origin)
      throw new VendorError('failed', 'The system named an address of another server as its next page; it is not followed.');
    return url;
  }

  async #once(url: URL, request: VendorRequest, fresh: boolean): Promise<{ status: number; text: string; retryAfter: string | null }> {
    const { limits, signal, onRequest } = this.#hands;
    if (!request.anonymous) this.#headers ??= await this.#options.authorise(fresh);
    const timeout = AbortSignal.timeout(limits.timeoutMs);
    onRequest();
    try {
      const response = await fetch(url, {
        method: request.method ?? 'GET',
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': 'Muster',
          ...(request.anonymous ? {} : this.#headers),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, timeout]),
      });
      return { status: response.status, text: await bounded(response, limits.maxBytes), retryAfter: response.headers.get('retry-after') };
    } catch (cause) {
      if (cause instanceof VendorError) throw cause;
      if (timeout.aborted)
        throw new Passing('timed_out', `${url.pathname} did not answer within ${limits.timeoutMs / 1000} s.`, null, { cause });
      throw new Passing('failed', `The connection for ${url.pathname} broke (${reasonOf(cause)}).`, null, { cause });
    }
  }

  #accepted(url: URL, answer: { status: number; text: string; retryAfter: string | null }, signIn: boolean): string {
    const { status, text, retryAfter } = answer;
    const judged = signIn ? null : (this.#options.judge?.(status, text) ?? null);
    if (status >= 200 && status < 300 && judged === null) return text;
    const said = this.#hands.redact(text.replaceAll(/\s+/g, ' ').slice(0, 300));
    const message = `${url.pathname} answered ${status}${said ? `: ${said}` : ''}`;
    if (judged === 'throttled' || status === 429 || (status === 503 && retryAfter !== null))
      throw new Passing('throttled', `${url.pathname} asks for fewer requests (${status}).`, waitOf(retryAfter));
    if (judged === 'denied' || status === 401 || status === 403 || (signIn && status === 400))
      throw new VendorError('denied', signIn ? `Signing in was refused. ${message}` : message, {
        atSignIn: signIn || status === 401,
        status,
      });
    if (status >= 500) throw new Passing('failed', message);
    throw new VendorError('failed', message, { status });
  }
}

async function bounded(response: Response, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new VendorError('failed', `An answer is larger than ${Math.round(maxBytes / 1048576)} MiB.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Retry-After in milliseconds: seconds or a date; null when it says neither. */
export function waitOf(header: string | null, nowMs = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,9}(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

const pathOf = (target: string): string => (URL.canParse(target) ? new URL(target).pathname : (target.split('?')[0] ?? ''));

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? 'no reason given';
}

/** A bearer token for an OAuth form, as that of client credentials, kept in memory until shortly before it expires. */
export function clientCredentials(
  http: () => VendorHttp,
  tokenPath: string,
  form: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>),
): (fresh: boolean) => Promise<Record<string, string>> {
  let token: { value: string; untilMs: number } | null = null;
  return async (fresh) => {
    if (fresh || token === null || Date.now() > token.untilMs) {
      const answer = await http().json(tokenPath, {
        method: 'POST',
        anonymous: true,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(typeof form === 'function' ? form() : form).toString(),
      });
      const { access_token: value, expires_in: seconds } = (answer ?? {}) as { access_token?: unknown; expires_in?: unknown };
      if (typeof value !== 'string' || value === '') throw new VendorError('denied', 'Signing in gave no token.', { atSignIn: true });
      token = { value, untilMs: Date.now() + (typeof seconds === 'number' ? Math.max(30, seconds - 60) : 300) * 1000 };
    }
    return { authorization: `Bearer ${token.value}` };
  };
}
