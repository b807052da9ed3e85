import { type Call, createClient } from '@muster/api/client';

/** Where to play, and with whose rights. */
export interface SeedTarget {
  baseUrl: string;
  token: string;
}

export const clientOf = (target: SeedTarget): Call => createClient({ baseUrl: target.baseUrl, token: target.token });

/** Runs `work` over the items with at most `width` at once; the first failure stops it. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runner));
}

/** Posts one report to the agent endpoint as an agent would; anything but 200 is an error that names the machine. */
export async function deliver(
  baseUrl: string,
  key: string,
  name: string,
  report: { headers: Record<string, string>; body: Buffer },
): Promise<void> {
  const response = await fetch(`${baseUrl}/agent/${key}`, { method: 'POST', headers: report.headers, body: new Uint8Array(report.body) });
  if (response.status !== 200)
    throw new Error(`The report of ${name} was answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  await response.arrayBuffer();
}
