import { cancelJob, getJob, jobListRoutes } from '@muster/api/jobs';
import type { AddressInfo } from 'node:net';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modules } from '../../app.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { type Module, systemActor } from '../context.ts';
import { inTx } from '../db/pool.ts';
import { newId } from '../ids.ts';

const ran: string[] = [];
const hold = new Map<string, PromiseWithResolvers<void>>();

const probe: Module = {
  name: 'probe',
  routes: [],
  start: async ({ jobs }) => {
    jobs.register<{ label: string }>({ kind: 'probe.note', handler: async ({ data }) => void ran.push(data.label) });
    jobs.register<{ label: string }>({
      kind: 'probe.held',
      handler: async ({ data, progress, signal }) => {
        ran.push(`${data.label} began`);
        await progress(1, 4, 'first of four');
        const gate = hold.get(data.label);
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await Promise.race([gate?.promise, aborted]);
        if (signal.aborted) return undefined;
        await progress(4, 4, 'all');
        return { label: data.label };
      },
    });
    jobs.register<{ failures: number }>({
      kind: 'probe.failing',
      retries: 1,
      handler: async ({ id, data }) => {
        ran.push(`fail ${id}`);
        if (ran.filter((entry) => entry === `fail ${id}`).length <= data.failures) throw new Error('it did not work');
      },
    });
    jobs.register({ kind: 'probe.quiet', quiet: true, handler: async () => void ran.push('quiet') });
  },
};

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp({ modules: [...modules, probe] });
  admin = await t.as('administrator');
});
afterAll(async () => t.close());

const enqueue = async (kind: string, data: object, singletonKey?: string): Promise<string> =>
  inTx(t.db, (tx) =>
    t.platform.jobs.enqueue(tx, kind, data, { title: `Probe ${kind}`, actor: systemActor, ...(singletonKey ? { singletonKey } : {}) }),
  );

async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 120_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
const stateOf = async (id: string): Promise<string> => (await admin.call(getJob, { params: { id } })).data.state;

test('a job runs if and only if the change that started it commits', async () => {
  let lost = '';
  await expect(
    inTx(t.db, async (tx) => {
      lost = await t.platform.jobs.enqueue(tx, 'probe.note', { label: 'rolled back' }, { title: 'Lost', actor: systemActor });
      throw new Error('undo');
    }),
  ).rejects.toThrow('undo');
  const kept = await enqueue('probe.note', { label: 'kept' });
  await until(async () => (await stateOf(kept)) === 'done', 'the job');
  expect(ran).toContain('kept');
  expect(ran).not.toContain('rolled back');
  await expect(admin.call(getJob, { params: { id: lost } })).rejects.toMatchObject({ code: 'not_found' });
  const { rows } = await sql`select 1 from pgboss.job where id = ${lost}`.execute(t.db);
  expect(rows).toEqual([]);
});

test('a job starts within a second of the commit', async () => {
  await enqueue('probe.note', { label: 'warm' });
  await until(() => ran.includes('warm'), 'the first');
  const from = performance.now();
  await enqueue('probe.note', { label: 'quick' });
  await until(() => ran.includes('quick'), 'the second');
  expect(performance.now() - from).toBeLessThan(1500);
});

test('one waiting job per key; once it runs, the next may wait', async () => {
  hold.set('blocker', Promise.withResolvers());
  const blocker = await enqueue('probe.held', { label: 'blocker' });
  await until(() => ran.includes('blocker began'), 'the blocker');
  const first = await enqueue('probe.held', { label: 'keyed' }, 'k');
  expect(await enqueue('probe.held', { label: 'keyed' }, 'k')).toBe(first);
  const many = await Promise.all(Array.from({ length: 5 }, () => enqueue('probe.held', { label: 'keyed' }, 'k')));
  expect(new Set(many)).toEqual(new Set([first]));
  expect(await enqueue('probe.held', { label: 'keyed' }, 'other')).not.toBe(first);
  hold.get('blocker')?.resolve();
  hold.set('keyed', Promise.withResolvers());
  await until(() => ran.includes('keyed began'), 'the keyed one');
  const second = await enqueue('probe.held', { label: 'keyed' }, 'k');
  expect(second).not.toBe(first);
  hold.get('keyed')?.resolve();
  await t.jobsDone();
  expect(await stateOf(blocker)).toBe('done');
  expect(ran.filter((entry) => entry === 'keyed began')).toHaveLength(3);
});

