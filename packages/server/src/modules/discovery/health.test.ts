import type { Report } from '@muster/protocols';
import { describe, expect, test } from 'vitest';
import { clockSkew, missingSections } from './health.ts';

const at = new Date('2026-05-01T08:00:00Z');
const report = (sections: Report['sections']): Report => ({
  family: 'glpi',
  kind: 'inventory',
  deviceId: 'pc',
  agentId: null,
  agentVersion: null,
  itemType: 'Computer',
  partial: false,
  tag: null,
  sections,
  device: null,
  software: null,
  warnings: [],
});
const clock = (logdate: string, offset: string | null): number | null =>
  clockSkew(report({ accesslog: { logdate }, operatingsystem: { timezone: { name: 'X', offset } } }), at);

describe('the clock of a machine', () => {
  test.each([
    ['2026-05-01 10:00:00', '+0200', 0],
    ['2026-05-01 10:10:00', '+02:00', 600],
    ['2026-05-01 02:29:30', '-0530', -30],
    ['2026-05-01 10:00:00', null, null],
    ['2026-05-01 10:00:00', 'CEST', null],
    ['2026-04-20 10:00:00', '+0200', null],
    ['nonsense', '+0200', null],
  ])('%s %s is %s s ahead', (logdate, offset, expected) => expect(clock(logdate, offset)).toBe(expected));
  test('is unknown when the report is of any other shape', () => {
    for (const odd of [{}, { accesslog: [] }, { accesslog: { logdate: 3 }, operatingsystem: 'x' }, { accesslog: null }])
      expect(clockSkew(report(odd as Report['sections']), at)).toBeNull();
  });
});

test('what a report without anything does not tell', () => {
  expect(missingSections(report({}))).toHaveLength(9);
  expect(missingSections(report({ bios: {} }))).not.toContain('bios');
  expect(missingSections(report({ local_users: [{ login: 'root' }] }))).not.toContain('users');
});
