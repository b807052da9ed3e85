import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import descriptions from '../../../../content/network/descriptions.json' with { type: 'json' };
import devices from '../../../../content/network/devices.json' with { type: 'json' };
import enterprises from '../../../../content/network/enterprises.json' with { type: 'json' };
import objects from '../../../../content/network/objects.json' with { type: 'json' };
import { compileKnowledge, deviceFromWalk, networkDeviceTypes, oidOf, readWalk } from './index.ts';

const knowledge = compileKnowledge({ ...enterprises, ...devices, ...descriptions, ...objects });
const read = (text: string) => readWalk(Buffer.from(text, 'latin1'));
const device = (text: string) => deviceFromWalk(read(text).oids, knowledge);

describe('Reading a walk', () => {
  test.each([
    ['.1.3.6.1.2.1.1.5.0 = STRING: "core-1"', '1.3.6.1.2.1.1.5.0', 'core-1'],
    ['SNMPv2-MIB::sysName.0 = STRING: core-1', '1.3.6.1.2.1.1.5.0', 'core-1'],
    ['iso.3.6.1.2.1.1.5.0 = STRING: "say \\"hello\\""', '1.3.6.1.2.1.1.5.0', 'say "hello"'],
    ['SNMPv2-SMI::enterprises.9.3.6.3.0 = STRING: "FOC1"', '1.3.6.1.4.1.9.3.6.3.0', 'FOC1'],
    ['IF-MIB::ifOperStatus.7 = INTEGER: up(1)', '1.3.6.1.2.1.2.2.1.8.7', '1'],
    ['.1.3.6.1.2.1.1.3.0 = Timeticks: (4250) 0:00:42.50', '1.3.6.1.2.1.1.3.0', '4250'],
    ['SNMPv2-MIB::sysObjectID.0 = OID: SNMPv2-SMI::enterprises.9.1.617', '1.3.6.1.2.1.1.2.0', '1.3.6.1.4.1.9.1.617'],
    ['1.3.6.1.2.1.1.5.0|4|core-1', '1.3.6.1.2.1.1.5.0', 'core-1'],
    ['1.3.6.1.2.1.1.5.0|4x|636f7265', '1.3.6.1.2.1.1.5.0', 'core'],
    ['1.3.6.1.2.1.1.5.0|4:writecache|value=core-1', '1.3.6.1.2.1.1.5.0', 'core-1'],
    ['1.3.6.1.2.1.1.6.0|4x|d6d0cec4', '1.3.6.1.2.1.1.6.0', '中文'],
  ])('%s', (line, oid, value) => {
    expect(read(line).oids.text(oid)).toBe(value);
  });

  test('an index in quotes stands for its length and octets', () => {
    expect(oidOf('LLDP-MIB::lldpRemSysName.0."ab"')).toBe('1.0.8802.1.1.2.1.4.1.1.9.0.2.97.98');
    expect(oidOf('No-MIB::nothingKnown.1')).toBeNull();
  });

  test('octets and texts over several lines are one value', () => {
    const { oids } = read('.1.3.6.1.2.1.1.1.0 = STRING: "one\r\ntwo"\n.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 1B 54 \n00 00 01 \n');
    expect(oids.text('1.3.6.1.2.1.1.1.0')).toBe('one two');
    expect(oids.get('1.3.6.1.2.1.2.2.1.6.1')?.raw).toBe('\0\x1bT\0\0\x01');
  });

  test('says what was left out, and stays within its limits', () => {
    const text = Array.from({ length: 50 }, (_, i) => `1.3.6.1.2.1.1.9.${i}|4|${'x'.repeat(40)}`).join('\n');
    const walk = readWalk(Buffer.from(`${text}\nrubbish`), { maxBytes: 5000, maxRows: 20, maxValueBytes: 10 });
    expect(walk.oids.size).toBe(20);
    expect(walk.warnings.map((w) => w.code).sort()).toEqual(['long_values', 'too_many_rows']);
    expect(read('IP-MIB::someName.3 = INTEGER: 4').warnings).toMatchObject([{ code: 'unknown_names' }]);
    expect(read('<html>').warnings).toMatchObject([{ code: 'unreadable_lines' }]);
  });

  test('no input makes it throw', () => {
    const arc = fc.integer({ min: 0, max: 300 });
    const oid = fc
      .tuple(
        fc.constantFrom('1.3.6.1.2.1', '1.0.8802.1.1.2.1', '1.3.6.1.4.1.9.9', '1.3.6.1.2.1.17', '1.3.6.1.2.1.47.1.1.1.1'),
        fc.array(arc, { maxLength: 9 }),
      )
      .map(([root, arcs]) => [root, ...arcs].join('.'));
    const tag = fc.constantFrom('4', '4x', '2', '6', '64', '64x', '67', '5', '', '4:mod', '99');
    const line = fc.oneof(
      fc.tuple(oid, tag, fc.string()).map((p) => p.join('|')),
      fc.tuple(oid, fc.string()).map((p) => p.join(' = ')),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        deviceFromWalk(readWalk(Buffer.from(lines.join('\n'))).oids, knowledge);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void deviceFromWalk(readWalk(bytes).oids, knowledge)));
  });
});

