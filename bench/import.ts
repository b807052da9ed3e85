/**
 * Imports of assets: rows a second from the upload to applied, the server's peak memory, and whether an export comes back unchanged.
 * Usage: node bench/import.ts [--rows 100000]. Nothing here asserts.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createClient } from '@muster/api/client';
import { applyImport, getImport, type Import, planImport } from '@muster/api/imports';
import { startServer, until } from '../test/running-server.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } });
const rows = Number(values.rows);
const server = await startServer();
const call = createClient({ baseUrl: server.url, token: server.token });
const peakMb = (): number => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024);

async function upload(name: string, body: NonNullable<RequestInit['body']>): Promise<Import> {
  const answer = await fetch(`${server.url}/api/v1/imports?name=${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/octet-stream' },
    body,
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Import;
}

const reach = async (id: string, state: string): Promise<Import> =>
  until(
    state,
    async () => (await call(getImport, { params: { id } })).data,
    (one) => one.state === state,
    3_600_000,
  );

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  console.log(`${what}: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s, peak ${peakMb()} MB`);
  return result;
}

async function compare(file: Import): Promise<Import> {
  const mapping = file.suggestions.find((s) => s.kind === 'guessed')?.mapping;
  if (!mapping) throw new Error('No mapping fits');
  await call(planImport, { params: { id: file.id }, body: mapping });
  return reach(file.id, 'planned');
}

const line = (i: number): string => `B-${i},machine-${i},laptop,Dell,Latitude ${i % 40},SN${i},${4 + (i % 4)},16384,Bench note ${i}`;
const text = `tag,name,class,manufacturer,model,serial,cores,memoryMb,notes\n${Array.from({ length: rows }, (_, i) => line(i)).join('\n')}\n`;
await timed('upload to applied', async () => {
  const file = await timed('  upload', () => upload('bench.csv', text));
  await timed('  compare', () => compare(file));
  await timed('  apply', async () => {
    await call(applyImport, { params: { id: file.id }, body: { mode: 'good' } });
    console.log((await reach(file.id, 'applied')).counts);
  });
});
const fields = 'id,tag,name,class,state,manufacturer,model,serial,cores,memoryMb,person,place,orgUnit,notes';
const exported = await fetch(`${server.url}/api/v1/assets/export?fields=${fields}`, {
  headers: { authorization: `Bearer ${server.token}` },
});
const body = await exported.blob();
console.log((await timed('an export compared again', async () => compare(await upload('again.csv', body)))).counts);
await server.stop();
await server.remove();
