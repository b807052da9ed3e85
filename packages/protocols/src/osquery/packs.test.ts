import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import tables from '../../../../content/osquery/tables.json' with { type: 'json' };
import { decodeReport, type OsqueryPlatform, platformOf } from '../index.ts';
import { detailQueries, distributedQueries, scheduledQueries } from './queries.ts';

type Schema = Readonly<Record<string, readonly string[]>>;
const schemas = tables.platforms as Record<OsqueryPlatform, Schema>;
const platforms = Object.keys(schemas) as OsqueryPlatform[];

/** osquery speaks SQLite's language, so SQLite itself says whether a question can be asked of tables with these columns. */
function databaseOf(schema: Schema): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.function('sha1', (text) => text);
  for (const [name, columns] of Object.entries(schema)) db.exec(`create table ${name} (${columns.map((c) => `"${c}"`).join(', ')})`);
  return db;
}

describe('the questions, on systems that no test of ours runs on', () => {
  test.each(platforms)('every column asked on %s is in the table specification', (platform) => {
    const db = databaseOf(schemas[platform]);
    const { discovery } = distributedQueries(platform);
    const asked = [
      ...Object.values(detailQueries(platform)).map((q) => q.sql),
      ...Object.values(discovery),
      ...Object.values(scheduledQueries(platform, 3600)).map((q) => q.query),
    ];
    expect(asked.length).toBeGreaterThan(12);
    for (const sql of asked) expect(() => db.prepare(sql).all(), sql).not.toThrow();
    expect(() => db.prepare('select nope from system_info')).toThrow(/nope/);
    for (const { table } of Object.values(detailQueries(platform)))
      if (table !== null) expect(Object.keys(schemas[platform])).toContain(table);
  });

  /** What is read of rows that were asked for with all their columns. */
  const read: Record<string, readonly string[]> = {
    system_info:
      'hostname computer_name uuid hardware_vendor hardware_model hardware_serial board_vendor board_model board_serial physical_memory cpu_brand cpu_type cpu_sockets cpu_physical_cores cpu_logical_cores'.split(
        ' ',
      ),
    os_version: ['name', 'version', 'platform', 'arch', 'build'],
    block_devices: ['name', 'parent', 'vendor', 'model', 'serial', 'type', 'size', 'block_size'],
    programs: 'name version publisher install_location package_family_name identifying_number install_date upgrade_code'.split(' '),
  };
  test.each(platforms)('what is read of whole rows on %s exists', (platform) => {
    for (const [table, columns] of Object.entries(read))
      if (schemas[platform][table]) expect(schemas[platform][table]).toEqual(expect.arrayContaining([...columns]));
  });

  test('a fingerprint of the titles changes with a title, and with nothing else', () => {
    const db = databaseOf(schemas.linux);
    const ask = (): unknown => db.prepare(scheduledQueries('linux', 1)['muster_changes_deb']?.query ?? '').get()?.['titles'];
    expect(ask()).toBeNull();
    db.exec("insert into deb_packages (name, version, arch, size) values ('curl', '1', 'amd64', 5), ('bash', '5', null, 6)");
    const before = ask();
    expect(before).toBe('bash 5 \ncurl 1 amd64');
    db.exec('update deb_packages set size = 7');
    expect(ask()).toBe(before);
    db.exec("update deb_packages set version = '2' where name = 'curl'");
    expect(ask()).not.toBe(before);
  });
});

const decode = (queries: object) =>
  decodeReport(Buffer.from(JSON.stringify({ deviceid: 'osquery:1', version: '5.20.0', osquery: { queries, statuses: {} } })), {});

describe('answers of Windows and macOS', () => {
  test('programs of Windows, with the day anything of theirs was last started', () => {
    const at = (day: string): string => String(Date.parse(`${day}T10:00:00Z`) / 1000);
    const report = decode({
      muster_detail_system: [{ computer_name: 'win', hardware_vendor: 'Dell Inc.', hardware_serial: 'WINSER01' }],
      muster_detail_os: [{ name: 'Microsoft Windows 11 Pro', version: '10.0.22631', platform: 'windows', install_date: '1700000000' }],
      muster_detail_programs: [
        { name: '7-Zip', version: '24', install_location: 'C:\\Program Files\\7-Zip\\' },
        { name: 'Acme', version: '1', install_location: '' },
        { name: 'Everything there is', version: '1', install_location: 'C:\\' },
      ],
      muster_detail_usage: [
        { path: '{6D809377-6AF0-444B-8957-A3773F02200E}\\7-Zip\\7zFM.exe', last_execution_time: at('2026-03-01') },
        { path: 'C:\\Program Files\\7-Zip\\7zG.exe', last_execution_time: at('2026-03-04') },
        { path: 'C:\\Program Files\\7-Zip Extra\\x.exe', last_execution_time: at('2026-04-01') },
        { path: 'UEME_CTLSESSION', last_execution_time: '0' },
      ],
      muster_detail_battery: [{ manufacturer: 'SMP', model: 'DELL G8VCF6C', serial_number: '1234', cycle_count: '10' }],
      muster_detail_memory: [
        { device_locator: 'DIMM A', size: '8192', serial_number: 'AB12', manufacturer: 'Samsung', part_number: 'M471' },
        { device_locator: 'DIMM B', size: '0', serial_number: '', part_number: 'NO DIMM' },
      ],
    });
    expect(report.partial).toBe(false);
    expect(report.software?.map((s) => [s.name, s.lastUsed ?? null])).toEqual([
      ['7-Zip', '2026-03-04'],
      ['Acme', null],
      ['Everything there is', null],
    ]);
    expect(report.sections['memories']).toMatchObject([{ capacity: 8192, serialnumber: 'AB12', caption: 'DIMM A' }]);
    expect(report.sections['batteries']).toMatchObject([{ name: 'DELL G8VCF6C', serial: '1234' }]);
    expect(platformOf('2')).toBe('windows');
  });

  test('what a Mac shows itself on is a monitor, by the three letters of its maker', () => {
    const report = decode({
      muster_detail_system: [{ computer_name: 'mac', hardware_vendor: 'Apple Inc.', hardware_serial: 'C02ABCDEF123' }],
      muster_detail_os: [{ name: 'macOS', version: '15.1', platform: 'darwin' }],
      muster_detail_apps: [{ name: 'Safari.app', bundle_name: 'Safari', bundle_short_version: '18', last_opened_time: '1772323200.5' }],
      muster_detail_displays: [
        { name: 'DELL U2720Q', vendor_id: '10ac', serial_number: '5a3c4c4c', manufactured_week: '12', manufactured_year: '2021' },
        { name: 'Color LCD', vendor_id: '610', serial_number: '0', manufactured_week: '0', manufactured_year: '0' },
      ],
    });
    expect(report.software).toMatchObject([{ name: 'Safari', lastUsed: '2026-03-01' }]);
    expect(report.sections['monitors']).toEqual([
      { caption: 'DELL U2720Q', manufacturer: 'DEL', serial: '5a3c4c4c', description: '12/2021' },
      { caption: 'Color LCD', manufacturer: 'APP' },
    ]);
  });
});
