import { describe, expect, test } from 'vitest';
import { decodeReport, type Report } from '../index.ts';

const core = {
  muster_detail_system: [
    { computer_name: 'pc-1', uuid: '0f3c2c60-1111-4222-8333-0123456789ab', hardware_vendor: 'Dell Inc.', hardware_serial: '7XK21M3' },
  ],
  muster_detail_os: [{ name: 'Debian GNU/Linux', version: '12', platform: 'debian' }],
};
const deb = [{ name: 'curl', version: '7.88', status: 'install ok installed' }];
const decode = (queries: object, statuses: object = {}): Report =>
  decodeReport(Buffer.from(JSON.stringify({ deviceid: 'osquery:1', version: '5.20.0', osquery: { queries, statuses } })), {});

describe('answers of osquery', () => {
  test('all questions answered: a full report with its titles', () => {
    const report = decode({ ...core, muster_detail_deb: deb });
    expect(report).toMatchObject({ partial: false, device: { name: 'pc-1', serial: '7XK21M3' } });
    expect(report.software?.map((s) => s.name)).toEqual(['curl']);
  });
  test('one packaging system failed: the list of titles is not told, so none looks removed', () => {
    const report = decode({ ...core, muster_detail_deb: deb, muster_detail_rpm: '' }, { muster_detail_deb: 0, muster_detail_rpm: 1 });
    expect(report).toMatchObject({ partial: true, software: null });
    expect(report.warnings.map((w) => w.code)).toContain('query_failed');
  });
  test('titles alone, without who the machine is, replace no list', () => {
    expect(decode({ muster_detail_deb: deb })).toMatchObject({ partial: true, software: null });
  });
  test('a UUID that osquery made up for want of firmware does not identify', () => {
    const made = {
      ...core,
      muster_detail_system: [
        { computer_name: 'ct-1', uuid: 'c0ffee00-1111-4222-8333-0123456789ab', hardware_vendor: '', hardware_serial: '-1' },
      ],
    };
    expect(decode(made).device).toMatchObject({ name: 'ct-1', uuid: null });
    expect(decode(core).device?.uuid).toBe('0f3c2c60-1111-4222-8333-0123456789ab');
  });
});
