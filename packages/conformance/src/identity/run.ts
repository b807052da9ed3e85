import { parseArgs } from 'node:util';
import { compileLists } from '@muster/core/identity';
import macs from '../../../../content/identity/placeholder-macs.json' with { type: 'json' };
import serials from '../../../../content/identity/placeholder-serials.json' with { type: 'json' };
import uuids from '../../../../content/identity/placeholder-uuids.json' with { type: 'json' };
import usbDrivers from '../../../../content/identity/usb-drivers.json' with { type: 'json' };
import { createCorpus, scenarioNames } from './corpus.ts';
import { type Score, scoreCorpus } from './score.ts';

/** The placeholder lists that Muster comes with. */
export const placeholderLists = compileLists([macs, serials, uuids, usbDrivers]);

/** A wrong merge is worse than a duplicate, which a person joins with one click. */
export const targets = { precision: 0.999, recall: 0.98 } as const;

/** Makes a corpus, resolves it, prints the score and answers 0 when it reaches the targets, 1 when not, 2 when asked wrongly. */
export function runIdentity(args: readonly string[], print: (line: string) => void): number {
  const options = optionsOf(args);
  if (typeof options === 'string') {
    print(options);
    return 2;
  }
  const entries = createCorpus(options.seed, options.observations);
  const score = scoreCorpus(entries, placeholderLists);
  print(
    `Identity, seed ${options.seed}: ${score.observations} observations of ${score.machines} machines, ${scenarioNames.length} scenarios`,
  );
  for (const line of table(score)) print(line);
  const passed = score.precision >= targets.precision && score.recall >= targets.recall;
  print(
    `precision ${score.precision.toFixed(5)} (target ${targets.precision}), recall ${score.recall.toFixed(5)} (target ${targets.recall}): ${passed ? 'passed' : 'failed'}`,
  );
  return passed ? 0 : 1;
}

function optionsOf(args: readonly string[]): { seed: number; observations: number } | string {
  const usage = 'Usage: npx muster conformance identity [--seed <whole number>] [--observations <1 to 1000000>]';
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { seed: { type: 'string', default: '1' }, observations: { type: 'string', default: '20000' } },
    });
    const [seed, observations] = [Number(values.seed), Number(values.observations)];
    const valid =
      Number.isSafeInteger(seed) && seed >= 0 && Number.isInteger(observations) && observations >= 1 && observations <= 1_000_000;
    return valid ? { seed, observations } : usage;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function table(score: Score): string[] {
  const row = (cells: readonly (string | number)[]): string =>
    cells.map((c, i) => (i === 0 ? String(c).padEnd(22) : String(c).padStart(9))).join('');
  return [
    row(['scenario', 'reports', 'machines', 'clusters', 'wrong', 'missed', 'recall']),
    ...score.scenarios
      .toSorted((a, b) => (a.scenario < b.scenario ? -1 : 1))
      .map((s) => row([s.scenario, s.observations, s.machines, s.clusters, s.wrongPairs, s.missedPairs, s.recall.toFixed(4)])),
    row(['all', score.observations, score.machines, score.clusters]),
    '',
    `decisions: ${[...score.rules]
      .sort(([, a], [, b]) => b - a)
      .map(([rule, n]) => `${n} ${rule}`)
      .join(', ')}`,
    `proposed board swaps: ${score.proposals.made}, of which ${score.proposals.right} name the right machine (not counted as found)`,
    `values learnt to be shared: ${score.shared}`,
  ];
}
