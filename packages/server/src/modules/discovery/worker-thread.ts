import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { Pressure } from './pressure.ts';
import { startInboxWorker } from './worker.ts';

/** The thread that reads and places reports, so that answering agents and people never waits for it. Ends at the message `stop`. */
export interface ThreadData {
  readonly databaseUrl: string;
  readonly maxReportMib: number;
  readonly careful: boolean;
  readonly logLevel: string;
  readonly pressure: SharedArrayBuffer;
}

const data = workerData as ThreadData;
const worker = await startInboxWorker({
  ...data,
  pressure: new Pressure(data.pressure),
  log: pino({ level: data.logLevel, base: { thread: 'inbox' } }),
});
parentPort?.once('message', () => {
  void worker.stop().then(() => parentPort?.close());
});
