import { createChance } from './chance.ts';
import * as infrastructure from './scenarios-infrastructure.ts';
import * as machines from './scenarios-machines.ts';
import type { Entry, World } from './world.ts';

/** How many of a hundred stories are of each kind; rare mishaps are more frequent than in a real fleet, so that they are well covered. */
const scenarios: Record<string, { readonly weight: number; readonly play: (w: World) => void }> = {
  plain: { weight: 26, play: machines.plain },
  'two sources': { weight: 10, play: machines.twoSources },
  'in the directory': { weight: 6, play: machines.inDirectory },
  servers: { weight: 6, play: infrastructure.servers },
  renamed: { weight: 4, play: machines.renamed },
  're-imaged': { weight: 4, play: machines.reimaged },
  'placeholder serial': { weight: 4, play: machines.placeholderSerial },
  'shared serial': { weight: 0.5, play: machines.sharedSerial },
  'shared UUID': { weight: 0.7, play: machines.sharedUuid },
  'cloned image': { weight: 1, play: machines.clonedImage },
  'repeated firmware': { weight: 1, play: machines.repeatedFirmware },
  'two systems': { weight: 1, play: machines.twoSystems },
  docks: { weight: 2.5, play: machines.docks },
  'swapped UUID': { weight: 3, play: machines.swappedUuid },
  'board swap': { weight: 1, play: machines.boardSwap },
  'disk moved': { weight: 0.7, play: machines.diskMove },
  partials: { weight: 4, play: machines.partials },
  'serial of other type': { weight: 2, play: machines.serialType },
  'randomised MAC': { weight: 3, play: machines.randomisedMac },
  'entered by hand': { weight: 3, play: machines.enteredByHand },
  'same name': { weight: 1.5, play: machines.sameName },
  'parts replaced': { weight: 2, play: machines.partsReplaced },
  'cloned VM': { weight: 1.5, play: infrastructure.clonedVm },
  'new adapter': { weight: 1.5, play: infrastructure.newAdapter },
  'hypervisor twin': { weight: 5, play: infrastructure.hypervisorTwin },
  containers: { weight: 1.5, play: infrastructure.containers },
  stacks: { weight: 1.5, play: infrastructure.stacks },
  blades: { weight: 0.5, play: infrastructure.blades },
  cloud: { weight: 2, play: infrastructure.cloud },
  phones: { weight: 3, play: infrastructure.phones },
  nameless: { weight: 1.6, play: infrastructure.nameless },
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

/**
 * At least so many reports of an invented organisation, in the order in which they were received, each with the machine it is about. The same
 * seed gives the same reports; every kind of story is told at least once.
 */
export function createCorpus(seed: number, observations: number): Entry[] {
  const chance = createChance(seed);
  const entries: Entry[] = [];
  let count = 0;
  const tell = (scenario: string): void => scenarios[scenario]?.play({ chance, entries, scenario, id: () => `${scenario} ${++count}` });
  for (const name of scenarioNames) tell(name);
  const total = Object.values(scenarios).reduce((sum, s) => sum + s.weight, 0);
  while (entries.length < observations) {
    let left = chance.next() * total;
    tell(scenarioNames.find((name) => (left -= scenarios[name]?.weight ?? 0) < 0) ?? 'plain');
  }
  return entries.sort((a, b) => a.at - b.at);
}
