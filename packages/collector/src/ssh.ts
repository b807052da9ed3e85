import { createHash } from 'node:crypto';
import type { Login, LoginOutput, ShownHostKey } from '@muster/api/collector';
import type { ScanSecret } from '@muster/api/scans';
import { loginCommands, systemOfUname, unameCommand } from '@muster/protocols';
import ssh2, { type Client } from 'ssh2';
import { Gathered, type LoginAnswer, type LoginTarget, type RunCommand, runCommands } from './login.ts';

type SshSecret = Extract<ScanSecret, { kind: 'ssh' }>;

/** As `ssh-keygen -l` writes it. */
export const fingerprintOf = (key: Uint8Array): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/**
 * Logs in by SSH and reads a Unix. The host's key is checked before anything secret is sent: one that differs from the known key ends the
 * attempt. Never rejects; every end but a good one comes with a sentence for the log.
 */
export async function readBySsh(target: LoginTarget & { secret: SshSecret }): Promise<LoginAnswer> {
  const { address, secret, credential } = target;
  const startedAt = new Date().toISOString();
  const connection = new Connection();
  const opened = await connection.open(target);
  const hostKey = connection.hostKey;
  const note = (level: 'info' | 'warning' | 'error', what: string): LoginAnswer => ({
    login: null,
    hostKey,
    note: { level, message: `${address}: SSH with “${credential.name}”: ${what}` },
  });
  try {
    if (hostKey?.refused)
      return note(
        'error',
        `the host key is ${hostKey.fingerprint}, and was ${target.knownKey} before. Nothing was sent. If the host was installed anew, forget its old key on the page of the network.`,
      );
    if (opened !== null) return note('warning', opened);
    const first = await runCommands([unameCommand], connection.run, target);
    const uname = first.outputs[0];
    const system = systemOfUname(uname?.ended === 'end' ? uname.text : '');
    if (system === null)
      return note(
        'warning',
        first.missing[0] ?? 'it let us in, but is neither a Linux nor a macOS that answers uname; it is asked by SNMP instead.',
      );
    const rest = await runCommands(loginCommands[system], connection.run, target);
    const login: Login = {
      method: 'ssh',
      credentialId: credential.id,
      port: secret.port,
      system,
      startedAt,
      finishedAt: new Date().toISOString(),
      outputs: [...first.outputs, ...rest.outputs],
      missing: rest.missing,
    };
    return { login, hostKey, note: null };
  } finally {
    connection.close();
  }
}

/** One connection. After `close`, or when the other side ends it, commands answer that it is lost. */
class Connection {
  readonly #client: Client = new ssh2.Client();
  readonly #ended = Promise.withResolvers<void>();
  hostKey: ShownHostKey | null = null;
  #failure = '';
  #over = false;

  /** Null when it is open, else why not. */
  async open({ address, secret, knownKey, timeoutMs, deadline, signal }: LoginTarget & { secret: SshSecret }): Promise<string | null> {
    const client = this.#client;
    const ready = new Promise<boolean>((resolve) => {
      client.once('ready', () => resolve(true));
      void this.#ended.promise.then(() => resolve(false));
      client.on('error', (error: Error & { level?: string }) => {
        this.#failure ||= wordsOf(error);
        resolve(false);
      });
    });
    client.once('close', () => this.#end());
    signal.addEventListener('abort', this.close, { once: true });
    try {
      client.connect({
        host: address,
        port: secret.port,
        username: secret.userName,
        ...(secret.password === null ? {} : { password: secret.password }),
        ...(secret.privateKey === null ? {} : { privateKey: secret.privateKey }),
        ...(secret.passphrase === null ? {} : { passphrase: secret.passphrase }),
        // Key exchange and login take several turns, on small machines seconds of computing.
        readyTimeout: Math.max(1, Math.min(timeoutMs * 10, deadline - performance.now())),
        hostVerifier: (key) => {
          const fingerprint = fingerprintOf(key);
          const refused = knownKey !== null && knownKey !== fingerprint;
          this.hostKey = { method: 'ssh', fingerprint, refused };
          return !refused;
        },
      });
    } catch (error) {
      // Its message may quote the key.
      this.#failure = (error as Error).message.includes('passphrase')
        ? 'the private key needs a (right) passphrase.'
        : 'the private key cannot be read.';
      this.close();
    }
    return (await ready) ? null : this.#failure || 'the connection was closed before the login.';
  }

  readonly run: RunCommand = async (line, { bytes, deadline }) => {
    const gathered = new Gathered(bytes);
    const answer = (ended: LoginOutput['ended'], code: number | null) => ({ text: gathered.text(), ended, code });
    if (this.#over) return answer('lost', null);
    const done = Promise.withResolvers<{ ended: LoginOutput['ended']; code: number | null }>();
    const timer = setTimeout(() => done.resolve({ ended: 'too_slow', code: null }), Math.max(1, deadline - performance.now()));
    void this.#ended.promise.then(() => done.resolve({ ended: 'lost', code: null }));
    try {
      this.#client.exec(line, (error, channel) => {
        if (error) return done.resolve({ ended: 'lost', code: null });
        let code: number | null = null;
        channel.on('exit', (status: unknown) => (code = typeof status === 'number' ? status : null));
        channel.on('data', (chunk: Buffer) => {
          if (!gathered.add(chunk)) done.resolve({ ended: 'too_long', code: null });
        });
        channel.stderr.resume();
        channel.on('close', () => done.resolve(code === null ? { ended: 'lost', code } : { ended: 'end', code }));
      });
    } catch {
      done.resolve({ ended: 'lost', code: null });
    }
    const { ended, code } = await done.promise;
    clearTimeout(timer);
    // Nothing more is taken from a machine that floods or hangs.
    if (ended !== 'end') this.close();
    return answer(ended, code);
  };

  readonly close = (): void => {
    this.#client.destroy();
    this.#end();
  };

  #end(): void {
    this.#over = true;
    this.#ended.resolve();
  }
}

/** The library's words for what matters; the rest of its messages is shown as it is, cut. */
function wordsOf(error: Error & { level?: string }): string {
  if (error.level === 'client-authentication') return 'the user name, password or key was refused.';
  if (error.level === 'client-timeout') return 'the host did not finish the login in time.';
  return `${error.message.replaceAll(/[\r\n\0]+/g, ' ').slice(0, 200)}.`;
}
