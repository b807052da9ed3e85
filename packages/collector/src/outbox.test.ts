import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Checkpoint } from './checkpoint.ts';
import { Outbox } from './outbox.ts';
import { Server } from './server.ts';
import { isOpen } from './window.ts';

let folder: string;
let http: HttpServer;
let got: unknown[];
let status: number;
let url: string;
let outbox: Outbox;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-outbox-'));
  got = [];
  status = 200;
  http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (status === 200) got.push(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()));
      response.writeHead(status).end('{"state":"running"}');
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await outbox.close();
  http.close();
  await rm(folder, { recursive: true, force: true });
});

const open = async (to = url, maxBytes = 1_000_000, answers: unknown[] = []): Promise<Outbox> => {
  outbox = await Outbox.open({
    folder,
    server: new Server({ url: to, key: 'k', version: '0', host: 'h' }),
    maxBytes,
    say: () => undefined,
    onAnswer: (_path, answer) => void answers.push(answer),
  });
  return outbox;
};

describe('the outbox', () => {
  test('delivers in order, and what an earlier process left first', async () => {
    await open('http://127.0.0.1:9');
    for (const n of [1, 2, 3]) await outbox.add('/x', n);
    await outbox.close();
    await writeFile(join(folder, '000000000009.message.tmp'), 'half');
    await open();
    await outbox.add('/x', 4);
    expect(await outbox.flush(5000)).toBe(true);
    expect(got).toEqual([1, 2, 3, 4]);
    expect(await readdir(folder)).toEqual(['refused']);
  });

  test('keeps everything while the server is away or does not know the key, and gives up on time', async () => {
    status = 401;
    await open();
    await outbox.add('/x', 1);
    expect(await outbox.flush(50)).toBe(false);
    status = 200;
    expect(await outbox.flush(5000)).toBe(true);
    expect(got).toEqual([1]);
  });

  test('sets aside what the server will never take, and goes on', async () => {
    status = 422;
    const answers: unknown[] = [];
    await open(url, 1_000_000, answers);
    await outbox.add('/x', 1);
    expect(await outbox.flush(5000)).toBe(true);
    expect(answers).toEqual([null]);
    status = 200;
    await outbox.add('/x', 2);
    expect(await outbox.flush(5000)).toBe(true);
    expect(got).toEqual([2]);
    expect(await readdir(join(folder, 'refused'))).toHaveLength(1);
  });

  test('is bounded: whoever adds more waits, and gets on when there is room', async () => {
    status = 503;
    await open(url, 100);
    const added: number[] = [];
    const all = Promise.all([1, 2, 3, 4, 5, 6].map(async (n) => outbox.add('/x', n).then(() => added.push(n))));
    await outbox.flush(100);
    const waiting = outbox.count;
    expect(waiting).toBeLessThan(6);
    expect(added).toHaveLength(waiting);
    status = 200;
    await all;
    expect(await outbox.flush(5000)).toBe(true);
    expect(got).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test('a checkpoint goes on where it was, over hosts that took longer, and begins anew for other ranges', async () => {
  await open();
  const work = { runId: 'r', ranges: ['10.0.0.0/29'], excluded: [] as string[] } as never;
  const first = await Checkpoint.open(folder, work);
  for (const n of [0, 1, 3]) first.done(n);
  first.up = 2;
  await first.save();
  const next = await Checkpoint.open(folder, work);
  expect([next.probed, next.up, [...next.open(6)]]).toEqual([3, 2, [2, 4, 5]]);
  const other = await Checkpoint.open(folder, { runId: 'r', ranges: ['10.9.0.0/29'], excluded: [] } as never);
  expect([other.probed, [...other.open(2)]]).toEqual([0, [0, 1]]);
  await writeFile(join(folder, 'r.json'), '{ torn');
  expect((await Checkpoint.open(folder, work)).probed).toBe(0);
});

test.each([
  [{ from: '08:00', until: '18:00' }, 12, true],
  [{ from: '08:00', until: '18:00' }, 18, false],
  [{ from: '22:00', until: '06:00' }, 23, true],
  [{ from: '22:00', until: '06:00' }, 5, true],
  [{ from: '22:00', until: '06:00' }, 6, false],
  [null, 6, true],
])('the window %j at %i o’clock: %s', (window, hour, open_) => {
  expect(isOpen(window, new Date(2026, 10, 24, hour))).toBe(open_);
});
