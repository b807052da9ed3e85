import { randomUUID } from 'node:crypto';
import type { Login, LoginOutput } from '@muster/api/collector';
import type { ScanSecret } from '@muster/api/scans';
import { loginCommands } from '@muster/protocols';
import { Gathered, type LoginAnswer, type LoginTarget, type RunCommand, runCommands } from '../login.ts';
import { WinrmConnection, WinrmError } from './connection.ts';
import { splitUser } from './ntlm.ts';

type WinrmSecret = Extract<ScanSecret, { kind: 'winrm' }>;
export const winrmPort = (secret: WinrmSecret): number => secret.port ?? (secret.https ? 5986 : 5985);

/** Logs in to a Windows by WinRM and reads it through PowerShell. Never rejects; every end but a good one comes with a sentence for the log. */
export async function readByWinrm(target: LoginTarget & { secret: WinrmSecret }): Promise<LoginAnswer> {
  const { address, secret, credential, deadline, knownKey } = target;
  const startedAt = new Date().toISOString();
  let hostKey: LoginAnswer['hostKey'] = null;
  let connection: WinrmConnection | null = null;
  const note = (level: 'warning' | 'error', what: string): LoginAnswer => ({
    login: null,
    hostKey,
    note: { level, message: `${address}: WinRM with “${credential.name}”: ${what}` },
  });
  const stop = (): void => connection?.close();
  target.signal.addEventListener('abort', stop, { once: true });
  try {
    connection = await WinrmConnection.open(address, winrmPort(secret), secret.https, target.timeoutMs * 3);
    const { fingerprint } = connection;
    if (fingerprint !== null) {
      hostKey = { method: 'winrm', fingerprint, refused: knownKey !== null && knownKey !== fingerprint };
      if (hostKey.refused)
        return note(
          'error',
          `the certificate is ${fingerprint}, and was ${knownKey} before. Nothing was sent. If it was renewed, forget its old key on the page of the network.`,
        );
    }
    await connection.logIn({ ...splitUser(secret.userName), password: secret.password }, deadline);
    const shell = new Shell(connection, `${secret.https ? 'https' : 'http'}://${address}:${winrmPort(secret)}/wsman`);
    await shell.open(deadline);
    const { outputs, missing } = await runCommands(loginCommands.windows, shell.run, target);
    await shell.close(deadline);
    if (outputs[0]?.ended !== 'end') return note('warning', missing[0] ?? 'it answered nothing.');
    const login: Login = {
      method: 'winrm',
      credentialId: credential.id,
      port: winrmPort(secret),
      system: 'windows',
      startedAt,
      finishedAt: new Date().toISOString(),
      outputs,
      missing,
    };
    return { login, hostKey, note: null };
  } catch (error) {
    return note('warning', error instanceof WinrmError ? error.message : 'the answer could not be read.');
  } finally {
    stop();
  }
}

const shellNamespace = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell';
const transfer = 'http://schemas.xmlsoap.org/ws/2004/09/transfer';
const TIMED_OUT = '2150858793';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A command shell (MS-WSMV 3.1.4) in which PowerShell is started for each question. */
class Shell {
  readonly #connection: WinrmConnection;
  readonly #url: string;
  #id = '';

  constructor(connection: WinrmConnection, url: string) {
    this.#connection = connection;
    this.#url = url;
  }

  async open(deadline: number): Promise<void> {
    const body = '<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>';
    const answer = await this.#ask(`${transfer}/Create`, body, deadline, { WINRS_NOPROFILE: 'TRUE', WINRS_CODEPAGE: '65001' });
    const id = /<\w+:Selector\s[^>]*Name="ShellId"[^>]*>([^<]{1,100})</.exec(answer)?.[1] ?? textOf(answer, 'ShellId');
    if (id === null) throw new WinrmError('the host opened no shell.');
    this.#id = id;
  }

  /** It would end by itself when it is not used; Windows allows a user only so many. */
  async close(deadline: number): Promise<void> {
    await this.#ask(`${transfer}/Delete`, '', Math.min(deadline, performance.now() + 5000)).catch(() => undefined);
  }

