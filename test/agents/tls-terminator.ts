import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One message that went through, with what it weighed. */
export interface Passed {
  readonly path: string;
  readonly message: Record<string, unknown>;
  readonly answer: Record<string, unknown>;
  /** Bodies as they went over the wire. */
  readonly sentBytes: number;
  readonly answeredBytes: number;
}

export interface TlsTerminator {
  /** Of `localhost`. */
  readonly port: number;
  /** The authority's certificate, to be trusted. */
  readonly caFile: string;
  readonly passed: Passed[];
  /** Bytes of closed connections on the wire, with TLS and its handshake. */
  readonly wire: { connections: number; read: number; written: number };
  close(): Promise<void>;
}

/** Whether an authority can be made here. */
export function haveOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A certificate for localhost by an authority of its own, both for two days and for one test. */
function certify(folder: string): { key: string; cert: string; ca: string } {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = [
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-subj',
    '/CN=Test authority',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  ];
  openssl('req', '-x509', ...key, '-days', '2', ...ca);
  openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost');
  writeFileSync(file('extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
  const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', file('extensions')];
  openssl('x509', '-req', '-in', file('server.csr'), ...by, '-out', file('server.pem'));
  return { key: file('server.key'), cert: file('server.pem'), ca: file('ca.pem') };
}

/**
 * HTTPS in front of a server that speaks HTTP, as a reverse proxy is in a real installation. `alter` may change what is answered, for
 * example to shorten intervals; it sees what the server said.
 */
export async function tlsTerminator(options: {
  folder: string;
  target: string;
  alter?: (path: string, answer: Record<string, unknown>) => Record<string, unknown>;
}): Promise<TlsTerminator> {
  const { key, cert, ca } = certify(options.folder);
  const passed: Passed[] = [];
  const wire = { connections: 0, read: 0, written: 0 };
  const target = new URL(options.target);
  const forward = (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void => {
    const path = incoming.url ?? '/';
    const pass = async (reply: IncomingMessage): Promise<void> => {
      const said = await read(reply);
      const answer = jsonOf(said);
      const told = options.alter ? Buffer.from(JSON.stringify(options.alter(path, answer))) : said;
      passed.push({ path, message: jsonOf(body), answer, sentBytes: body.length, answeredBytes: told.length });
      outgoing.writeHead(reply.statusCode ?? 502, { 'content-type': 'application/json', 'content-length': told.length }).end(told);
    };
    const onward = request(
      { host: target.hostname, port: target.port, path, method: incoming.method, headers: incoming.headers },
      (reply) => {
        void pass(reply);
      },
    );
    onward.on('error', () => outgoing.writeHead(502).end('the server is not there'));
    onward.end(body);
  };
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, outgoing) => {
    void read(incoming).then((body) => forward(incoming, body, outgoing));
  });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      wire.connections += 1;
      wire.read += socket.bytesRead;
      wire.written += socket.bytesWritten;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    caFile: ca,
    passed,
    wire,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function jsonOf(body: Buffer): Record<string, unknown> {
  const plain = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
  try {
    return JSON.parse(plain.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
