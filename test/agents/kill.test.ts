import { createClient } from '@muster/api/client';
import { assetListRoutes } from '@muster/api/assets';
import { listSources } from '@muster/api/discovery';
import { installationListRoutes } from '@muster/api/inventory';
import { afterAll, expect, test } from 'vitest';
import { makeDevice } from '../../packages/cli/src/seed/fleet.ts';
import { makePeople } from '../../packages/cli/src/seed/organisation.ts';
import { random } from '../../packages/cli/src/seed/random.ts';
import { renderReport } from '../../packages/cli/src/seed/render.ts';
import { freePort, type RunningServer, startServer, until } from '../running-server.ts';

const machines = 2000;
const kills = 5;
let server: RunningServer | undefined;
afterAll(async () => {
  await server?.stop();
  await server?.remove();
});

// Guarantee: an acknowledged inventory survives SIGKILL of the server at any moment, and none is on the record twice.
test(
  'SIGKILL at random moments while 2,000 inventories arrive loses none that was acknowledged and doubles none',
  { timeout: 600_000 },
  async () => {
    const port = await freePort();
    server = await startServer({ port });
    const dataDir = server.dataDir;
    const people = makePeople(3, 50);
    const today = new Date('2026-11-01T00:00:00Z');
    const acknowledged = new Set<number>();
    const when = random(11, 'kill moments');
    const killAt = Array.from({ length: kills }, (_, i) => Math.floor(((i + 0.3 + 0.5 * when.next()) * machines) / kills));
    let next = 0;
    // One after the other: a start that is still under way is not what this test kills.
    let restarts: Promise<void> = Promise.resolve();

    const restart = async (): Promise<void> => {
      await server?.kill();
      server = await startServer({ port, dataDir });
    };
    const agent = async (): Promise<void> => {
      for (let i = next++; i < machines; i = next++) {
        const device = makeDevice(3, i, people, today);
        // Unique and good keys only: this test is about durability, the identity tests are about junk.
        const body = renderReport({
          ...device,
          serial: `KILL${String(i).padStart(6, '0')}`,
          virtualOn: null,
          software: device.software.slice(0, 40),
        });
        if (killAt.includes(i)) restarts = restarts.then(restart);
        // An agent whose connection breaks has no answer, and sends again.
        for (;;) {
          try {
            const response = await fetch(`http://127.0.0.1:${port}/agent/${server?.key}`, {
              method: 'POST',
              headers: body.headers,
              body: new Uint8Array(body.body),
            });
            await response.arrayBuffer();
            if (response.status === 200) break;
          } catch {
            // Killed under our hands.
          }
          await Promise.all([restarts, new Promise((resolve) => setTimeout(resolve, 20))]);
        }
        acknowledged.add(i);
      }
    };
    await Promise.all(Array.from({ length: 8 }, agent));
    await restarts;
    expect(acknowledged.size).toBe(machines);

    const call = createClient({ baseUrl: server.url, token: server.token });
    await until(
      'the inbox is empty',
      async () => (await call(listSources, {})).data.inbox,
      (inbox) => inbox.pending === 0,
      300_000,
    );
    const seen = new Map<string, number>();
    let cursor: string | null = null;
    do {
      const page: { items: { serial?: string | null }[]; nextCursor: string | null } = (
        await call(assetListRoutes.list, { query: { limit: 1000, fields: 'serial', ...(cursor ? { cursor } : {}) } })
      ).data;
      for (const item of page.items) seen.set(item.serial ?? 'none', (seen.get(item.serial ?? 'none') ?? 0) + 1);
      cursor = page.nextCursor;
    } while (cursor);
    const missing = [...acknowledged].filter((i) => !seen.has(`KILL${String(i).padStart(6, '0')}`));
    expect(missing, 'acknowledged machines without an asset').toEqual([]);
    expect(
      [...seen].filter(([, count]) => count > 1),
      'machines with two assets',
    ).toEqual([]);
    const installations = (await call(installationListRoutes.list, { query: { limit: 1, total: 'exact' } })).data.total;
    // The operating system is a title too.
    const expected = Array.from({ length: machines }, (_, i) => 1 + Math.min(40, makeDevice(3, i, people, today).software.length)).reduce(
      (a, b) => a + b,
      0,
    );
    expect(installations, 'installations, each once').toBe(expected);
  },
);
