import type { UnrecognisedGroup } from '@muster/api/software';
import { humanise } from '../../ui/formatting.ts';

/** The cleaned name is lower case: a group of one title is called as it was reported. */
export function titleOf(group: UnrecognisedGroup): string {
  return (group.evidence === 1 ? group.samples[0]?.name : undefined) ?? humanise(group.name);
}
