import type { UnrecognisedGroup } from '@muster/api/software';
import { humanise } from '../../ui/formatting.ts';

/** The cleaned name is lower case: a group is called as one of its titles was reported where that says the same. */
export function titleOf(group: UnrecognisedGroup): string {
  const same = group.samples.find((sample) => sample.name.toLowerCase() === group.name);
  return same?.name ?? (group.evidence === 1 ? group.samples[0]?.name : undefined) ?? humanise(group.name);
}
