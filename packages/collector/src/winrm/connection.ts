import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { authenticate, negotiateMessage, type NtlmSession, type NtlmUser, readChallenge } from './ntlm.ts';

/** A sentence about the other side that may stand in a log. */
export class WinrmError extends Error {}

/** Most bytes of one answer; Windows itself allows 500 KiB for an envelope. */
const MOST_ANSWER = 4 * 1024 * 1024;
const SOAP = 'application/soap+xml;charset=UTF-8';
const BOUNDARY = '--Encrypted Boundary';
const PROTOCOL = 'application/HTTP-SPNEGO-session-encrypted';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * One TCP connection to WinRM, because NTLM authenticates the connection. Over HTTP every message is sealed by NTLM, over HTTPS by TLS.
 * The password never leaves this machine: NTLM answers a challenge with it.
 */
export class WinrmConnection {
  readonly #socket: Socket;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #host: string;
  readonly #tls: boolean;
  #session: NtlmSession | null = null;
  /** SHA-256 of the certificate; null over HTTP. */
  readonly fingerprint: string | null;

  private constructor(socket: Socket, host: string, tls: boolean, fingerprint: string | null) {
    this.#socket = socket;
    this.#host = host;
    this.#tls = tls;
    this.fingerprint = fingerprint;
    let given = false;
    // NTLM holds for this one connection: a second one is never opened.
    this.#agent.createConnection = (_, callback) => {
      if (given || socket.destroyed) callback?.(new WinrmError('the connection was lost.'), socket);
      else callback?.(null, socket);
      given = true;
      return undefined;
    };
  }

  /** Connects; the certificate is looked at by whoever calls, before anything is sent. Rejects with a WinrmError. */
  static async open(address: string, port: number, tls: boolean, timeoutMs: number): Promise<WinrmConnection> {
    const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    // Such certificates are signed by the machine itself: it is known by the fingerprint of first use, not by an authority.
    const socket = tls ? connectTls({ host: address, port, rejectUnauthorized: false }) : connectTcp({ host: address, port });
    const opened = Promise.withResolvers<void>();
    const timer = setTimeout(() => opened.reject(new WinrmError('the host did not open the connection in time.')), timeoutMs);
    socket.once(tls ? 'secureConnect' : 'connect', () => opened.resolve());
    // Later errors show as failed requests.
    socket.on('error', (error) => opened.reject(new WinrmError(`${error.message.slice(0, 150)}.`)));
    try {
      await opened.promise;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    const certificate = tls ? (socket as TLSSocket).getPeerX509Certificate()?.raw : undefined;
    const fingerprint = certificate ? `SHA256:${createHash('sha256').update(certificate).digest('base64').replace(/=+$/, '')}` : null;
    return new WinrmConnection(socket, host, tls, fingerprint);
  }

  close(): void {
    this.#agent.destroy();
    this.#socket.destroy();
  }

  /** Authenticates by NTLMv2. Rejects with a WinrmError; Basic is never offered, over HTTPS neither. */
  async logIn(user: NtlmUser, deadline: number): Promise<void> {
    const negotiate = negotiateMessage();
    const first = await this.#send(Buffer.alloc(0), SOAP, deadline, negotiate);
    const token = /(?:Negotiate|NTLM) ([A-Za-z0-9+/=]{16,20000})/.exec(first.headers['www-authenticate'] ?? '')?.[1];
    if (first.status !== 401 || token === undefined)
      throw new WinrmError(`the host does not offer NTLM (HTTP ${first.status}); is Negotiate allowed for WinRM?`);
    let answer: ReturnType<typeof authenticate>;
    try {
      answer = authenticate(user, negotiate, readChallenge(Buffer.from(token, 'base64')));
    } catch (error) {
      throw new WinrmError(`${(error as Error).message.toLowerCase().replace(/\.$/, '')}.`, { cause: error });
    }
    const { status } = await this.#send(Buffer.alloc(0), SOAP, deadline, answer.message);
    if (status === 401) throw new WinrmError('the user name or password was refused.');
    this.#session = answer.session;
  }

  /** Sends an envelope and answers the status with the envelope that came back. */
  async post(envelope: string, deadline: number): Promise<{ status: number; envelope: string }> {
    const content = Buffer.from(envelope, 'utf8');
    if (this.#session === null) throw new WinrmError('it was not logged in.');
    const sealed = !this.#tls;
    const body = sealed ? wrap(this.#session, content) : content;
    const type = sealed ? `multipart/encrypted;protocol="${PROTOCOL}";boundary="Encrypted Boundary"` : SOAP;
    const answer = await this.#send(body, type, deadline);
    if (answer.status === 401) throw new WinrmError('the host no longer accepts the login.');
    if (answer.body.length === 0) throw new WinrmError(`the host answered HTTP ${answer.status} without a message.`);
    const encrypted = /^multipart\/encrypted/i.test(answer.headers['content-type'] ?? '');
    if (sealed && !encrypted) throw new WinrmError(`the host answered HTTP ${answer.status} without encryption, which is not read.`);
    const text = encrypted ? unwrap(this.#session, answer.body) : answer.body;
    return { status: answer.status, envelope: text.toString('utf8') };
  }

  async #send(body: Buffer, type: string, deadline: number, token?: Buffer): Promise<Answer> {
    const left = deadline - performance.now();
    if (left <= 0) throw new WinrmError('the time for one host was over.');
    const done = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => done.reject(new WinrmError('the host did not answer in time.')), left);
    const lost = (error: Error): void => done.reject(error instanceof WinrmError ? error : new WinrmError('the connection was lost.'));
    try {
      const outgoing = request({
        agent: this.#agent,
        method: 'POST',
        path: '/wsman',
        headers: {
          host: this.#host,
          'content-type': type,
          'content-length': body.length,
          'user-agent': 'muster-collector',
          ...(token ? { authorization: `Negotiate ${token.toString('base64')}` } : {}),
        },
      });
      outgoing.once('error', lost);
      outgoing.once('response', (incoming) => void gather(incoming).then(done.resolve, lost));
      outgoing.end(body);
      return await done.promise;
    } catch (error) {
      this.close();
      throw error instanceof WinrmError ? error : new WinrmError('the connection was lost.', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

async function gather(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER) throw new WinrmError('the host answered with more than is taken.');
    chunks.push(chunk);
  }
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** MS-WSMV 2.2.9.1: the envelope, signed and sealed, in two parts. */
export function wrap(session: NtlmSession, content: Buffer): Buffer {
  const { signature, sealed } = session.seal(content);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(signature.length);
  return Buffer.concat([
    Buffer.from(`${BOUNDARY}\r\n\tContent-Type: ${PROTOCOL}\r\n\tOriginalContent: type=${SOAP};Length=${content.length}\r\n`),
    Buffer.from(`${BOUNDARY}\r\n\tContent-Type: application/octet-stream\r\n`),
    length,
    signature,
    sealed,
    Buffer.from(`${BOUNDARY}--\r\n`),
  ]);
}

/** The other way round. Throws a WinrmError when it is cut or was changed on its way. */
export function unwrap(session: NtlmSession, body: Buffer): Buffer {
  const marker = Buffer.from('application/octet-stream\r\n');
  const at = body.indexOf(marker);
  const start = at + marker.length;
  const end = body.lastIndexOf(`${BOUNDARY}--`);
  if (at < 0 || end < start + 20) throw new WinrmError('the encrypted answer is cut.');
  const length = body.readUInt32LE(start);
  if (length !== 16) throw new WinrmError('the encrypted answer has no signature.');
  const content = session.open(body.subarray(start + 4, start + 20), body.subarray(start + 20, end));
  if (content === null) throw new WinrmError('the signature of the encrypted answer is wrong: it was changed on its way.');
  return content;
}
