import { describe, expect, test } from 'vitest';
import { type CommonValue, compileLists, meansSomething } from './index.ts';

const lists = compileLists([{ kind: 'serial', values: ['To be filled by O.E.M.'] }]);
const nothing = { name: null, model: null, manufacturer: null };
const cases: [Partial<CommonValue> & Pick<CommonValue, 'reason' | 'value'>, boolean][] = [
  [{ reason: 'serial', value: '7XK21M3' }, true],
  [{ reason: 'serial', value: '7XK21M3', manufacturer: 'Dell' }, true],
  [{ reason: 'serial', value: 'VMware-56 4d 3c 2b 1a 09 f8 e7-d6 c5 b4 a3 92 81 70 6f' }, true],
  [{ reason: 'serial', value: 'to be filled by o.e.m.' }, false],
  [{ reason: 'serial', value: '0000000' }, false],
  [{ reason: 'serial', value: '12345678' }, false],
  [{ reason: 'serial', value: 'A1B' }, false],
  [{ reason: 'serial', value: 'EB-FH52', model: 'EB-FH52' }, false],
  [{ reason: 'tag', value: 'NB-0007' }, true],
  [{ reason: 'tag', value: 'Default Asset Tag' }, false],
  [{ reason: 'mac', value: '001b213c4d01' }, true],
  [{ reason: 'name_and_model', value: 'Beamer', model: 'EB-FH52' }, true],
  [{ reason: 'name_and_model', value: 'localhost', model: 'VM' }, false],
  [{ reason: 'name_and_model', value: '192.0.2.7', model: 'VM' }, false],
];

describe('a value that several records have', () => {
  test.each(cases)('%o: %s', (given, expected) => {
    expect(meansSomething({ ...nothing, ...given }, lists)).toBe(expected);
  });
});
