import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';

const slapd = '/usr/sbin/slapd';
export const base = 'dc=corp,dc=example';
export const root = `cn=admin,${base}`;
export const password = 'directory password';

/** A real OpenLDAP of its own: data folder, port and configuration go when the test ends. */
export class Directory {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-slapd-'));
  url = '';
  readonly #schema: string | null;
  #process: ChildProcess | null = null;

  /** `schema`: definitions of attributes and classes besides the usual ones. */
  constructor(schema: string | null = null) {
    this.#schema = schema;
  }

  async start(): Promise<void> {
    mkdirSync(join(this.folder, 'data'));
    const config = join(this.folder, 'slapd.conf');
    const own = join(this.folder, 'own.schema');
    writeFileSync(own, this.#schema ?? '');
    const schema = [...['core', 'cosine', 'inetorgperson'].map((name) => `/etc/ldap/schema/${name}.schema`), own].map(
      (file) => `include ${file}`,
    );
    writeFileSync(
      config,
      [
        ...schema,
        'modulepath /usr/lib/ldap',
        'moduleload back_mdb',
        `pidfile ${this.folder}/pid`,
        'database mdb',
        `suffix "${base}"`,
        `rootdn "${root}"`,
        `rootpw "${password}"`,
        `directory ${this.folder}/data`,
        'sizelimit unlimited',
        'access to dn.subtree="ou=machines,dc=corp,dc=example" by * none',
        'access to * by users read by anonymous auth',
        '',
      ].join('\n'),
    );
    const port = await freePort();
    this.url = `ldap://127.0.0.1:${port}`;
    this.#process = spawn(slapd, ['-f', config, '-h', `${this.url}/`, '-d', '0'], { stdio: 'ignore' });
    const end = performance.now() + 120_000;
    for (;;) {
      const client = new Client({ url: this.url, connectTimeout: 1000 });
      try {
        await client.bind(root, password);
        await client.unbind();
        return;
      } catch (error) {
        if (performance.now() > end) throw new Error('slapd does not answer', { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async change(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: this.url });
    await client.bind(root, password);
    await work(client);
    await client.unbind();
  }

  async stop(): Promise<void> {
    const process = this.#process;
    if (process && process.exitCode === null) {
      const gone = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether there is a slapd to test with; says what to install when not. */
export const runs = existsSync(slapd) && spawnSync(slapd, ['-VV']).status !== null;
if (!runs) process.stderr.write('\nThe tests with a real directory are skipped: apt-get install --no-install-recommends slapd\n');
