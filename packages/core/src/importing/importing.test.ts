import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateOrderOf, guessField, readCell, readDate, readNumber, unescapeCell } from './index.ts';

const formats = { dateOrder: null, decimal: '.' } as const;

describe('dates', () => {
  test.each([
    [['1/23/23', '2/3/23'], 'mdy'],
    [['23.1.2023', '3.2.2023'], 'dmy'],
    [['1/2/23', '3/4/23'], 'ambiguous'],
    [['1/23/23', '23/1/23'], 'mixed'],
    [['2023-01-02'], null],
    [['4/4/23'], null],
    [[''], null],
  ])('the order of %j is %s', (texts, order) => expect(dateOrderOf(texts)).toBe(order));

  test.each([
    ['1/23/23', 'mdy', '2023-01-23'],
    ['23.01.2023', 'dmy', '2023-01-23'],
    ['2023-1-5', null, '2023-01-05'],
    ['2023-01-05T10:30:00', null, '2023-01-05'],
    ['31/2/2023', 'dmy', null],
    ['1/23/23', 'dmy', null],
    ['12/31/69', 'mdy', '2069-12-31'],
    ['12/31/70', 'mdy', '1970-12-31'],
    ['soon', 'dmy', null],
  ] as const)('%s read as %s is %s', (text, order, day) => expect(readDate(text, order)).toBe(day));
});

describe('numbers', () => {
  test.each([
    ['1,234.50', '.', '1234.50'],
    ['1.234,50 €', ',', '1234.50'],
    ['$ 12', '.', '12'],
    ['EUR 12,5', ',', '12.5'],
    ['1 234', '.', '1234'],
    ["1'234.5", '.', '1234.5'],
    ['(12.00)', '.', '-12.00'],
    ['12,5', '.', null],
    ['1.2.3', '.', null],
    ['12 apples', '.', null],
    ['', '.', null],
  ] as const)('%s with the mark %s is %s', (text, mark, value) => expect(readNumber(text, mark)).toBe(value));
});

test('a text that an export guarded comes back as it was', () => {
  const guard = (text: string): string => (/^'*[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text);
  for (const text of ['=1+1', "'=1", "''-x", "'tis", '-', '+49 30', 'plain', "'"]) expect(unescapeCell(guard(text))).toBe(text);
  assert(property(string(), (text) => unescapeCell(guard(text)) === text));
  assert(property(string({ unit: constantFrom("'", '=', '@', 'a', '\t') }), (text) => unescapeCell(guard(text)) === text));
});

test('a cell says what is wrong with it', () => {
  expect(readCell({ type: 'integer', min: 1 }, '0', formats)).toMatchObject({ code: 'too_small' });
  expect(readCell({ type: 'integer' }, '1.5', formats)).toMatchObject({ code: 'wrong_type' });
  expect(readCell({ type: 'text', max: 3 }, 'abcd', formats)).toMatchObject({ code: 'too_long' });
  expect(readCell({ type: 'boolean' }, 'Ja', formats)).toEqual({ value: true });
  expect(readCell({ type: 'boolean' }, 'maybe', formats)).toMatchObject({ code: 'wrong_type' });
  const values = [{ value: 'in_stock', label: 'In stock' }];
  expect(readCell({ type: 'enum', values }, 'IN STOCK', formats)).toEqual({ value: 'in_stock' });
  expect(readCell({ type: 'enum', values }, 'gone', formats)).toMatchObject({ code: 'not_allowed' });
  expect(readCell({ type: 'text' }, '=SUM(A1)', formats)).toEqual({ value: '=SUM(A1)' });
});

test('a header is known by name, label or alias, however it is written', () => {
  const fields = [
    { name: 'serial', label: 'Serial number', aliases: ['s/n'] },
    { name: 'osName', label: 'Operating system' },
  ];
  expect(guessField('SERIAL NUMBER', fields)).toBe('serial');
  expect(guessField('S/N', fields)).toBe('serial');
  expect(guessField('os_name', fields)).toBe('osName');
  expect(guessField('', fields)).toBeUndefined();
  expect(guessField('Colour', fields)).toBeUndefined();
});

describe('cells of custom fields', () => {
  const values = [
    { value: 'hr', label: 'Human resources' },
    { value: 'it', label: 'IT' },
  ];
  test.each([
    ['money', '1.234,50 €', { value: '1234.50 EUR' }],
    ['money', 'GBP 3', { value: '3 GBP' }],
    ['money', '100,00 eur', { value: '100 EUR' }],
    ['money', '$ 5', { value: '5' }],
    ['choices', 'it; human RESOURCES', { value: 'hr, it' }],
  ] as const)('%s “%s”', (type, text, read) => expect(readCell({ type, values }, text, { dateOrder: null, decimal: ',' })).toEqual(read));
  test.each([
    ['money', 'dear'],
    ['choices', 'it, sales'],
    ['choices', ' , '],
  ] as const)('%s refuses “%s”', (type, text) => expect(readCell({ type, values }, text, formats)).toHaveProperty('code'));
});
