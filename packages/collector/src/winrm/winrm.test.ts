import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loginCommands, reportOfLogin, defaultLimits } from '@muster/protocols';
import { afterEach, describe, expect, test } from 'vitest';
import { startWindows, type TestWindows, type WindowsOptions } from './test-windows.ts';
import { readByWinrm } from './winrm.ts';

let windows: TestWindows | undefined;
afterEach(async () => {
  await windows?.close();
  windows = undefined;
});

const answers: Record<string, unknown> = {
  Win32_ComputerSystemProduct: { UUID: '4C4C4544-0042-3510-8052-B4C04F4D3232', IdentifyingNumber: 'PF2ABCDE' },
  Win32_ComputerSystem: { Name: 'PC-0042', Domain: 'corp.example.org', PartOfDomain: true, Manufacturer: 'LENOVO', Model: '20XW0026GE' },
  Win32_OperatingSystem: { Caption: 'Microsoft Windows 11 Pro', Version: '10.0.22631', OSArchitecture: '64-bit' },
  Uninstall: [{ PSChildName: '7-Zip', DisplayName: '7-Zip 23.01 “x64” für Büro', DisplayVersion: '23.01', Wow: false }],
};
const print = (script: string): string => JSON.stringify(Object.entries(answers).find(([name]) => script.includes(name))?.[1] ?? []);

async function read(options: Partial<WindowsOptions> = {}, more: { password?: string; knownKey?: string; ms?: number } = {}) {
  windows = await startWindows({ print, ...options });
  return readFrom(windows.port, options.tls !== undefined, more);
}
const readFrom = async (port: number, https: boolean, more: { password?: string; knownKey?: string; ms?: number } = {}) => {
  const secret = { kind: 'winrm', userName: 'CORP\\scanner', password: more.password ?? 'Pa$$word', https, port } as const;
  return readByWinrm({
    address: '127.0.0.1',
    secret,
    credential: { id: '01a20d87-0000-7000-8000-000000000001', name: 'Windows', secret },
    knownKey: more.knownKey ?? null,
    timeoutMs: 500,
    deadline: performance.now() + (more.ms ?? 20_000),
    signal: new AbortController().signal,
  });
};

describe('a Windows that is read by WinRM', () => {
  test('over HTTP, with every message sealed: all questions are asked and the report tells the machine', async () => {
    const { login, note, hostKey } = await read();
    expect(note).toBeNull();
    expect(hostKey).toBeNull();
    expect(login?.outputs.map((one) => [one.name, one.ended, one.code])).toEqual(loginCommands.windows.map(({ name }) => [name, 'end', 0]));
    expect(windows?.scripts).toHaveLength(loginCommands.windows.length);
    expect(windows?.authorizations.every((one) => one.startsWith('Negotiate TlRMTVNTUA'))).toBe(true);
    if (!login) throw new Error('no login');
    const report = reportOfLogin(login, '127.0.0.1', defaultLimits);
    expect(report).toMatchObject({ family: 'winrm', partial: false, device: { name: 'PC-0042', fqdn: 'pc-0042.corp.example.org' } });
    expect(report.software).toMatchObject([{ name: '7-Zip 23.01 “x64” für Büro', channel: 'registry' }]);
  });

  test('over HTTPS: the certificate is the host key, and another one gets nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-winrm-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const openssl = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=pc'];
    execFileSync('openssl', [...openssl, '-days', '2', '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    rmSync(folder, { recursive: true });
    const first = await read({ tls });
    expect(first).toMatchObject({ note: null, login: { system: 'windows', missing: [] }, hostKey: { method: 'winrm', refused: false } });
    const before = windows?.authorizations.length;
    const other = await readFrom(windows?.port ?? 0, true, { knownKey: `SHA256:${'A'.repeat(43)}` });
    expect(other).toMatchObject({
      login: null,
      hostKey: { refused: true, fingerprint: first.hostKey?.fingerprint },
      note: { level: 'error' },
    });
    expect(windows?.authorizations).toHaveLength(before ?? 0);
  });

  test('refuses a wrong password, in words', async () => {
    const { login, note } = await read({}, { password: 'wrong' });
    expect(login).toBeNull();
    expect(note).toMatchObject({ level: 'warning', message: '127.0.0.1: WinRM with “Windows”: the user name or password was refused.' });
    expect(windows?.scripts).toEqual([]);
  });

  test('answers 500, offers no NTLM, or is something else', async () => {
    expect((await read({ status: 500 })).note?.message).toContain('does not offer NTLM (HTTP 500)');
    await windows?.close();
    expect((await read({ status: 401 })).note?.message).toContain('does not offer NTLM (HTTP 401)');
    await windows?.close();
    // Not a word of Basic.
    expect(windows?.authorizations.some((one) => /basic/i.test(one))).toBe(false);
  });

  test('denies one question: what was answered before is kept, the rest is missing', async () => {
    const { login } = await read({ print: (script) => (script.includes('Win32_BIOS') ? null : print(script)) });
    expect(login?.outputs.slice(0, 4)).toMatchObject([
      { ended: 'end' },
      { ended: 'end' },
      { name: 'bios', ended: 'lost' },
      { ended: 'not_reached' },
    ]);
  });

  test('cuts its XML, or changes a sealed message', async () => {
    const cut = await read({ meddle: (envelope, action) => (action === 'Receive' ? envelope.slice(0, -20) : envelope) });
    expect(cut).toMatchObject({ login: null, note: { level: 'warning' } });
    await windows?.close();
    const plain = await read({
      meddle: (_, __, response) => {
        response.writeHead(200, { 'content-type': 'application/soap+xml' }).end('<s:Envelope></s:Envelope>');
        return false;
      },
    });
    expect(plain.note?.message).toContain('without encryption, which is not read');
  });

  test('prints without end, answers without end, or hangs: it is left alone', async () => {
    const endless = await read({ print: (script) => (script.includes('Win32_BIOS') ? 'x'.repeat(9 * 1024 * 1024) : print(script)) });
    expect(endless.login?.outputs[2]).toMatchObject({ name: 'bios', ended: 'lost' });
    await windows?.close();
    const more = `$1${'eHh4'.repeat(200_000)}`;
    const chatty = await read({
      meddle: (envelope, action) =>
        action === 'Receive'
          ? envelope.replace(/<rsp:CommandState.*<\/rsp:CommandState>/, '').replace(/(Name="stdout"[^>]*>)[^<]*/, more)
          : envelope,
    });
    expect(chatty).toMatchObject({ login: null, note: { message: expect.stringContaining('it printed more than is taken') } });
    await windows?.close();
    const hanging = await read({ print: (script) => (script.includes('Win32_BIOS') ? undefined : print(script)) }, { ms: 2000 });
    expect(hanging.login?.outputs[2]).toMatchObject({ name: 'bios', ended: 'too_slow' });
    await windows?.close();
    const mute = await read({ meddle: (envelope, action) => (action === 'Create' ? false : envelope) }, { ms: 1000 });
    expect(mute.note?.message).toContain('did not answer in time');
  });

  test('is no WinRM at all', async () => {
    const other = createServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('SSH-2.0-something\r\n'),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    expect((await readFrom(port, false, { ms: 1000 })).note?.message).toMatch(/the connection was lost|did not answer in time/);
    expect((await readFrom(port, true)).note).toMatchObject({ level: 'warning' });
    await new Promise<void>((resolve) => void other.close(() => resolve()));
    expect((await readFrom(port, false)).note?.message).toContain('ECONNREFUSED');
  });
});
