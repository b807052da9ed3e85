import type { ScanWork } from '@muster/api/collector';
import { readRanges } from '@muster/api/ip-ranges';
import { canPing } from './probe.ts';
import { RateGate } from './rate.ts';
import { scanHost } from './scan-host.ts';

/** Scans without a server and prints one line of JSON for each host that answers. */
export async function scanLocally(work: ScanWork, print: (line: string) => void, signal: AbortSignal): Promise<number> {
  const { addresses, faults } = readRanges(work);
  if (faults.length > 0) throw new Error(faults.map((fault) => fault.message).join('\n'));
  const gate = new RateGate(work.ratePerSecond);
  const pings = work.ping && (await canPing());
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < Number(addresses.count) && !signal.aborted) {
      const address = addresses.at(next++);
      const found = await scanHost(address, { work, canPing: pings, turn: async () => gate.take(signal), signal });
      if (found) print(JSON.stringify({ address, ...found }));
    }
  };
  await Promise.all(Array.from({ length: work.concurrency }, lane));
  return signal.aborted ? 1 : 0;
}
