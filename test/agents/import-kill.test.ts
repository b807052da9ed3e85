import { afterEach, expect, it } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.kill();
  await server?.remove();
});

interface ImportAnswer {
  id: string;
  state: string;
  counts: { create: number; applied: number; failed: number } | null;
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(`${server!.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${server!.token}`, 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

it('an import goes on after kill -9 with no row applied twice and none left out', async () => {
  const rows = 12_000;
  server = await startServer();
  const text = `tag,name,class\n${Array.from({ length: rows }, (_, i) => `KILL-${i},machine ${i},laptop`).join('\n')}\n`;
  const { id } = await ask<ImportAnswer>('/imports?name=kill.csv', {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/octet-stream' },
  });
  const columns = ['tag', 'name', 'class'].map((field, column) => ({ column, field }));
  await ask(`/imports/${id}/plan`, { method: 'POST', body: JSON.stringify({ resource: 'assets', columns, keys: ['tag'] }) });
  const state = async (): Promise<ImportAnswer> => ask<ImportAnswer>(`/imports/${id}`);
  await until('the comparison', state, (one) => one.state === 'planned', 120_000);
  const { jobId } = await ask<{ jobId: string }>(`/imports/${id}/apply`, { method: 'POST', body: '{}' });
  await until(
    'some rows',
    async () => ask<{ done: number }>(`/jobs/${jobId}`),
    (job) => job.done >= 1000,
    120_000,
  );
  await server.kill();

  server = await startServer({ dataDir: server.dataDir });
  const applied = await until('the rest', state, (one) => one.state === 'applied', 120_000);
  expect(applied.counts).toMatchObject({ create: rows, applied: rows, failed: 0 });
  const list = await ask<{ total: number }>('/assets?filter=tag:KILL-*&limit=1&total=exact');
  expect(list.total).toBe(rows);
});
