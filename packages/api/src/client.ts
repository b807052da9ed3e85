import { Problem, type ErrorCode, type ProblemDocument } from './errors.ts';
import type { CallOf, ResponseOf, Route } from './route.ts';

export interface ClientOptions {
  /** Scheme, host and port; empty in the browser. */
  baseUrl: string;
  /** A bearer token; without one the browser's session cookie speaks. */
  token?: string;
  fetch?: typeof fetch;
}

/** A problem answered by the server, with the whole document for whoever shows it. */
export class ApiProblem extends Problem {
  override name = 'ApiProblem';
  readonly document: ProblemDocument;
  constructor(document: ProblemDocument) {
    super(document.code as ErrorCode, document.detail ?? document.title, document.errors ? { errors: document.errors } : {});
    this.document = document;
  }
}

export interface Answer<T> {
  data: T;
  /** The record's version, to send back as If-Match. */
  etag: string | null;
}

export type Call = <X extends Route>(route: X, input: CallOf<X>) => Promise<Answer<ResponseOf<X>>>;

/** The URL of a route with its parameters and query filled in. */
export function urlOf(route: Route, params: Record<string, unknown> | undefined, query: Record<string, unknown> | undefined): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params?.[name])));
  const search = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {}))
    if (typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean') search.set(k, String(v));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** A typed client: `call(getAsset, { params: { id } })`. Throws ApiProblem for a problem document. */
export function createClient(options: ClientOptions): Call {
  return async (route, input) => {
    const { params, query, body, ifMatch, idempotencyKey, signal } = input as CallOf<Route> & {
      params?: Record<string, unknown>;
      query?: Record<string, unknown>;
      body?: unknown;
    };
    const headers: Record<string, string> = { accept: 'application/json' };
    if (options.token) headers['authorization'] = `Bearer ${options.token}`;
    else headers['x-muster-request'] = '1';
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (ifMatch) headers['if-match'] = ifMatch;
    if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
    const send = options.fetch ?? fetch;
    const response = await send(options.baseUrl + urlOf(route, params, query), {
      method: route.method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiProblem(readProblem(response.status, text));
    return { data: (text ? JSON.parse(text) : undefined) as never, etag: response.headers.get('etag') };
  };
}

function readProblem(status: number, text: string): ProblemDocument {
  try {
    const document = JSON.parse(text) as ProblemDocument;
    if (typeof document.code === 'string') return document;
  } catch {
    // Not ours: a proxy or a crash answered. Fall through to a problem of our own making.
  }
  return { type: 'about:blank', title: `The server answered ${status}`, status, code: status === 503 ? 'unavailable' : 'internal' };
}
