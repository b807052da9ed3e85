import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunningServer } from '../test/running-server.ts';

/** What is used of the load generator's synthetic fleet. */
interface FleetModule {
  createFleet: (options: { protocol: string }) => { inventory: (machine: number) => string };
  deflate: (text: string) => Buffer;
}

/**
 * Sends each machine's inventory again with three titles of another version and everything else as it was: a usual day, which the load generator's
 * own revisions are not. 16 requests at a time; bodies are made before the clock starts.
 */
export async function reinventory(server: RunningServer, loadgen: string, machines: number): Promise<{ rate: number; p99: number }> {
  const { createFleet, deflate } = (await import(pathToFileURL(join(dirname(loadgen), 'lib/fleet.mjs')).href)) as FleetModule;
  const fleet = createFleet({ protocol: 'glpi' });
  const bodies = Array.from({ length: machines }, (_, i) => deflate(changed(fleet.inventory(i), i)));
  const times: number[] = [];
  let next = 0;
  const agent = async (): Promise<void> => {
    for (let i = next++; i < machines; i = next++) {
      const start = performance.now();
      const response = await fetch(`${server.url}/agent/${server.key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-compress-zlib', 'user-agent': 'GLPI-Agent_v1.12-dev' },
        body: bodies[i] as Buffer<ArrayBuffer>,
      });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`A re-inventory was answered with ${response.status}`);
      times.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: 16 }, agent));
  const rate = Math.round(machines / ((performance.now() - start) / 1000));
  times.sort((a, b) => a - b);
  return { rate, p99: times[Math.ceil(times.length * 0.99) - 1] ?? 0 };
}

function changed(inventory: string, machine: number): string {
  const report = JSON.parse(inventory) as { content: { softwares: { version: string }[] } };
  const titles = report.content.softwares;
  for (let k = 0; k < 3; k++) {
    const title = titles[(machine * 7 + k * 97) % titles.length];
    if (title) title.version += '.1';
  }
  return JSON.stringify(report);
}
