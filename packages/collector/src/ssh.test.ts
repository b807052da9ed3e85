import type { EventEmitter } from 'node:events';
import ssh2, { type Server } from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { fingerprintOf, readBySsh } from './ssh.ts';

/** What a server of the test's own making says to a command; malice included. */
interface Reply {
  write(data: string | Buffer): boolean;
  exit(code: number): void;
  end(): void;
}
type Answer = (command: string, reply: Reply & EventEmitter) => void;

let server: Server | undefined;
let clients: EventEmitter[] = [];
afterEach(async () => {
  for (const client of clients) (client as unknown as { end(): void }).end();
  clients = [];
  await new Promise<void>((resolve) => (server ? server.close(resolve) : resolve()));
  server = undefined;
});

async function serve(
  answer: Answer,
  key = ssh2.utils.generateKeyPairSync('ed25519').private,
): Promise<{ port: number; asked: string[]; tried: string[] }> {
  const asked: string[] = [];
  const tried: string[] = [];
  server = new ssh2.Server({ hostKeys: [key] });
  server.on('connection', (client: EventEmitter) => {
    clients.push(client);
    client.on('error', () => undefined);
    client.on('authentication', (context: { method: string; password?: string; accept(): void; reject(methods: string[]): void }) => {
      if (context.method === 'password') tried.push(context.password ?? '');
      if (context.method === 'password' && context.password === 'right') context.accept();
      else context.reject(['password']);
    });
    client.on('session', (accept: () => EventEmitter) => {
      accept().on('exec', (take: () => Reply & EventEmitter, _reject: unknown, { command }: { command: string }) => {
        asked.push(command);
        answer(command, take());
      });
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, asked, tried };
}

const read = (port: number, more: { password?: string; knownKey?: string | null; ms?: number } = {}) => {
  const secret = { kind: 'ssh', userName: 'u', password: more.password ?? 'right', privateKey: null, passphrase: null, port } as const;
  return readBySsh({
    address: '127.0.0.1',
    secret,
    credential: { id: '01a20d87-0000-7000-8000-000000000001', name: 'Unix', secret },
    knownKey: more.knownKey ?? null,
    timeoutMs: 500,
    deadline: performance.now() + (more.ms ?? 20_000),
    signal: new AbortController().signal,
  });
};
const say =
  (text: string, code = 0): ((reply: Reply) => void) =>
  (reply) => {
    reply.write(text);
    reply.exit(code);
    reply.end();
  };
const linux = say('Linux lab 6.1.0 x86_64\n');
const isUname = (command: string): boolean => command.includes('uname');

describe('a machine that is read by SSH', () => {
  test('answers every command; what its user may not do has an exit status', async () => {
    const { port } = await serve((command, reply) =>
      (isUname(command) ? linux : command.includes('dmidecode') ? say('', 1) : say('ok'))(reply),
    );
    const { login, note, hostKey } = await read(port);
    expect(note).toBeNull();
    expect(hostKey).toMatchObject({ method: 'ssh', refused: false, fingerprint: expect.stringMatching(/^SHA256:/) });
    expect(login).toMatchObject({ system: 'linux', missing: [] });
    expect(login?.outputs.every((one) => one.ended === 'end')).toBe(true);
    expect(login?.outputs.find((one) => one.name === 'modules')).toMatchObject({ code: 1 });
  });

  test('prints without end is cut there, left alone, and what came before is kept', async () => {
    const flood = (reply: Reply & EventEmitter): void => {
      const more = (): void => void (reply.write(Buffer.alloc(65_536, 'x')) && setImmediate(more));
      reply.on('drain', more);
      more();
    };
    const { port, asked } = await serve((command, reply) => {
      if (isUname(command)) linux(reply);
      else if (command.includes('os-release')) say('NAME=Debian')(reply);
      else flood(reply);
    });
    const { login, note } = await read(port);
    expect(note).toBeNull();
    expect(login?.outputs.slice(0, 4)).toMatchObject([
      { name: 'uname', ended: 'end' },
      { name: 'os_release', ended: 'end', text: 'NAME=Debian' },
      { name: 'fqdn', ended: 'too_long' },
      { name: 'machine_id', ended: 'not_reached' },
    ]);
    expect(login?.outputs[2]?.text).toHaveLength(8 * 1024 * 1024);
    expect(login?.missing[0]).toMatch(/^fqdn: it printed more than is taken/);
    expect(asked).toHaveLength(3);
  });

  test('hangs in a command ends when the time of the host is over', async () => {
    const { port } = await serve((command, reply) => (isUname(command) ? linux(reply) : undefined));
    const { login } = await read(port, { ms: 3000 });
    expect(login?.outputs[1]).toMatchObject({ name: 'os_release', ended: 'too_slow', code: null });
    expect(login?.missing).toHaveLength((login?.outputs.length ?? 0) - 1);
  });

  test('drops the connection in the middle keeps what came', async () => {
    const { port } = await serve((command, reply) => (isUname(command) ? linux(reply) : (clients[0] as unknown as { end(): void }).end()));
    expect((await read(port)).login?.outputs.slice(0, 3)).toMatchObject([{ ended: 'end' }, { ended: 'lost' }, { ended: 'not_reached' }]);
  });

  test('shows another key than before gets no password, and the log says so', async () => {
    const { port, tried } = await serve((_, reply) => linux(reply));
    const known = fingerprintOf(Buffer.from('another key'));
    const { login, note, hostKey } = await read(port, { knownKey: known });
    expect(login).toBeNull();
    expect(hostKey).toMatchObject({ refused: true });
    expect(note).toMatchObject({ level: 'error', message: expect.stringContaining(`was ${known} before. Nothing was sent.`) });
    expect(tried).toEqual([]);
  });

  test('refuses the password, or is no Unix, is said in words', async () => {
    const { port } = await serve((_, reply) => say('% Invalid input detected\n', 1)(reply));
    expect((await read(port, { password: 'wrong' })).note).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('was refused'),
    });
    expect((await read(port)).note?.message).toContain('neither a Linux nor a macOS');
  });

  test('never greets, or greets with nonsense, ends in time', async () => {
    const { createServer } = await import('node:net');
    const sockets: { destroy(): void }[] = [];
    for (const [greeting, words] of [
      ['', 'did not finish the login in time'],
      ['x'.repeat(100_000), '“Unix”: '],
    ] as const) {
      const silent = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined).write(greeting);
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { login, note } = await read((silent.address() as { port: number }).port, { ms: 1500 });
      expect(login).toBeNull();
      expect(note?.message).toContain(words);
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });

  test('a key that cannot be read is said without a word of it', async () => {
    const { port } = await serve((_, reply) => linux(reply));
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END OPENSSH PRIVATE KEY-----';
    const secret = { kind: 'ssh', userName: 'u', password: null, privateKey, passphrase: null, port } as const;
    const credential = { id: '01a20d87-0000-7000-8000-000000000001', name: 'Unix', secret };
    const target = { address: '127.0.0.1', knownKey: null, timeoutMs: 500, deadline: performance.now() + 5000 };
    const { note } = await readBySsh({ ...target, secret, credential, signal: new AbortController().signal });
    expect(note?.message).toContain('the private key cannot be read');
    expect(note?.message).not.toContain('c2VjcmV0');
  });
});
