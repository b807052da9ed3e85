import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../report.ts';
import { answersOfEnrolment, answersOfWrite, areTwo, readEnrolment, readLog, traitsIn } from './index.ts';

/** As osqueryd 5.20 on Debian 12 sent them: a brand with blanks and a NUL, no vendor or serial where there is no firmware table. */
const enrolment = {
  enroll_secret: 'secret',
  host_identifier: 'c61d6777-a84e-4ac8-9ed7-e3e9d275050f',
  platform_type: '9',
  host_details: {
    os_version: { _id: '12', arch: 'x86_64', codename: 'bookworm', name: 'Debian GNU/Linux', platform: 'debian', version: '12 (bookworm)' },
    osquery_info: { build_platform: 'linux', instance_id: '37c88049-94a9-428f-9e50-1a7155f8982b', version: '5.20.0', watcher: '-1' },
    system_info: {
      computer_name: 'vm',
      cpu_brand: 'Oxide Virtual Turin-like Processor             \u0000',
      cpu_logical_cores: '2',
      cpu_sockets: '1',
      hardware_model: '',
      hostname: 'vm',
      physical_memory: '25276026880',
      uuid: 'C61D6777-A84E-4AC8-9ED7-E3E9D275050F',
    },
  },
};
const status = { severity: 2, filename: 'scheduler.cpp', line: 128, message: 'Error executing scheduled query x: no such column: nope' };
const diff = { name: 'muster_changes_deb', action: 'added', counter: 3, columns: { titles: 'abc' } };

describe('messages of osqueryd', () => {
  test('an enrolment tells who the host is, for as long as it has not answered', () => {
    const said = readEnrolment(enrolment);
    expect(said).toMatchObject({ name: 'vm', version: '5.20.0', hardware: { uuid: enrolment.host_identifier, serial: '' } });
    const { queries } = answersOfEnrolment(said.details);
    expect(Object.keys(queries)).toEqual(['muster_detail_system', 'muster_detail_os']);
    expect(JSON.stringify(queries)).not.toContain('\\u0000');
    expect(answersOfEnrolment(readEnrolment({ enroll_secret: 'x' }).details).queries).toEqual({});
  });

  test('why a question failed goes with its answer', () => {
    const answers = answersOfWrite({
      queries: { muster_detail_deb: [], others: [] },
      statuses: { muster_detail_deb: 1 },
      messages: { muster_detail_deb: 'no such column: nope', muster_detail_os: '', others: 'x' },
    });
    expect(answers).toEqual({
      queries: { muster_detail_deb: [] },
      statuses: { muster_detail_deb: 1 },
      messages: { muster_detail_deb: 'no such column: nope' },
    });
  });

  test('log lines are read; differences of our own queries only say that something changed', () => {
    expect(readLog({ log_type: 'status', data: [status] }, 10)).toEqual({
      lines: [{ kind: 'status', severity: 'error', name: 'scheduler.cpp:128', message: status.message }],
      dropped: 0,
      changed: false,
    });
    expect(readLog({ log_type: 'result', data: [diff] }, 10)).toMatchObject({ lines: [], changed: true });
    expect(readLog({ log_type: 'result', data: [{ ...diff, counter: 0 }] }, 10).changed).toBe(false);
    const theirs = { name: 'pack/theirs/usb', action: 'added', counter: 1, columns: { vendor: 'Acme', model: 'Stick' } };
    expect(
      readLog({ log_type: 'result', data: [theirs, { name: 'up', action: 'snapshot', snapshot: [{}, {}] }, theirs] }, 2),
    ).toMatchObject({
      lines: [
        { kind: 'result', severity: null, name: 'pack/theirs/usb', message: 'added vendor=Acme model=Stick' },
        { message: 'snapshot 2 rows' },
      ],
      dropped: 1,
    });
  });

  test('two machines have no address in common and another name; a rename or another adapter alone is one machine', () => {
    const traits = (computer_name: string, ...macs: string[]) =>
      traitsIn({
        queries: { muster_detail_system: [{ computer_name }], muster_detail_interfaces: macs.map((mac) => ({ mac })) },
        statuses: {},
        messages: {},
      });
    const [one, lo] = ['52:54:00:00:00:01', '00:00:00:00:00:00'];
    expect(traits('A', one, lo, one)).toEqual({ name: 'a', macs: [one] });
    expect(areTwo(traits('a', one, lo), traits('b', '52:54:00:00:00:02', lo))).toBe(true);
    expect(areTwo(traits('a', one), traits('b', one))).toBe(false);
    expect(areTwo(traits('a', one), traits('a', '52:54:00:00:00:02'))).toBe(false);
    expect(areTwo(traits('a', one), traits('b'))).toBe(false);
  });

  test('anything at all is survived', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('host_details', 'data', 'queries', 'log_type', 'messages'), fc.jsonValue()), (odd) => {
        const message = odd as Record<string, Json>;
        readEnrolment(message);
        const { lines } = readLog({ ...message, log_type: 'result' }, 5);
        expect(lines.length).toBeLessThanOrEqual(5);
        readLog(message, 5);
        traitsIn(answersOfWrite(message));
      }),
    );
  });
});
