import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { componentSections, componentsOf } from './index.ts';

describe('components of a section', () => {
  test('a disk goes by its serial number, whatever its place', () => {
    const disk = { name: 'sda', model: 'MZVL2', serial: 'S6XNNX0R', disksize: 512_110, manufacturer: 'Samsung' };
    expect(componentsOf('storages', [disk])).toEqual([
      {
        kind: 'disk',
        key: 'storages:s:S6XNNX0R',
        name: 'MZVL2',
        manufacturer: 'Samsung',
        model: 'MZVL2',
        serial: 'S6XNNX0R',
        data: { name: 'sda', disksize: 512_110 },
      },
    ]);
    expect(componentsOf('storages', [{ ...disk, name: 'sdb' }])[0]?.key).toBe('storages:s:S6XNNX0R');
  });
  test('things without a serial number are told apart by place and number, and empty slots are none', () => {
    const module = { capacity: 8192, description: 'DIMM', serialnumber: '00000000' };
    expect(
      componentsOf('memories', [
        { ...module, numslots: 1 },
        { ...module, numslots: 2 },
        { caption: 'DIMM 3', numslots: 3 },
      ]).map((c) => c.key),
    ).toEqual(['memories:DIMM|1|#1', 'memories:DIMM|2|#1']);
    expect(componentsOf('usbdevices', [{ name: 'Hub' }, { name: 'Hub' }])).toHaveLength(2);
  });
  test('a licence key is kept by its end', () => {
    const [found] = componentsOf('licenseinfos', [{ name: 'Office', key: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' }]);
    expect(found).toMatchObject({ kind: 'licence_key', serial: '…EEEEE' });
    expect(JSON.stringify(found)).not.toContain('BBBBB');
  });
  test('a database service is one, and so is each database it serves', () => {
    const service = {
      name: 'MariaDB',
      type: 'mysql',
      version: '10.5',
      port: 3306,
      databases: [{ name: 'glpi', size: 52_000 }, { name: 'wiki' }, 7],
    };
    expect(componentsOf('databases_services', [service]).map((c) => [c.key, c.model, c.data])).toEqual([
      ['databases_services:MariaDB|3306||#1', 'mysql', { type: 'mysql', version: '10.5', port: 3306 }],
      ['databases_services:glpi|3306||MariaDB#1', 'mysql', { service: 'MariaDB', type: 'mysql', port: 3306, size: 52_000 }],
      ['databases_services:wiki|3306||MariaDB#1', 'mysql', { service: 'MariaDB', type: 'mysql', port: 3306 }],
    ]);
    const many = { name: 'x', databases: Array.from({ length: 5000 }, (_, i) => ({ name: `d${i}` })) };
    expect(componentsOf('databases_services', [many])).toHaveLength(501);
  });
  test('a battery that tells nothing but its capacity is one; a bay that tells nothing is none', () => {
    expect(componentsOf('batteries', [{ capacity: 93 }, {}])).toMatchObject([{ name: 'Battery', data: { capacity: 93 } }]);
  });
  test('anything at all is survived, and the keys of one section differ', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...componentSections, 'other'),
        fc.jsonValue(),
        fc.array(fc.dictionary(fc.constantFrom('name', 'serial', 'key', 'uuid', 'capacity'), fc.jsonValue())),
        (section, odd, rows) => {
          componentsOf(section, odd);
          const keys = componentsOf(section, rows).map((c) => c.key);
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
    );
  });
});