const stack = `
1.3.6.1.2.1.1.1.0|4|Cisco IOS Software, C3750 Software (C3750-IPBASEK9-M), Version 12.2(55)SE5, RELEASE SOFTWARE (fc1)
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.516
1.3.6.1.2.1.1.3.0|67|360000
1.3.6.1.2.1.1.5.0|4|access-1
1.3.6.1.2.1.1.6.0|4|Unknown
1.3.6.1.2.1.2.2.1.2.10101|4|GigabitEthernet1/0/1
1.3.6.1.2.1.2.2.1.3.10101|2|6
1.3.6.1.2.1.2.2.1.6.10101|4x|001b54aabb01
1.3.6.1.2.1.2.2.1.8.10101|2|1
1.3.6.1.2.1.2.2.1.2.5001|4|Port-channel1
1.3.6.1.2.1.2.2.1.3.5001|2|161
1.3.6.1.2.1.31.1.1.1.1.10101|4|Gi1/0/1
1.3.6.1.2.1.31.1.1.1.15.10101|66|1000
1.3.6.1.2.1.31.1.2.1.3.5001.10101|2|1
1.3.6.1.2.1.4.20.1.2.10.0.0.2|2|5001
1.3.6.1.2.1.17.1.1.0|4x|001b54aabb00
1.3.6.1.2.1.17.1.4.1.2.1|2|10101
1.3.6.1.2.1.17.4.3.1.2.0.80.86.1.2.3|2|1
1.3.6.1.2.1.17.7.1.4.3.1.1.20|4|voice
1.3.6.1.2.1.17.7.1.4.3.1.2.20|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.4.20|4x|00
1.3.6.1.2.1.47.1.1.1.1.5.1|2|11
1.3.6.1.2.1.47.1.1.1.1.4.1001|2|1
1.3.6.1.2.1.47.1.1.1.1.5.1001|2|3
1.3.6.1.2.1.47.1.1.1.1.11.1001|4|FDO1111A111
1.3.6.1.2.1.47.1.1.1.1.13.1001|4|WS-C3750X-48T-S
1.3.6.1.2.1.47.1.1.1.1.4.2001|2|1
1.3.6.1.2.1.47.1.1.1.1.5.2001|2|3
1.3.6.1.2.1.47.1.1.1.1.11.2001|4|FDO2222B222
1.0.8802.1.1.2.1.3.7.1.3.1|4|Gi1/0/1
1.0.8802.1.1.2.1.4.1.1.4.0.1.7|2|4
1.0.8802.1.1.2.1.4.1.1.5.0.1.7|4x|0026cbaa0000
1.0.8802.1.1.2.1.4.1.1.6.0.1.7|2|5
1.0.8802.1.1.2.1.4.1.1.7.0.1.7|4|Te1/1
1.0.8802.1.1.2.1.4.1.1.9.0.1.7|4|core-1
1.0.8802.1.1.2.1.4.2.1.3.0.1.7.1.4.10.0.0.1|2|2
1.3.6.1.4.1.9.9.23.1.2.1.1.4.10101.1|4x|0a000001
1.3.6.1.4.1.9.9.23.1.2.1.1.6.10101.1|4|core-1.example.org(FOC1234A5B6)
1.3.6.1.4.1.9.9.23.1.2.1.1.7.10101.1|4|TenGigabitEthernet1/1
1.3.6.1.4.1.9.9.23.1.2.1.1.8.10101.1|4|cisco WS-C6509-E`.trim();

