import { parseArgs } from 'node:util';
import { seedOrganisation } from '../seed/index.ts';

export const seedUsage = `muster seed [--url URL] [--seed N] [--devices N]
  Plays a demo organisation into a running server, through the real agent endpoints.
  --url      the server; MUSTER_URL or http://127.0.0.1:3000
  --seed     the same number makes the same organisation; 7
  --devices  how many machines; 2000
  MUSTER_API_TOKEN must hold a token of an administrator.`;

/** The command `muster seed`: progress on standard output, exit code 1 with a sentence when something fails. */
export async function seedCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      seed: { type: 'string', default: '7' },
      devices: { type: 'string', default: '2000' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(seedUsage);
    return 0;
  }
  const token = process.env['MUSTER_API_TOKEN'];
  const devices = Number(values.devices);
  const seed = Number(values.seed);
  const problems = [
    ...(token ? [] : ['MUSTER_API_TOKEN is not set: give the token of an administrator.']),
    ...(Number.isInteger(devices) && devices >= 1 && devices <= 100_000 ? [] : ['--devices takes a whole number from 1 to 100000.']),
    ...(Number.isInteger(seed) && seed >= 0 ? [] : ['--seed takes a whole number, 0 or more.']),
  ];
  if (problems.length > 0 || !token) {
    console.error(problems.join('\n'));
    return 2;
  }
  const started = performance.now();
  let last = '';
  const result = await seedOrganisation({
    baseUrl: (values.url ?? process.env['MUSTER_URL'] ?? 'http://127.0.0.1:3000').replace(/\/$/, ''),
    token,
    seed,
    devices,
    // A whole day, so that the same seed on the same day is the same organisation to the byte.
    today: new Date(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`),
    onProgress: (step, done, total) => {
      const line = `${step}: ${done} of ${total}`;
      if (line !== last) console.log(line);
      last = line;
    },
  });
  console.log(
    `Demo organisation ready: ${result.devices} machines and ${result.network} network devices in ${result.reports} reports, ${result.people} people, ${result.entitlements} entitlements, in ${((performance.now() - started) / 1000).toFixed(0)} s.`,
  );
  return 0;
}
