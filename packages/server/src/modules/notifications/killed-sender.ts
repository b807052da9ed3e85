/** A worker for mail.test.ts: begins to send what is due to a server that never answers, and is killed. */
import { pino } from 'pino';
import { BossJobs } from '../../platform/jobs/boss-jobs.ts';
import { openDb } from '../../platform/db/pool.ts';
import { createMetrics } from '../../platform/http/metrics.ts';
import { createSecrets } from '../../platform/secrets.ts';
import { loadConfig } from '../../platform/config.ts';
import { sendMails } from './send.ts';

const [url = '', key = '', dataDir = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
await sendMails({
  db: openDb(url, { max: 2 }),
  databaseUrl: url,
  jobs: new BossJobs({ databaseUrl: url, log }),
  log,
  config: loadConfig({ env: { MUSTER_DATA_DIR: dataDir, MUSTER_SECRET_KEY: key } }),
  secrets: createSecrets(key),
  metrics: createMetrics({ processMetrics: false }),
  now: () => new Date(),
});
