import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Call } from '@muster/api/client';
import type { RoleName, Scope } from '@muster/api/permissions';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import { pino, type Level } from 'pino';
import { buildPlatform, createApp } from '../app.ts';
import { loadConfig } from '../platform/config.ts';
import type { Module, Platform } from '../platform/context.ts';
import { inTx } from '../platform/db/pool.ts';
import type { Db } from '../platform/db/types.ts';
import { newId } from '../platform/ids.ts';
import { testDb } from './database.ts';

export interface TestAppOptions {
  /** Instead of all modules; access is needed for anyone to get in. */
  modules?: readonly Module[];
  /** Environment for the configuration, on top of the test's own. */
  env?: Record<string, string>;
  /** The clock's first time; the real clock until one is set. */
  now?: Date;
  /** Shows the server's log; silent unless given. */
  logLevel?: Level;
  requestsPerMinute?: number;
}

/** Someone signed in: typed calls (a problem is thrown as ApiProblem) and raw requests. */
export interface TestActor {
  call: Call;
  inject: (options: InjectOptions) => Promise<LightMyRequestResponse>;
  userId: string;
  email: string;
}

export interface TestApp {
  platform: Platform;
  db: Db;
  url: string;
  app: FastifyInstance;
  /** Signs in a new user with the role. The scope is everything unless said; `personId` links the user to a person. */
  as: (role: RoleName, scope?: Scope, options?: { personId?: string }) => Promise<TestActor>;
  /** Someone without credentials. */
  anonymous: Pick<TestActor, 'call' | 'inject'>;
  /** The token of MUSTER_API_TOKEN and the key of MUSTER_ENROLMENT_KEY, which exist from the start. */
  token: string;
  enrolmentKey: string;
  /** Sets the clock; null goes back to the real one. */
  setNow: (now: Date | null) => void;
  /** Waits until no job is queued or running; fails after `timeoutMs` (20 s) with those that are. */
  jobsDone: (timeoutMs?: number) => Promise<void>;
  /** Waits until the worker has taken up every report in the inbox. */
  reportsDone: () => Promise<void>;
  /** Ends everything and drops the database. */
  close: () => Promise<void>;
}

/** The whole application over a database of its own, started, with jobs running; requests are injected, nothing listens. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await testDb({ max: 2 });
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-test-app-'));
  const token = `mst_${randomBytes(24).toString('base64url')}`;
  const enrolmentKey = randomBytes(16).toString('hex');
  const env = {
    MUSTER_DATA_DIR: dataDir,
    MUSTER_SECRET_KEY: randomBytes(24).toString('hex'),
    MUSTER_API_TOKEN: token,
    MUSTER_ENROLMENT_KEY: enrolmentKey,
    ...options.env,
  };
  let now: Date | null = options.now ?? null;
  const platform = await buildPlatform(loadConfig({ env }), {
    databaseUrl: database.url,
    log: pino({ level: options.logLevel ?? 'silent' }),
    now: () => now ?? new Date(),
    poolMax: 10,
  });
  const app = await createApp(platform, {
    ...(options.modules ? { modules: options.modules } : {}),
    ...(options.requestsPerMinute === undefined ? {} : { requestsPerMinute: options.requestsPerMinute }),
  });
  await app.start();
  return {
    platform,
    db: platform.db,
    url: database.url,
    app: app.fastify,
    as: async (role, scope = { kind: 'all' }, extra = {}) => signIn(app.fastify, platform, role, scope, extra.personId ?? null),
    anonymous: speaker(app.fastify, {}),
    token,
    enrolmentKey,
    setNow: (next) => {
      now = next;
    },
    reportsDone: async () => reportsDone(platform.db),
    jobsDone: async (timeoutMs = WAIT_MS) => jobsDone(platform.db, timeoutMs),
    close: async () => {
      await app.stop();
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Straight into the tables: signing in by password takes a second on purpose. */
async function signIn(app: FastifyInstance, platform: Platform, role: RoleName, scope: Scope, personId: string | null): Promise<TestActor> {
  const userId = newId();
  const email = `${role}-${userId.slice(-6)}@example.org`;
  const secret = randomBytes(24).toString('base64url');
  const at = platform.now();
  const until = new Date(at.getTime() + 12 * 3600_000);
  await inTx(platform.db, async (tx) => {
    await sql`insert into users (id, email, name, person_id) values (${userId}, ${email}, ${`Test ${role}`}, ${personId})`.execute(tx);
    await sql`insert into role_assignments (id, user_id, role, scope) values (${newId()}, ${userId}, ${role}, ${JSON.stringify(scope)}::jsonb)`.execute(
      tx,
    );
    await sql`insert into sessions (id, id_hash, user_id, created_at, last_seen_at, expires_at) values (${newId()}, ${platform.secrets.hash(secret)}, ${userId}, ${at}, ${at}, ${until})`.execute(
      tx,
    );
  });
  return { ...speaker(app, { cookie: `muster_session=${secret}` }), userId, email };
}

function speaker(app: FastifyInstance, credentials: Record<string, string>): Pick<TestActor, 'call' | 'inject'> {
  const inject = async (options: InjectOptions): Promise<LightMyRequestResponse> =>
    app.inject({ ...options, headers: { 'x-muster-request': '1', ...credentials, ...options.headers } });
  const overInject = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const answer = await inject({
      method: init.method ?? 'GET',
      url: input instanceof Request ? input.url : input.toString(),
      headers,
      ...(typeof init.body === 'string' ? { payload: init.body } : {}),
    });
    const answerHeaders = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
    return new Response(answer.statusCode === 204 ? null : new Uint8Array(answer.rawPayload), {
      status: answer.statusCode,
      headers: answerHeaders,
    });
  };
  return { call: createClient({ baseUrl: '', fetch: overInject }), inject };
}

/** Bounds a wait for a condition: generous, for a test says what happens and never how quickly. */
const WAIT_MS = 120_000;

async function jobsDone(db: Db, timeoutMs: number): Promise<void> {
  await emptied(timeoutMs, 'Jobs', async () => {
    const { rows } = await sql<{ kind: string; state: string }>`select kind, state from jobs where state in ('queued', 'running')`.execute(
      db,
    );
    return rows.map((row) => `${row.kind} ${row.state}`);
  });
}

async function reportsDone(db: Db): Promise<void> {
  await emptied(WAIT_MS, 'Reports', async () => {
    const { rows } = await sql<{ id: string }>`select id from inbox where state = 'pending' limit 20`.execute(db);
    return rows.map((row) => row.id);
  });
}

async function emptied(timeoutMs: number, what: string, left: () => Promise<string[]>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const waiting = await left();
    if (waiting.length === 0) return;
    if (performance.now() > deadline) throw new Error(`${what} not done within ${timeoutMs} ms: ${waiting.join(', ')}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
