import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { luhnDigit, tagOf } from './index.ts';

test('the check digit is that of the standard’s example, and notices any single wrong digit', () => {
  // ISO/IEC 7812-1 numbers such as 79927398713 end in their check digit.
  expect(luhnDigit('7992739871')).toBe('3');
  fc.assert(
    fc.property(fc.stringMatching(/^\d{1,15}$/), fc.nat(14), fc.integer({ min: 1, max: 9 }), (digits, at, by) => {
      const index = at % digits.length;
      const wrong = digits.slice(0, index) + String((Number(digits[index]) + by) % 10) + digits.slice(index + 1);
      return luhnDigit(wrong) !== luhnDigit(digits);
    }),
  );
});

test('two numbers of one sequence never make one tag', () => {
  const form = fc.record({
    prefix: fc.constantFrom('', 'NB-', '0'),
    suffix: fc.constantFrom('', '-X', '7'),
    width: fc.integer({ min: 1, max: 12 }),
    checkDigit: fc.constantFrom('none' as const, 'luhn' as const),
  });
  fc.assert(fc.property(form, fc.nat(), fc.nat(), (one, a, b) => a === b || tagOf(one, a) !== tagOf(one, b)));
  expect(tagOf({ prefix: 'NB-', suffix: '', width: 6, checkDigit: 'none' }, 42)).toBe('NB-000042');
  expect(tagOf({ prefix: '', suffix: '/DE', width: 2, checkDigit: 'luhn' }, 1234)).toBe('12344/DE');
});