test('progress goes out over server-sent events until the job ends', async () => {
  await t.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = t.app.server.address() as AddressInfo;
  hold.set('watched', Promise.withResolvers());
  const id = await enqueue('probe.held', { label: 'watched' });
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/jobs/${id}/events`, { headers: { authorization: `Bearer ${t.token}` } });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes('first of four')) hold.get('watched')?.resolve();
  }
  const events = [...text.matchAll(/event: job\ndata: (.*)\n\n/g)].map(
    (match) => JSON.parse(match[1] ?? '') as { state: string; done: number; total: number; result: unknown },
  );
  expect(events.length).toBeGreaterThanOrEqual(2);
  expect(events.find((event) => event.done === 1)).toMatchObject({ state: 'running', total: 4 });
  expect(events.at(-1)).toMatchObject({ state: 'done', done: 4, total: 4, result: { label: 'watched' } });
  const missing = await fetch(`http://127.0.0.1:${port}/api/v1/jobs/${newId()}/events`, {
    headers: { authorization: `Bearer ${t.token}` },
  });
  expect(missing.status).toBe(404);
});

test('a running job is cancelled at its next step, a waiting one at once, an ended one not; and it is audited', async () => {
  hold.set('endless', Promise.withResolvers());
  const running = await enqueue('probe.held', { label: 'endless' });
  await until(() => ran.includes('endless began'), 'the job');
  const waiting = await enqueue('probe.held', { label: 'never' });
  expect((await admin.call(cancelJob, { params: { id: waiting } })).data.state).toBe('cancelled');
  expect((await admin.call(cancelJob, { params: { id: running } })).data).toMatchObject({ state: 'running', cancelRequested: true });
  await until(async () => (await stateOf(running)) === 'cancelled', 'the cancellation');
  await expect(admin.call(cancelJob, { params: { id: running } })).rejects.toMatchObject({ code: 'conflict' });
  await t.jobsDone();
  expect(ran).not.toContain('never began');
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit_log where action = 'job.cancelled'`.execute(t.db);
  expect(rows[0]?.n).toBe(2);
  const auditor = await t.as('auditor');
  await expect(auditor.call(cancelJob, { params: { id: running } })).rejects.toMatchObject({ code: 'forbidden' });
});

test('a failure is tried again, and after the last one the job has failed with its message', async () => {
  const once = await enqueue('probe.failing', { failures: 1 });
  const always = await enqueue('probe.failing', { failures: 9 });
  await until(async () => (await stateOf(once)) === 'done' && (await stateOf(always)) === 'failed', 'both');
  expect(ran.filter((entry) => entry === `fail ${always}`)).toHaveLength(2);
  expect((await admin.call(getJob, { params: { id: always } })).data.error).toBe('it did not work');
}, 40_000);

test('quiet jobs leave no row and are not listed', async () => {
  const id = await enqueue('probe.quiet', {});
  const list = await admin.call(jobListRoutes.list, { query: { filter: 'kind:probe.quiet' } });
  expect(list.data.items).toEqual([]);
  await until(() => ran.includes('quiet'), 'the quiet job');
  await until(async () => (await sql`select 1 from jobs where id = ${id}`.execute(t.db)).rows.length === 0, 'its row to go');
});

test('a job whose process was killed is run again by the next one', async () => {
  const id = newId();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-process.ts'), t.url, id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await firstLine(child, 'began');
    expect(await stateOf(id)).toBe('running');
  } finally {
    child.kill('SIGKILL');
  }
  // The kind is the child's own; a second process of it takes the job up.
  const second = spawn(process.execPath, [join(import.meta.dirname, 'killed-process.ts'), t.url, id, 'finish'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await until(async () => (await stateOf(id)) === 'done', 'the job to be taken up');
  } finally {
    second.kill('SIGKILL');
  }
}, 60_000);

async function firstLine(child: ChildProcess, word: string): Promise<void> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes(word)) return;
  }
  throw new Error(`the process ended without saying ${word}: ${text}`);
}
