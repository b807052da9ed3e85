import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface VendorRequestSeen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type VendorAnswer =
  | { readonly status?: number; readonly json?: unknown; readonly text?: string; readonly headers?: Record<string, string> }
  /** Sends the beginning of a body and hangs up. */
  | 'hang up';

export interface FakeVendor {
  readonly url: string;
  readonly seen: VendorRequestSeen[];
  /** Asked first, in order; the first that answers counts. Faults are put in front. */
  readonly faults: ((request: VendorRequestSeen) => VendorAnswer | undefined)[];
  close(): Promise<void>;
}

/** A vendor on loopback that answers from recorded shapes; every answer is that of real HTTP. */
export async function fakeVendor(
  answer: (request: VendorRequestSeen) => VendorAnswer | undefined | Promise<VendorAnswer | undefined>,
): Promise<FakeVendor> {
  const seen: VendorRequestSeen[] = [];
  const faults: FakeVendor['faults'] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const url = new URL(request.url ?? '/', 'http://vendor');
      const one: VendorRequestSeen = {
        method: request.method ?? 'GET',
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      };
      seen.push(one);
      let given: VendorAnswer | undefined;
      for (const strike of faults) given ??= strike(one);
      given ??= await answer(one);
      send(response, given ?? { status: 404, json: { error: { code: 'ResourceNotFound', message: one.path } } });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    faults,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function send(response: ServerResponse, answer: VendorAnswer): void {
  if (answer === 'hang up') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"value":[', () => response.destroy());
    return;
  }
  const body = answer.text ?? JSON.stringify(answer.json ?? null);
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(body);
}

/** A fault that happens the first `times` a request matches. */
export function fault(
  matches: (request: VendorRequestSeen) => boolean,
  answer: VendorAnswer,
  times = Infinity,
): (request: VendorRequestSeen) => VendorAnswer | undefined {
  let left = times;
  return (request) => (left > 0 && matches(request) && left-- > 0 ? answer : undefined);
}
