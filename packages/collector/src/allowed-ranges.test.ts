import type { ScanWork } from '@muster/api/collector';
import { expect, test } from 'vitest';
import { allowedRanges } from './allowed-ranges.ts';

const faultsOf = (ranges: string[], excluded: string[], only: string[], allowPublic = false): string[] => {
  const work = { ranges, excluded, allowPublic, hostBudget: 4096 } as unknown as ScanWork;
  return allowedRanges(work, only).faults.map((fault) => fault.message);
};

test('a collector scans what the server says, and no more than its own list', () => {
  expect(faultsOf(['10.0.0.0/24'], [], [])).toEqual([]);
  expect(faultsOf(['10.0.0.0/24'], [], ['10.0.0.0/16'])).toEqual([]);
  expect(faultsOf(['10.0.0.0/24'], ['10.0.0.128-10.0.0.254'], ['10.0.0.0-10.0.0.127'])).toEqual([]);
  expect(faultsOf(['10.0.0.1-10.0.0.4'], [], ['10.0.0.1-2'])).toEqual([
    '2 addresses, from 10.0.0.3 on, are outside what this collector was started for (--only).',
  ]);
  expect(faultsOf(['8.8.8.8'], [], ['10.0.0.0/8'], true)).toHaveLength(1);
  expect(faultsOf(['8.8.8.8'], [], [])).toHaveLength(1);
});