describe('The device of a walk', () => {
  const found = device(stack);

  test('a stack is the device of its first member; the others are components', () => {
    expect(found).toMatchObject({
      type: 'switch',
      vendor: 'Cisco',
      model: 'WS-C3750X-48T-S',
      serial: 'FDO1111A111',
      firmware: '12.2(55)SE5',
    });
    expect(found).toMatchObject({ name: 'access-1', location: null, uptimeSeconds: 3600, mac: '00:1b:54:aa:bb:00', ips: ['10.0.0.2'] });
    expect(found.components.filter((c) => c.kind === 'chassis').map((c) => [c.serial, c.containedIn])).toEqual([
      ['FDO1111A111', 1],
      ['FDO2222B222', 1],
    ]);
  });

  test('ports with their speed, VLANs and bundles', () => {
    expect(found.ports).toMatchObject([
      { index: 5001, members: [10101], ips: ['10.0.0.2'] },
      { index: 10101, name: 'Gi1/0/1', speedMbps: 1000, up: true, trunk: true, vlans: [{ id: 20, name: 'voice', tagged: true }] },
    ]);
  });

  test('neighbours go by chassis and port, and stand on the own port', () => {
    expect(found.neighbours).toMatchObject([
      { protocol: 'lldp', localPort: 10101, chassisId: '00:26:cb:aa:00:00', portId: 'Te1/1', systemName: 'core-1', ips: ['10.0.0.1'] },
      { protocol: 'cdp', localPort: 10101, systemName: 'core-1.example.org', model: 'cisco WS-C6509-E', ips: ['10.0.0.1'] },
    ]);
    expect(found.forwarding).toEqual([{ mac: '00:50:56:01:02:03', port: 10101, vlan: null }]);
  });

  test('a printer by its tables, with supplies and pages', () => {
    expect(
      device(
        [
          '1.3.6.1.2.1.1.1.0|4|Some device',
          '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.367.1.1',
          '1.3.6.1.2.1.25.3.2.1.3.1|4|Aficio MP C2800',
          '1.3.6.1.2.1.43.5.1.1.17.1|4|V2505900123',
          '1.3.6.1.2.1.43.10.2.1.3.1.1|2|7',
          '1.3.6.1.2.1.43.10.2.1.4.1.1|65|12345',
          '1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.7.0|65|345',
          '1.3.6.1.2.1.43.12.1.1.4.1.4|4|magenta',
          '1.3.6.1.2.1.43.11.1.1.3.1.1|2|4',
          '1.3.6.1.2.1.43.11.1.1.5.1.1|2|21',
          '1.3.6.1.2.1.43.11.1.1.7.1.1|2|7',
          '1.3.6.1.2.1.43.11.1.1.6.1.1|4|Cartridge M',
          '1.3.6.1.2.1.43.11.1.1.8.1.1|2|200',
          '1.3.6.1.2.1.43.11.1.1.9.1.1|2|50',
          '1.3.6.1.2.1.43.11.1.1.6.1.2|4|Waste Toner',
          '1.3.6.1.2.1.43.11.1.1.8.1.2|2|-2',
          '1.3.6.1.2.1.43.11.1.1.9.1.2|2|-3',
        ].join('\n'),
      ),
    ).toMatchObject({
      type: 'printer',
      vendor: 'Ricoh',
      model: 'Aficio MP C2800',
      serial: 'V2505900123',
      pages: { total: 12345, black: null, colour: 345, duplex: null, scanned: null },
      supplies: [
        { description: 'Cartridge M', kind: 'toner', colour: 'magenta', percent: 25, level: 50, capacity: 200, unit: 'impressions' },
        { description: 'Waste Toner', kind: 'other', colour: null, percent: null, state: 'ok', capacity: null },
      ],
    });
  });

  test('pages are not counted in micrometres', () => {
    const label = ['1.3.6.1.2.1.43.5.1.1.17.1|4|X', '1.3.6.1.2.1.43.10.2.1.3.1.1|2|4', '1.3.6.1.2.1.43.10.2.1.4.1.1|65|900000'];
    expect(device(label.join('\n'))).toMatchObject({ type: 'printer', pages: null });
  });

  test('a UPS by its own tables and by those of APC and Eaton, tenths of volts told apart', () => {
    const standard = [
      '2.1.0|2|2',
      '2.3.0|2|0',
      '2.4.0|2|98',
      '3.3.1.3.1|2|2369',
      '4.1.0|2|3',
      '4.4.1.2.1|2|231',
      '4.4.1.5.1|2|33',
      '4.4.1.5.2|2|41',
    ];
    expect(device(standard.map((row) => `1.3.6.1.2.1.33.1.${row}`).join('\n')).ups).toMatchObject({
      batteryStatus: 'normal',
      chargePercent: 98,
      runtimeMinutes: null,
      loadPercent: 41,
      inputVolts: 236.9,
      outputVolts: 231,
      onBattery: false,
    });
    const apc = [
      '2.1.1.0|2|2',
      '2.2.1.0|66|100',
      '2.2.3.0|67|190200',
      '2.2.4.0|2|2',
      '3.2.1.0|66|228',
      '4.1.1.0|2|3',
      '4.2.1.0|66|230',
      '4.2.3.0|66|17',
    ];
    expect(device(apc.map((row) => `1.3.6.1.4.1.318.1.1.1.${row}`).join('\n')).ups).toMatchObject({
      batteryStatus: 'replace',
      chargePercent: 100,
      runtimeMinutes: 31,
      loadPercent: 17,
      inputVolts: 228,
      outputVolts: 230,
      onBattery: true,
    });
    expect(device('1.3.6.1.4.1.318.1.1.12.1.5.0|4|AP7902B').ups).toBeNull();
  });

  test('what says nothing is not a value', () => {
    const empty = device('1.3.6.1.2.1.1.5.0|4|\n1.3.6.1.2.1.47.1.1.1.1.5.1|2|3\n1.3.6.1.2.1.47.1.1.1.1.11.1|4|N/A');
    expect(empty).toMatchObject({ type: null, serial: null, name: null, vendor: null, ports: [] });
  });

  test('content knows only types there are, and each number once', () => {
    const types = [...enterprises.enterprises, ...devices.devices, ...descriptions.descriptions].flatMap((row) =>
      'type' in row && row.type ? [row.type] : [],
    );
    expect(types.filter((type) => !networkDeviceTypes.some((known) => known === type))).toEqual([]);
    expect(new Set(enterprises.enterprises.map((row) => row.number)).size).toBe(enterprises.enterprises.length);
    expect(new Set(devices.devices.map((row) => row.objectId)).size).toBe(devices.devices.length);
  });
});
