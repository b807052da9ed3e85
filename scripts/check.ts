// `npm run check`: what can be known in under two minutes. `npm test` runs the rest.
import { runSteps, staticSteps } from './steps.ts';

const failed = await runSteps(
  [
    ...staticSteps,
    { name: 'unit and architecture tests', command: 'vitest', args: ['run', '--project', 'unit', '--project', 'architecture'] },
  ],
  2,
);
if (failed.length > 0) {
  console.error(`Failed: ${failed.join('; ')}`);
  process.exit(1);
}
