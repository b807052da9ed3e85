import type { ScanWork } from '@muster/api/collector';
import { AddressSet, parseSpan, type RangeFault, readRanges } from '@muster/api/ip-ranges';

const spansOf = (texts: readonly string[]) => texts.map(parseSpan).filter((span) => span !== null);

/**
 * The addresses of a run by the rules of the server, and by the collector's own list, if it has one: a server that was taken over cannot
 * widen that. Everything that is wrong is named; a run with a fault is not begun.
 */
export function allowedRanges(work: ScanWork, only: readonly string[]): { addresses: AddressSet; faults: RangeFault[] } {
  const { addresses, faults } = readRanges(work);
  if (only.length === 0) return { addresses, faults };
  const outside = new AddressSet(spansOf(work.ranges), [...spansOf(work.excluded), ...spansOf(only)]);
  if (outside.count === 0n) return { addresses, faults };
  const message = `${outside.count} addresses, from ${outside.at(0)} on, are outside what this collector was started for (--only).`;
  return { addresses, faults: [...faults, { field: 'ranges', code: 'unscannable', message }] };
}
