/** A worker process for jobs.test.ts: starts one job that never ends, or, with `finish`, ends it at once when it is delivered again. */
import { pino } from 'pino';
import { systemActor, type Platform } from '../context.ts';
import { inTx, openDb } from '../db/pool.ts';
import { createMetrics } from '../http/metrics.ts';
import { BossJobs } from './boss-jobs.ts';

const [url = '', id = '', mode = 'hang'] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const db = openDb(url, { max: 2 });
const jobs = new BossJobs({ databaseUrl: url, log });
jobs.register({
  kind: `killed.${id}`,
  handler: async () => {
    process.stdout.write('began\n');
    if (mode === 'hang') await new Promise(() => setInterval(() => undefined, 1000));
  },
});
const platform: Platform = {
  db,
  databaseUrl: url,
  jobs,
  log,
  metrics: createMetrics(),
  config: {} as Platform['config'],
  secrets: {} as Platform['secrets'],
  now: () => new Date(),
};
await jobs.start(platform);
if (mode === 'hang') await inTx(db, (tx) => jobs.enqueue(tx, `killed.${id}`, null, { title: 'To be killed', actor: systemActor, id }));
