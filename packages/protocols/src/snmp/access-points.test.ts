import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import descriptions from '../../../../content/network/descriptions.json' with { type: 'json' };
import devices from '../../../../content/network/devices.json' with { type: 'json' };
import enterprises from '../../../../content/network/enterprises.json' with { type: 'json' };
import objects from '../../../../content/network/objects.json' with { type: 'json' };
import { networkFacts } from '../inventory/scanned.ts';
import { compileKnowledge, deviceFromWalk, mostAccessPoints, type NetworkComponent, readWalk, reportOfDevice } from './index.ts';

const knowledge = compileKnowledge({ ...enterprises, ...devices, ...descriptions, ...objects });
const device = (text: string) => deviceFromWalk(readWalk(Buffer.from(text, 'latin1')).oids, knowledge);
const recorded = (name: string) => device(readFileSync(new URL(`fixtures/${name}.snmprec`, import.meta.url), 'latin1'));
const accessPoints = (text: string): NetworkComponent[] => device(text).components.filter((c) => c.kind === 'access_point');

const cisco = '1.3.6.1.4.1.14179.2.2.1.1';
const aruba = '1.3.6.1.4.1.14823.2.2.1.5.2.1.4.1';

describe('the access points of a wireless controller', () => {
  test('of Cisco: all that its table says, by name, with the address of the wired port', () => {
    const found = recorded('cisco-wlc');
    expect(found).toMatchObject({ type: 'wireless_controller', vendor: 'Cisco', model: 'AIR-CT5508-K9', serial: 'FCW0000TST1' });
    expect(found.components.map((c) => [c.kind, c.name, c.serial, c.state, c.ip, c.mac])).toEqual([
      ['chassis', 'Chassis', 'FCW0000TST1', null, null, null],
      ['access_point', 'ap-floor-1', 'FGL0000TST1', 'up', '192.0.2.11', '00:00:5e:00:53:a1'],
      ['access_point', 'ap-floor-2', 'FGL0000TST2', 'downloading', '192.0.2.12', '00:00:5e:00:53:a2'],
      ['access_point', 'ap-floor-10', 'FGL0000TST3', 'up', '192.0.2.13', '00:00:5e:00:53:a3'],
      ['access_point', 'ap-store', 'FGL0000TST4', 'disassociating', null, '00:00:5e:00:53:a4'],
    ]);
    expect(found.components[1]).toMatchObject({ model: 'AIR-CAP2702I-E-K9', software: '8.5.182.0', location: null, containedIn: null });
    expect(found.components[2]).toMatchObject({ location: 'Floor 2' });
  });

  test('of Aruba: the MAC address out of the index, and what the controller itself is out of its own MIB', () => {
    const found = recorded('aruba-controller');
    expect(found).toMatchObject({
      type: 'wireless_controller',
      vendor: 'Aruba',
      model: 'Aruba7010',
      serial: 'CNTESTCTRL',
      firmware: '8.6.0.4',
    });
    expect(found.components).toMatchObject([
      {
        name: 'hall-1',
        serial: 'CNTESTAP01',
        model: 'AP-515',
        mac: '00:00:5e:00:53:b1',
        ip: '192.0.2.21',
        state: 'up',
        hardware: 'REV A01',
      },
      { name: 'hall-2', serial: 'CNTESTAP02', model: 'AP-515', mac: '00:00:5e:00:53:b2', ip: '192.0.2.22', state: 'down', software: null },
    ]);
  });

  test('come through the report as they are', () => {
    for (const name of ['cisco-wlc', 'aruba-controller']) {
      const found = recorded(name);
      expect(networkFacts(reportOfDevice(found).sections).components).toEqual(found.components);
    }
  });

  test('never stand for the controller: without a serial number of its own it has none', () => {
    const found = device(`1.3.6.1.2.1.1.1.0|4|Cisco Controller\n${cisco}.3.0.0.94.0.83.1|4|ap\n${cisco}.17.0.0.94.0.83.1|4|FGL0000TST1`);
    expect(found).toMatchObject({ type: 'wireless_controller', serial: null, model: null });
    expect(found.components).toMatchObject([{ serial: 'FGL0000TST1' }]);
  });

  test('are none where the index is no MAC address or the row tells nothing', () => {
    const bad = ['1', '0.0.94.0.83', '0.0.94.0.83.256', '0.0.94.0.83.1.2', '0.0.94.0.83.4294967295'];
    expect(accessPoints(bad.map((index) => `${cisco}.3.${index}|4|ap`).join('\n'))).toEqual([]);
    expect(accessPoints(`${cisco}.3.0.0.0.0.0.0|4|\n${cisco}.17.0.0.0.0.0.0|4|\n${cisco}.6.0.0.0.0.0.0|2|1`)).toEqual([]);
  });

  test('with an address of zeros have none; empty texts and states that nobody defined are not known', () => {
    const rows = ['3|4|ap', '17|4|', '16|4|   ', '4|4x|0000', '6|2|9', '19|64|0.0.0.0', '33|4x|000000000000'];
    const text = rows.map((row) => row.replace('|', '.0.0.0.0.0.0|')).map((row) => `${cisco}.${row}`);
    expect(accessPoints(text.join('\n'))).toMatchObject([
      { name: 'ap', mac: null, serial: null, model: null, location: null, state: null, ip: null },
    ]);
  });

  test('without serial numbers, or with the same one twice, are all there', () => {
    const rows = [1, 2].map((n) => `${aruba}.3.0.0.94.0.83.${n}|4|ap ${n}`);
    expect(accessPoints(rows.join('\n'))).toMatchObject([{ serial: null }, { serial: null }]);
    const same = [1, 2].map((n) => `${aruba}.6.0.0.94.0.83.${n}|4|CNTESTAP01`);
    expect(accessPoints([...rows, ...same].join('\n')).map((c) => [c.mac, c.serial])).toEqual([
      ['00:00:5e:00:53:01', 'CNTESTAP01'],
      ['00:00:5e:00:53:02', 'CNTESTAP01'],
    ]);
  });

  test('are bounded, and have indexes that no entity has', () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, n) => `${cisco}.3.0.0.94.1.${n >> 8}.${n & 255}|4|ap ${n}`).join('\n');
    const entity = '1.3.6.1.2.1.47.1.1.1.1.5.1000000001|2|3';
    const found = device(`${entity}\n${rows(5000)}`).components;
    expect(found).toHaveLength(5001);
    expect(new Set(found.map((c) => c.index)).size).toBe(5001);
    expect(accessPoints(rows(mostAccessPoints + 5))).toHaveLength(mostAccessPoints);
  });

  test('are no class of ENTITY-MIB', () => {
    expect(device('1.3.6.1.2.1.47.1.1.1.1.5.1|2|13').components).toMatchObject([{ kind: 'unknown' }]);
  });
});

test.each([
  ['Cisco IOS Software [Dublin], C9800 Software (C9800_IOSXE-K9), Version 17.12.3, RELEASE SOFTWARE (fc7)', 'wireless_controller'],
  ['Cisco IOS Software [Dublin], C9800-CL Software (C9800-CL-K9_IOSXE), Version 17.12.6a, RELEASE SOFTWARE (fc2)', 'wireless_controller'],
  ['Cisco IOS Software [IOSXE], CW9800 Software (C9800_IOSXE-K9), Version 17.15.5, RELEASE SOFTWARE (fc3)', 'wireless_controller'],
  ['Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.5, RELEASE SOFTWARE (fc2)', 'switch'],
])('%s', (description, type) => {
  expect(device(`1.3.6.1.2.1.1.1.0|4|${description}`)).toMatchObject({ type, vendor: 'Cisco' });
});
