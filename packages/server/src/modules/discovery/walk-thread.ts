import { parentPort, workerData } from 'node:worker_threads';
import { deviceFromWalk, type NetworkDevice, readWalk, type SnmpKnowledge, type WalkWarning } from '@muster/protocols';

/** Reads one walk away from the server's own thread: it takes a second for each 150,000 rows, and the file may be hostile. */
export interface WalkTask {
  readonly bytes: Uint8Array;
  readonly knowledge: SnmpKnowledge;
}
export interface WalkRead {
  readonly format: 'snmprec' | 'snmpwalk' | null;
  readonly rows: number;
  readonly warnings: WalkWarning[];
  readonly device: NetworkDevice;
}

const task = workerData as WalkTask;
const { oids, format, rows, warnings } = readWalk(task.bytes);
const read: WalkRead = { format, rows, warnings, device: deviceFromWalk(oids, task.knowledge) };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(read);