  readonly run: RunCommand = async (line, { bytes, deadline }) => {
    const gathered = new Gathered(bytes);
    const answer = (ended: LoginOutput['ended'], code: number | null) => ({ text: gathered.text(), ended, code });
    try {
      const script = `$ProgressPreference='SilentlyContinue';[Console]::OutputEncoding=[Text.Encoding]::UTF8;${line}`;
      const encoded = Buffer.from(script, 'utf16le').toString('base64');
      const args = ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded];
      const body = `<rsp:CommandLine><rsp:Command>powershell</rsp:Command>${args.map((one) => `<rsp:Arguments>${one}</rsp:Arguments>`).join('')}</rsp:CommandLine>`;
      const started = await this.#ask(`${shellNamespace}/Command`, body, deadline, {
        WINRS_CONSOLEMODE_STDIN: 'TRUE',
        WINRS_SKIP_CMD_SHELL: 'FALSE',
      });
      const command = textOf(started, 'CommandId');
      if (command === null) throw new WinrmError('the host started no command.');
      for (;;) {
        const part = await this.#receive(command, deadline);
        if (part === null) continue;
        if (!part.chunks.every((chunk) => gathered.add(chunk))) {
          this.#connection.close();
          return answer('too_long', null);
        }
        if (part.code !== null) return answer('end', part.code);
      }
    } catch (error) {
      this.#connection.close();
      if (!(error instanceof WinrmError)) throw error;
      return answer(performance.now() >= deadline - 20 ? 'too_slow' : 'lost', null);
    }
  };

  /** What a command printed since; null when that was nothing for a while. */
  async #receive(command: string, deadline: number): Promise<{ chunks: Buffer[]; code: number | null } | null> {
    const body = `<rsp:Receive><rsp:DesiredStream CommandId="${escaped(command)}">stdout stderr</rsp:DesiredStream></rsp:Receive>`;
    const answer = await this.#ask(`${shellNamespace}/Receive`, body, deadline);
    if (answer === TIMED_OUT) return null;
    const streams = [...answer.matchAll(/<(?:\w+:)?Stream\s([^>]*)>([A-Za-z0-9+/=\s]*)<\/(?:\w+:)?Stream>/g)];
    const chunks = streams
      .filter(([, attributes]) => /Name="stdout"/.test(attributes ?? ''))
      .map(([, , text]) => Buffer.from(text ?? '', 'base64'));
    const done = /<(?:\w+:)?CommandState\s[^>]*State="[^"]*\/Done"/.test(answer);
    const code = Number(textOf(answer, 'ExitCode') ?? '0');
    return { chunks, code: done ? (Number.isSafeInteger(code) ? code : 1) : null };
  }

  /** The envelope that answers; TIMED_OUT when a command has printed nothing within the time of one question. Rejects with a WinrmError. */
  async #ask(action: string, body: string, deadline: number, options: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, envelope } = await this.#connection.post(this.#envelope(action, body, options), deadline);
    // Half an answer is none.
    if (!/<\/(?:\w+:)?Envelope>\s*$/.test(envelope)) throw new WinrmError('the answer is cut, or no SOAP.');
    if (status === 200 && !/<(?:\w+:)?Fault>/.test(envelope)) return envelope;
    const code = /Code="(\d{1,12})"/.exec(envelope)?.[1];
    if (code === TIMED_OUT) return TIMED_OUT;
    const words = textOf(envelope, 'Text') ?? textOf(envelope, 'Message') ?? '';
    throw new WinrmError(`the host answered HTTP ${status}${code ? `, code ${code}` : ''}: ${words.replaceAll(/\s+/g, ' ').slice(0, 200)}`);
  }

  #envelope(action: string, body: string, options: Readonly<Record<string, string>>): string {
    const option = Object.entries(options).map(([name, value]) => `<w:Option Name="${name}">${value}</w:Option>`);
    const must = 's:mustUnderstand="true"';
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:rsp="${shellNamespace}"><s:Header>`,
      `<a:To>${escaped(this.#url)}</a:To><a:ReplyTo><a:Address ${must}>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>`,
      `<w:MaxEnvelopeSize ${must}>153600</w:MaxEnvelopeSize><a:MessageID>uuid:${randomUUID().toUpperCase()}</a:MessageID>`,
      `<w:ResourceURI ${must}>${shellNamespace}/cmd</w:ResourceURI><a:Action ${must}>${action}</a:Action><w:OperationTimeout>PT20S</w:OperationTimeout>`,
      this.#id === '' ? '' : `<w:SelectorSet><w:Selector Name="ShellId">${escaped(this.#id)}</w:Selector></w:SelectorSet>`,
      option.length === 0 ? '' : `<w:OptionSet>${option.join('')}</w:OptionSet>`,
      `</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
    ].join('');
  }
}

/** The text of the first element of this name, whatever its prefix. */
function textOf(envelope: string, name: string): string | null {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]{1,2000})</`).exec(envelope)?.[1]?.trim() ?? null;
}
