import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { unwrap, wrap } from './connection.ts';
import { NtlmSession, ntowfv2 } from './ntlm.ts';
import { Rc4 } from './rc4-md4.ts';

/**
 * A Windows of the test's own making: WinRM by its documents (MS-WSMV, MS-NLMP), with payloads written in the shape of real ones. It
 * verifies the NTLM answer, its integrity code and every signature, each by what it knows of the password, not by what the client says.
 */
export interface TestWindows {
  readonly port: number;
  /** PowerShell that was run. */
  readonly scripts: string[];
  /** Headers `Authorization`, as they came. */
  readonly authorizations: string[];
  close(): Promise<void>;
}

export interface WindowsOptions {
  readonly password?: string;
  readonly tls?: { key: string; cert: string };
  /** What a script prints; undefined: it never ends, null: a fault. */
  readonly print: (script: string) => string | undefined | null;
  /** Changes or replaces an answer before it is sent; false: nothing is sent. */
  readonly meddle?: (envelope: string, action: string, response: ServerResponse) => string | false;
  /** Every request is answered with this status instead. */
  readonly status?: number;
}

interface Conversation {
  negotiate?: Buffer;
  challenge?: Buffer;
  session?: NtlmSession;
}

const hmac = (key: Buffer, ...parts: Buffer[]): Buffer => createHmac('md5', key).update(Buffer.concat(parts)).digest();

export async function startWindows(options: WindowsOptions): Promise<TestWindows> {
  const scripts: string[] = [];
  const authorizations: string[] = [];
  const conversations = new WeakMap<Socket, Conversation>();
  const sockets = new Set<Socket>();
  const commands = new Map<string, string>();
  const answer = (incoming: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    if (options.status !== undefined) return void response.writeHead(options.status).end();
    const conversation = conversations.get(incoming.socket) ?? {};
    conversations.set(incoming.socket, conversation);
    if (incoming.headers.authorization !== undefined) {
      authorizations.push(incoming.headers.authorization);
      return shakeHands(conversation, incoming.headers.authorization, response, options.password ?? 'Pa$$word');
    }
    const { session } = conversation;
    if (session === undefined) return void response.writeHead(401, { 'www-authenticate': 'Negotiate' }).end();
    const envelope = (options.tls ? body : unwrap(session, body)).toString();
    const action = /<a:Action[^>]*>([^<]*)</.exec(envelope)?.[1]?.split('/').at(-1) ?? '';
    const reply = replyTo(action, envelope);
    const words = options.meddle ? options.meddle(reply.text, action, response) : reply.text;
    if (words === false) return;
    const sealed = options.tls ? Buffer.from(words) : wrap(session, Buffer.from(words));
    const type = options.tls ? 'application/soap+xml;charset=UTF-8' : 'multipart/encrypted;boundary="Encrypted Boundary"';
    response.writeHead(reply.status, { 'content-type': type }).end(sealed);
  };
  function replyTo(action: string, envelope: string): { status: number; text: string } {
    const ok = (text: string) => ({ status: 200, text: soap(text) });
    if (action === 'Create') return ok('<rsp:Shell><rsp:ShellId>0000-SHELL</rsp:ShellId></rsp:Shell>');
    if (action === 'Command') {
      const encoded = /<rsp:Arguments>([A-Za-z0-9+/=]{20,})</.exec(envelope)?.[1] ?? '';
      const script = Buffer.from(encoded, 'base64').toString('utf16le');
      scripts.push(script);
      commands.set(`C${scripts.length}`, script);
      return ok(`<rsp:CommandResponse><rsp:CommandId>C${scripts.length}</rsp:CommandId></rsp:CommandResponse>`);
    }
    if (action !== 'Receive') return ok('');
    const id = /CommandId="(\w+)"/.exec(envelope)?.[1] ?? '';
    const text = options.print(commands.get(id) ?? '');
    if (text === null) return { status: 500, text: soap(fault('2147942405', 'Access is denied.')) };
    if (text === undefined) return { status: 500, text: soap(fault('2150858793', 'The operation timed out.')) };
    const half = Math.floor(text.length / 2);
    const stream = (part: string) => `<rsp:Stream Name="stdout" CommandId="${id}">${Buffer.from(part).toString('base64')}</rsp:Stream>`;
    const done = `<rsp:CommandState CommandId="${id}" State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"><rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState>`;
    return ok(
      `<rsp:ReceiveResponse>${stream(text.slice(0, half))}<rsp:Stream Name="stderr" CommandId="${id}">bm8=</rsp:Stream>${stream(text.slice(half))}${done}</rsp:ReceiveResponse>`,
    );
  }
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => answer(incoming, Buffer.concat(chunks), response));
  };
  const server = options.tls ? createTlsServer(options.tls, handle) : createServer(handle);
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { port: (server.address() as AddressInfo).port, scripts, authorizations, close };
}

const soap = (body: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:rsp="r"><s:Header></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
const fault = (code: string, words: string): string =>
  `<s:Fault><s:Code/><s:Reason><s:Text xml:lang="en-US">${words}</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="f" Code="${code}"/></s:Detail></s:Fault>`;

const serverChallenge = Buffer.from('0123456789abcdef', 'hex');

/** CHALLENGE_MESSAGE with the names of the target and its time, so that the client has to prove the integrity of the handshake. */
function challengeMessage(): Buffer {
  const pair = (id: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(134_000_000_000_000_000n);
  const info = Buffer.concat([
    pair(2, Buffer.from('CORP', 'utf16le')),
    pair(1, Buffer.from('PC', 'utf16le')),
    pair(7, time),
    pair(0, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(56, 16);
  head.writeUInt32LE(0xe2898235, 20);
  head.set(serverChallenge, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56, 44);
  return Buffer.concat([head, info]);
}

function shakeHands(conversation: Conversation, authorization: string, response: ServerResponse, password: string): void {
  const refuse = (token = ''): void => void response.writeHead(401, { 'www-authenticate': `Negotiate${token}` }).end();
  const message = Buffer.from(/^Negotiate (\S+)$/.exec(authorization)?.[1] ?? '', 'base64');
  if (message.length < 12) return refuse();
  if (message.readUInt32LE(8) === 1) {
    conversation.negotiate = message;
    conversation.challenge = challengeMessage();
    return refuse(` ${conversation.challenge.toString('base64')}`);
  }
  const session = sessionOf(conversation, message, password);
  if (session === null) return refuse();
  conversation.session = session;
  response.writeHead(200).end();
}

/** The session of a right answer to the challenge; null for any other. */
function sessionOf({ negotiate, challenge }: Conversation, message: Buffer, password: string): NtlmSession | null {
  if (!negotiate || !challenge) return null;
  const field = (at: number): Buffer => {
    const offset = message.readUInt32LE(at + 4);
    return message.subarray(offset, offset + message.readUInt16LE(at));
  };
  const [nt, domain, user, encrypted] = [field(20), field(28).toString('utf16le'), field(36).toString('utf16le'), field(52)];
  const key = ntowfv2({ domain, user, password });
  const proof = hmac(key, serverChallenge, nt.subarray(16));
  if (!proof.equals(nt.subarray(0, 16))) return null;
  const sessionKey = new Rc4(hmac(key, proof)).apply(encrypted);
  const code = Buffer.from(message.subarray(72, 88));
  const bare = Buffer.from(message);
  bare.fill(0, 72, 88);
  return hmac(sessionKey, negotiate, challenge, bare).equals(code) ? new NtlmSession(sessionKey, 'server') : null;
}
