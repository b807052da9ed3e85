import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertValue, PatternError, readPattern, readValue, uniqueKey, type ValueRule } from './index.ts';

const rule = (type: ValueRule['type'], more: Partial<ValueRule> = {}): ValueRule => ({ type, options: [], pattern: null, ...more });
const colours = [
  { value: 'red', label: 'Signal red' },
  { value: 'blue', label: 'Blue' },
  { value: 'old', label: 'Old', retired: true },
];

describe('patterns', () => {
  const sources = [
    '[A-Z]{2}-\\d{4}',
    'a*b+c?',
    '(ab|a)(bc|c)?',
    '[^x]+',
    'x{2,4}',
    '(a|b)*abb',
    '\\w+@\\w+\\.(com|org)',
    'a{0}b',
    '(?:ab)+?',
    '\\.',
    'a|',
    '[a\\-z]',
  ];
  test('match what JavaScript matches over the whole value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.string({ unit: fc.constantFrom(...Array.from('abcxAZ12-@.m')), maxLength: 8 }),
        (source, value) => {
          expect(readPattern(source).test(value)).toBe(new RegExp(`^(?:${source})$`, 'u').test(value));
        },
      ),
      { numRuns: 3000 },
    );
  });
  test('do not backtrack: what takes JavaScript for ever is answered', () => {
    expect(readPattern('(a+)+').test(`${'a'.repeat(2000)}b`)).toBe(false);
    expect(readPattern('(a|a)*').test(`${'a'.repeat(2000)}b`)).toBe(false);
    expect(readPattern('(.*)*x').test('y'.repeat(2000))).toBe(false);
  });
  test.each([
    '(?=a)',
    '(?<n>a)',
    '(a)\\1',
    '\\b',
    'a**',
    '*a',
    '[a',
    '(a',
    'a)',
    'a{3,1}',
    '(a{200}){200}',
    'a{9999}',
    'x'.repeat(201),
    'a^b',
    '[z-a]',
    '\\',
  ])('refuses %s', (source) => expect(() => readPattern(source)).toThrow(PatternError));
});

describe('values', () => {
  test.each([
    ['text', ' a ', 'a'],
    ['number', 2.5, 2.5],
    ['boolean', false, false],
    ['date', '2024-02-29', '2024-02-29'],
    ['money', { amount: '12.50', currency: 'EUR' }, { amount: '12.50', currency: 'EUR' }],
    ['url', 'https://example.org/a', 'https://example.org/a'],
  ] as const)('%s keeps what fits', (type, given, stored) => expect(readValue(rule(type), given)).toEqual({ value: stored }));
  test.each([
    ['text', ''],
    ['text', 5],
    ['text', 'x'.repeat(2001)],
    ['number', '5'],
    ['boolean', 'true'],
    ['date', '2023-02-29'],
    ['date', '1.2.2023'],
    ['money', { amount: '1,5', currency: 'EUR' }],
    ['money', { amount: '1', currency: 'euro' }],
    ['url', 'javascript:alert(1)'],
    ['url', 'example.org'],
    ['person', 'Ada'],
    ['encrypted', 'secret'],
  ] as const)('%s refuses %s', (type, given) => expect(readValue(rule(type), given)).toHaveProperty('error'));
  test('choices are known and still offered, several in the order of the options', () => {
    const one = rule('choice', { options: colours });
    expect(readValue(one, 'red')).toEqual({ value: 'red' });
    expect(readValue(one, 'old')).toHaveProperty('error');
    expect(readValue(one, 'green')).toHaveProperty('error');
    expect(readValue(rule('multi_choice', { options: colours }), ['blue', 'red', 'red'])).toEqual({ value: ['red', 'blue'] });
  });
  test('a pattern holds for the whole text', () => {
    const tagged = rule('text', { pattern: 'R\\d+' });
    expect(readValue(tagged, 'R12')).toEqual({ value: 'R12' });
    expect(readValue(tagged, 'xR12')).toHaveProperty('error');
  });
  test.each([
    [rule('text'), rule('number'), '12.5', 12.5],
    [rule('text'), rule('number'), 'twelve', null],
    [rule('text'), rule('boolean'), 'Yes', true],
    [rule('text'), rule('choice', { options: colours }), 'signal RED', 'red'],
    [rule('text'), rule('money'), '12 eur', { amount: '12', currency: 'EUR' }],
    [rule('number'), rule('text'), 12, '12'],
    [rule('choice', { options: colours }), rule('text'), 'red', 'Signal red'],
    [rule('choice', { options: colours }), rule('multi_choice', { options: colours }), 'red', ['red']],
    [rule('multi_choice', { options: colours }), rule('choice', { options: colours }), ['red', 'blue'], null],
    [rule('date'), rule('number'), '2024-01-01', null],
  ] as const)('%o becomes %o', (from, to, value, becomes) => expect(convertValue(from, to, value)).toEqual(becomes));
  test('uniqueness does not look at case', () => expect(uniqueKey('ABC')).toBe(uniqueKey('abc')));
});
