import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeReport,
  defaultLimits,
  encodeReply,
  inspect,
  isoDate,
  type Json,
  networkFacts,
  type Report,
  scannedDevices,
} from './index.ts';

const zip = (text: string | Buffer): Buffer => deflateSync(text, { level: 6 });
const xml = (content: string, more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<REQUEST><CONTENT>${content}</CONTENT><DEVICEID>pc-2026-01-02-03-04-05</DEVICEID><QUERY>INVENTORY</QUERY>${more}</REQUEST>`;
const json = (content: unknown, more: object = {}): string =>
  JSON.stringify({ action: 'inventory', deviceid: 'pc-2026-01-02-03-04-05', content, ...more });
const codes = (report: Report): string[] => [...new Set(report.warnings.map((w) => w.code))].sort();
const decode = (body: string | Buffer): Report => decodeReport(Buffer.from(body), {});
const look = (body: string | Buffer, headers = {}): ReturnType<typeof inspect> => inspect(Buffer.from(body), headers, defaultLimits);
const software = (n: number): object[] => Array.from({ length: n }, (_, i) => ({ name: `Title ${i}`, version: `${i}.0`, from: 'deb' }));

describe('wrapping is told by the body, not by the header', () => {
  const body = json({ hardware: { name: 'pc' } });
  test.each([
    ['zlib level 6', deflateSync(body, { level: 6 }), 'zlib'],
    ['zlib level 9', deflateSync(body, { level: 9 }), 'zlib'],
    ['zlib level 1', deflateSync(body, { level: 1 }), 'zlib'],
    ['zlib with a small window', deflateSync(body, { windowBits: 9 }), 'zlib'],
    ['gzip', gzipSync(body), 'gzip'],
    ['raw deflate', deflateRawSync(body), 'deflate'],
    ['plain', Buffer.from(body), 'plain'],
    ['plain behind a byte order mark and blank lines', Buffer.from(`\ufeff\r\n  ${body}`), 'plain'],
    ['UTF-16 little endian', Buffer.from(`\ufeff${body}`, 'utf16le'), 'plain'],
  ])('%s', (_name, bytes, encoding) => {
    expect(look(bytes)).toMatchObject({
      ok: true,
      encoding,
      kind: 'inventory',
      dialect: 'json',
      deviceId: 'pc-2026-01-02-03-04-05',
      family: 'glpi',
    });
    expect(decode(bytes)).toMatchObject({ kind: 'inventory', device: { name: 'pc' }, warnings: [] });
  });
});

describe('the quick look says who sends what', () => {
  test.each([
    [
      'FusionInventory by user agent',
      xml(''),
      { userAgent: 'FusionInventory-Agent_v2.6-3' },
      { family: 'fusioninventory', agentVersion: '2.6-3' },
    ],
    ['OCS by user agent', xml(''), { userAgent: 'OCS-NG_unified_unix_agent_v2.10.0' }, { family: 'ocs', agentVersion: '2.10.0' }],
    ['OCS by content type alone', xml(''), { contentType: 'application/x-compress' }, { family: 'ocs' }],
    [
      'GLPI Agent by its id',
      xml(''),
      { agentId: 'A34E1DAE-E7B2-11F1-B301-F5834A69F481' },
      { family: 'glpi', agentId: 'a34e1dae-e7b2-11f1-b301-f5834a69f481', deviceKey: 'glpi:pc-2026-01-02-03-04-05' },
    ],
    ['by the program in the content', xml('<VERSIONCLIENT>GLPI-Agent_v1.7</VERSIONCLIENT>'), {}, { family: 'glpi', agentVersion: '1.7' }],
    ['a partial inventory', json({}, { partial: true, itemtype: 'Phone' }), {}, { partial: true, itemType: 'Phone' }],
    ['an inventory without an action', JSON.stringify({ deviceid: 'x', content: {} }), {}, { kind: 'inventory', deviceId: 'x' }],
    [
      'escaped and nested look-alikes do not mislead',
      JSON.stringify({ content: { deviceid: 'inner', q: '"deviceid":"trap' }, deviceid: 'a"b' }),
      {},
      { deviceId: 'a"b' },
    ],
    ['text that looks like JSON is no JSON', 'hello world', {}, { readable: false, kind: 'unknown' }],
  ])('%s', (_name, body, headers, expected) => {
    expect(look(zip(body), headers)).toMatchObject({ ok: true, ...expected });
  });
});

describe('hostile bodies are refused before anything is stored', () => {
  const deep = (n: number): string => `{"deviceid":"x","content":${'['.repeat(n)}${']'.repeat(n)}}`;
  test.each([
    ['a compressed bomb', zip(Buffer.alloc(80 * 1024 * 1024, 0x20)), 'too_large'],
    ['a gzip bomb', gzipSync(Buffer.alloc(80 * 1024 * 1024, 0x20)), 'too_large'],
    ['a ratio over 200 to 1', zip(Buffer.alloc(40 * 1024 * 1024, 0x20)), 'ratio'],
    ['a plain body over the limit', Buffer.alloc(65 * 1024 * 1024, 0x20), 'too_large'],
    ['a document type', zip(`<?xml version="1.0"?><!DOCTYPE REQUEST><REQUEST/>`), 'doctype'],
    ['billion laughs', `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><REQUEST>&b;</REQUEST>`, 'doctype'],
    ['an external entity', `<!DOCTYPE x SYSTEM "file:///etc/passwd"><REQUEST/>`, 'doctype'],
    ['an entity declaration in the middle', `<REQUEST><CONTENT><!ENTITY a "b"></CONTENT></REQUEST>`, 'doctype'],
    ['a document type behind a comment', `<!-- <x> --><!DOCTYPE x><REQUEST/>`, 'doctype'],
    ['a document type in UTF-16', Buffer.from('\ufeff<!DOCTYPE x><REQUEST/>', 'utf16le'), 'doctype'],
    ['XML nested too deep', `<REQUEST>${'<a>'.repeat(70)}${'</a>'.repeat(70)}</REQUEST>`, 'too_deep'],
    ['JSON nested too deep', deep(70), 'too_deep'],
    ['nothing at all', '', 'empty'],
  ])('%s', (_name, body, code) => {
    expect(look(body)).toMatchObject({ ok: false, code });
  });

  test('what is within the limits passes', () => {
    expect(look(deep(60)).ok).toBe(true);
    expect(look(`<REQUEST>${'<a>'.repeat(60)}${'</a>'.repeat(60)}</REQUEST>`).ok).toBe(true);
    expect(look(xml('<A><![CDATA[<!DOCTYPE no>]]></A><!-- <!ENTITY no> -->')).ok, 'a declaration as text is text').toBe(true);
  });

  test('a worker that meets one all the same drops it and does not expand entities', () => {
    const report = decode(`<!DOCTYPE l [<!ENTITY a "ha">]><REQUEST><CONTENT><HARDWARE><NAME>&a;</NAME></HARDWARE></CONTENT></REQUEST>`);
    expect(codes(report)).toContain('doctype');
    expect(JSON.stringify(report.sections)).not.toContain('ha');
  });
});

describe('damage is survived: what is complete is kept, what is dropped is named', () => {
  const rows = '<SOFTWARES><NAME>One</NAME></SOFTWARES><SOFTWARES><NAME>Two</NAME></SOFTWARES>';
  const whole = xml(`<BIOS><SSN>S1</SSN></BIOS><HARDWARE><NAME>pc</NAME></HARDWARE>${rows}<VIDEOS><NAME>V</NAME></VIDEOS>`);

  test('garbage', () => {
    const report = decode(Buffer.from([0x13, 0x37, 0xde, 0xad, 0xbe, 0xef]));
    expect(report).toMatchObject({ kind: 'unknown', sections: {} });
    expect(codes(report)).toContain('unreadable');
  });

  test('truncated zlib: what was there is read, the last section is left out, the report counts as partial', () => {
    const big = json({ bios: { ssn: 'S1' }, hardware: { name: 'pc' }, softwares: software(5000) });
    const zipped = zip(big);
    const report = decode(zipped.subarray(0, Math.floor(zipped.length / 2)));
    expect(report).toMatchObject({
      partial: true,
      deviceId: 'pc-2026-01-02-03-04-05',
      software: null,
      device: { serial: 'S1', name: 'pc' },
    });
    expect(codes(report)).toEqual(['bad_json', 'section_incomplete', 'truncated_body']);
  });

  test('damaged zlib: everything before the damage is read', () => {
    const zipped = Buffer.from(zip(json({ bios: { ssn: 'S1' }, softwares: software(5000) })));
    zipped.fill(0, zipped.length >> 1, (zipped.length >> 1) + 200);
    const report = decode(zipped);
    expect(report).toMatchObject({ partial: true, device: { serial: 'S1' }, software: null });
    expect(codes(report)).toContain('damaged_body');
  });

  test.each([
    ['in a row', whole.indexOf('Two')],
    ['between two rows', whole.indexOf('</SOFTWARES>') + '</SOFTWARES>'.length],
  ])('XML that breaks off %s: half a list is never taken for a list', (_name, at) => {
    const report = decode(whole.slice(0, at));
    expect(report).toMatchObject({ partial: true, software: null, device: { serial: 'S1', name: 'pc' } });
    expect(report.warnings).toContainEqual(expect.objectContaining({ code: 'section_incomplete', path: 'softwares' }));
  });

  test('JSON that breaks off in the content keeps the sections before', () => {
    const text = json({ bios: { ssn: 'S1' }, softwares: software(3) });
    const report = decode(text.slice(0, text.indexOf('Title 2')));
    expect(report).toMatchObject({ partial: true, software: null, device: { serial: 'S1' } });
  });

  test('Latin-1 declared as UTF-8', () => {
    const report = decode(Buffer.from(xml('<HARDWARE><NAME>pc</NAME><DESCRIPTION>Büro Größe</DESCRIPTION></HARDWARE>'), 'latin1'));
    expect(report.sections['hardware']).toMatchObject({ description: 'Büro Größe' });
    expect(codes(report)).toEqual(['wrong_encoding']);
  });

  test('UTF-8 declared as Latin-1', () => {
    const report = decode(xml('<HARDWARE><DESCRIPTION>Büro</DESCRIPTION></HARDWARE>').replace('UTF-8', 'ISO-8859-1'));
    expect(report.sections['hardware']).toMatchObject({ description: 'Büro' });
    expect(codes(report)).toEqual(['wrong_encoding']);
  });

  test('Latin-1 that says so', () => {
    const report = decode(
      Buffer.from(xml('<HARDWARE><DESCRIPTION>Büro</DESCRIPTION></HARDWARE>').replace('UTF-8', 'ISO-8859-1'), 'latin1'),
    );
    expect(report).toMatchObject({ sections: { hardware: { description: 'Büro' } }, warnings: [] });
  });

  test('invalid UTF-8 among valid', () => {
    const body = Buffer.concat([
      Buffer.from('{"deviceid":"x","content":{"hardware":{"name":"Bü'),
      Buffer.from([0xff]),
      Buffer.from('ro"}}}'),
    ]);
    expect(decode(body)).toMatchObject({ device: { name: 'Bü\ufffdro' }, warnings: [{ code: 'invalid_utf8' }] });
  });

  test('NUL and half characters, which PostgreSQL refuses, are taken out of texts and keys', () => {
    const report = decode(
      '{"deviceid":"x\\u0000y","content":{"hardware":{"name":"a\\u0000b","description":"\\ud800!"},"odd\\u0000section":[{"k\\u0000":"v\\u0000"}]}}',
    );
    expect(report.deviceId).toBe('xy');
    expect(JSON.stringify(report)).not.toMatch(/\\u0000|\\ud800/);
    expect(report.sections['hardware']).toMatchObject({ name: 'ab', description: '\ufffd!' });
    expect(codes(report)).toEqual(['invalid_unicode', 'nul_removed']);
  });

  test('control characters of firmware strings in XML', () => {
    const report = decode(xml('<BIOS><SSN>AB\u0001\u0000C</SSN></BIOS>'));
    expect(report).toMatchObject({ device: { serial: 'ABC' }, warnings: [{ code: 'control_characters' }] });
  });

  test('nonsense dates are dropped one by one', () => {
    const report = decode(
      json({
        softwares: [
          { name: 'a', install_date: '-2023-01-01' },
          { name: 'b', install_date: '2023-02-30' },
          { name: 'c', install_date: '2023-02-28' },
          { name: 'd', install_date: -86400 },
        ],
      }),
    );
    expect(report.software?.map((s) => s.installedOn)).toEqual([null, null, '2023-02-28', null]);
    expect(report.warnings.map((w) => `${w.code} ${w.path}`)).toEqual([
      'bad_date softwares[0].install_date',
      'bad_date softwares[1].install_date',
      'bad_date softwares[3].install_date',
    ]);
  });

  test('wrong types: coerced when they say the same, dropped with the path when not', () => {
    const report = decode(
      json({
        hardware: [{ name: 'pc', memory: '8 GB' }, { name: 'other' }],
        softwares: [{ name: 7 }, 'text', { version: '1' }, { name: 'ok', no_remove: 'maybe', filesize: { a: 1 } }],
        memories: { capacity: '4096', removable: 0 },
        networks: 'none',
        cpus: [{ core: -3, name: 'c' }],
        drives: [{ total: 1e30, free: '12' }],
      }),
    );
    expect(report.device).toMatchObject({ name: 'pc', memoryMb: 8192, cpu: { cores: null } });
    expect(report.software?.map((s) => s.name)).toEqual(['7', 'ok']);
    expect(report.sections['memories']).toEqual([{ capacity: 4096, removable: false }]);
    expect(report.sections['drives']).toEqual([{ free: 12 }]);
    expect(report.warnings.map((w) => `${w.code} ${w.path}`).sort()).toEqual([
      'bad_boolean softwares[3].no_remove',
      'bad_number cpus[0].core',
      'bad_number drives[0].total',
      'bad_number softwares[3].filesize',
      'row_dropped hardware',
      'row_dropped networks[0]',
      'row_dropped softwares[1]',
      'row_dropped softwares[2]',
    ]);
  });

  test('100,000 software rows are kept', () => {
    expect(decode(zip(json({ softwares: software(100_000) })))).toMatchObject({ software: { length: 100_000 }, warnings: [] });
  });

  test('rows over the cap are dropped with a warning, and warnings themselves are bounded', () => {
    const few = { ...defaultLimits, maxRows: 10, maxWarnings: 5 };
    const report = decodeReport(Buffer.from(json({ softwares: software(12) })), {}, few);
    expect(report.software).toHaveLength(10);
    expect(codes(report)).toEqual(['too_many_rows']);
    const bad = decodeReport(Buffer.from(json({ softwares: Array.from({ length: 9 }, () => 5) })), {}, few);
    expect(bad.warnings).toHaveLength(6);
    expect(bad.warnings.at(-1)).toEqual({ code: 'more_warnings', path: '', message: '4 more warnings are not listed.' });
  });

  test('a name of a million characters is cut where it is indexed and whole where it is kept', () => {
    const report = decode(json({ softwares: [{ name: 'x'.repeat(1_000_000) }] }));
    expect(report.software?.[0]?.name).toHaveLength(500);
    expect((report.sections['softwares'] as { name: string }[])[0]?.name).toHaveLength(1_000_000);
    expect(codes(report)).toEqual(['too_long']);
  });

  test('names that poison objects are refused', () => {
    const report = decode(
      '{"deviceid":"x","__proto__":{"partial":true},"content":{"hardware":{"__proto__":{"a":1},"constructor":"c"},"other":{"__proto__":1}}}',
    );
    expect(report.partial).toBe(false);
    expect(({} as { a?: unknown }).a).toBeUndefined();
    expect(codes(report)).toEqual(['name_refused']);
    decode(xml('<__proto__><A>1</A></__proto__><HARDWARE __proto__="x"><__proto__>y</__proto__></HARDWARE>'));
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  test('a 20 MB report is read in bounded time', () => {
    const filler = 'some description of a port on a very large switch, repeated '.repeat(3);
    const ports = Array.from({ length: 100_000 }, (_, i) => `<PORT><IFNUMBER>${i}</IFNUMBER><IFDESCR>${i} ${filler}</IFDESCR></PORT>`).join(
      '',
    );
    const body = xml(`<DEVICE><INFO><SERIAL>S</SERIAL><TYPE>NETWORKING</TYPE></INFO><PORTS>${ports}</PORTS></DEVICE>`).replace(
      'INVENTORY',
      'SNMPQUERY',
    );
    expect(body.length).toBeGreaterThan(20_000_000);
    const report = decode(body);
    expect(report).toMatchObject({ kind: 'netinventory', itemType: 'NetworkEquipment', sections: { network_ports: { length: 100_000 } } });
  });
});

describe('XML becomes the inventory format', () => {
  test('repeated and single elements, renames, units and dates', () => {
    const report = decode(
      xml(`<NETWORKS><DESCRIPTION>eth0</DESCRIPTION><MACADDR>AA:BB:CC:00:11:22</MACADDR><STATUS>Up</STATUS><VIRTUALDEV>0</VIRTUALDEV></NETWORKS>
        <FIREWALL><STATUS>On</STATUS></FIREWALL><USER><LOGIN>ada</LOGIN></USER>
        <STORAGES><NAME>sda</NAME><SERIALNUMBER>D1</SERIALNUMBER><DISKSIZE>274877.906944</DISKSIZE></STORAGES>
        <BATTERIES><CAPACITY>43.7456 Wh</CAPACITY><VOLTAGE>8.614 V</VOLTAGE><DATE>10/11/2015</DATE></BATTERIES>
        <BIOS><BDATE>07/25/2014</BDATE></BIOS><LOCAL_GROUPS><NAME>wheel</NAME><MEMBER>a</MEMBER><MEMBER>b</MEMBER></LOCAL_GROUPS>
        <SOFTWARES><NAME>n</NAME><INSTALLDATE>20/04/2017</INSTALLDATE></SOFTWARES><MYSECTION><KEY>v</KEY></MYSECTION>`),
    );
    expect(report.warnings).toEqual([]);
    expect(report.sections).toEqual({
      networks: [{ description: 'eth0', mac: 'AA:BB:CC:00:11:22', status: 'up', virtualdev: false }],
      firewalls: [{ status: 'on' }],
      users: [{ login: 'ada' }],
      storages: [{ name: 'sda', serial: 'D1', disksize: 274878 }],
      batteries: [{ capacity: 43746, voltage: 8614, date: '2015-11-10' }],
      bios: { bdate: '2014-07-25' },
      local_groups: [{ name: 'wheel', members: ['a', 'b'] }],
      softwares: [{ name: 'n', install_date: '2017-04-20' }],
      mysection: [{ key: 'v' }],
    });
  });

  test('OCS: names that differ, the operating system in HARDWARE only', () => {
    const report = decodeReport(
      Buffer.from(
        xml(`<HARDWARE><NAME>pc</NAME><OSNAME>Debian GNU/Linux 12</OSNAME><OSVERSION>12</OSVERSION></HARDWARE>
          <CPUS><TYPE>AMD EPYC</TYPE><CORES>8</CORES><THREADS>16</THREADS><NBSOCKET>2</NBSOCKET><CPUARCH>x86_64</CPUARCH></CPUS>
          <SOFTWARES><NAME>adduser</NAME><ARCHITECTURE>all</ARCHITECTURE><FROM>deb</FROM><INSTALLDATE>2025/04/20 00:00:00</INSTALLDATE></SOFTWARES>
          <ACCOUNTINFO><KEYNAME>TAG</KEYNAME><KEYVALUE>Berlin</KEYVALUE></ACCOUNTINFO>`),
      ),
      { userAgent: 'OCS-NG_unified_unix_agent_v2.10.0' },
    );
    expect(report).toMatchObject({
      family: 'ocs',
      tag: 'Berlin',
      device: {
        os: { name: 'Debian GNU/Linux 12', version: '12', arch: 'x86_64', family: 'linux' },
        cpu: { name: 'AMD EPYC', sockets: 2, cores: 16, threads: 32 },
      },
      software: [{ name: 'adduser', arch: 'all', channel: 'deb', installedOn: '2025-04-20' }],
    });
  });

  test.each([
    [{ from: 'registry', guid: '{90140000-0011-0000-0000-0000000ff1ce}' }, 'msi', '{90140000-0011-0000-0000-0000000FF1CE}'],
    [{ from: 'registry', guid: 'CCleaner' }, 'registry', 'CCleaner'],
    [{ from: 'uwp', guid: 'Microsoft.Paint_8wekyb3d8bbwe' }, 'appx', 'Microsoft.Paint_8wekyb3d8bbwe'],
    [{ from: 'WMI', guid: 'KB5001' }, 'other', 'KB5001'],
    [{ from: 'rpm' }, 'rpm', null],
    [{ from: 'Android', comments: 'com.example.app' }, 'other', 'com.example.app'],
  ])('the channel and strong code of %j', (row, channel, code) => {
    expect(decode(json({ softwares: [{ name: 'x', ...row }] })).software?.[0]).toMatchObject({ channel, code });
  });

  test('on macOS titles without a channel are bundles', () => {
    const report = decode(
      json({ operatingsystem: { kernel_name: 'darwin', full_name: 'macOS 14' }, softwares: [{ name: 'Safari', username: 'ada' }] }),
    );
    expect(report.software?.[0]).toMatchObject({ channel: 'bundle', user: 'ada' });
  });

  test.each([
    ['2026-11-24 02:55:37', 'dmy', '2026-11-24 02:55:37'],
    ['2015-04-17T03:02:45Z', 'dmy', '2015-04-17 03:02:45'],
    ['2021-05-31 14:00:00:00+02:00', 'dmy', '2021-05-31 14:00:00'],
    ['20170418', 'dmy', '2017-04-18'],
    ['20170418093005.000000+120', 'dmy', '2017-04-18 09:30:05'],
    ['11/09/2015', 'dmy', '2015-09-11'],
    ['11/09/2015', 'mdy', '2015-11-09'],
    ['07/25/2014', 'dmy', '2014-07-25'],
    ['1700000000', 'dmy', '2023-11-14 22:13:20'],
    ['1970-00-01', 'dmy', null],
    ['2022-21-09 05:21:23', 'dmy', null],
    ['29/02/2023', 'dmy', null],
    ['29/02/2024', 'dmy', '2024-02-29'],
    ['9999-01-01', 'dmy', null],
    ['-1', 'dmy', null],
    ['yesterday', 'dmy', null],
  ] as const)('date %s (%s)', (text, order, expected) => {
    expect(isoDate(text, order)).toBe(expected);
  });
});

describe('replies', () => {
  const target = { family: 'fusioninventory', dialect: 'xml', encoding: 'zlib', contentType: 'application/x-compress-zlib' } as const;
  test('zlib replies start with 78 9c, the only header FusionInventory knows', () => {
    const reply = encodeReply({ type: 'prolog', everyHours: 24 }, target);
    expect(Buffer.from(reply.body).subarray(0, 2).toString('hex')).toBe('789c');
    expect(inflateSync(reply.body).toString()).toContain('<PROLOG_FREQ>24</PROLOG_FREQ><RESPONSE>SEND</RESPONSE>');
  });
  test('OCS always gets zlib, even when it sent plain XML', () => {
    const reply = encodeReply({ type: 'accepted', everyHours: 24 }, { ...target, family: 'ocs', encoding: 'plain' });
    expect(reply.contentType).toBe('application/x-compressed');
    expect(inflateSync(reply.body).toString()).toContain('NO_ACCOUNT_UPDATE');
  });
  test.each([
    ['gzip', 'application/x-compress-gzip', (b: Uint8Array) => Buffer.from(b)],
    ['deflate', 'application/x-deflate', inflateRawSync],
    ['plain', 'application/json', (b: Uint8Array) => Buffer.from(b)],
  ] as const)('the wrapping is mirrored: %s', (encoding, contentType, open) => {
    const reply = encodeReply(
      { type: 'accepted', everyHours: 24 },
      { ...target, family: 'glpi', dialect: 'json', encoding, contentType: null },
    );
    expect(reply.contentType).toBe(contentType);
    expect(open(reply.body).length).toBeGreaterThan(0);
  });
  test('an error message is escaped', () => {
    expect(Buffer.from(encodeReply({ type: 'error', message: '<b>&' }, { ...target, encoding: 'plain' }).body).toString()).toContain(
      '<ERROR>&lt;b&gt;&amp;</ERROR>',
    );
  });
});

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'fixtures', 'inventory_format');
describe.skipIf(!existsSync(fixtures))('every file of the inventory format corpus', () => {
  const files = existsSync(fixtures) ? readdirSync(fixtures).filter((f) => !f.includes('schema')) : [];
  test.each(files)('%s: each section is stored or warned about', (file) => {
    const body = readFileSync(join(fixtures, file));
    expect(inspect(body, {}, defaultLimits)).toMatchObject({ ok: true, readable: true });
    const report = decodeReport(body, {});
    expect(report.kind).not.toBe('unknown');
    const known = new Set([...Object.keys(report.sections), ...report.warnings.map((w) => w.path.split(/[.[]/)[0])]);
    for (const section of sectionNames(file, body.toString('utf8'))) expect(known, section).toContain(section);
  });
  test.each(files.filter((f) => f.endsWith('.json')))('%s: each value of the content is kept or warned about', (file) => {
    const source = JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as { content: Record<string, Json> };
    const report = decodeReport(readFileSync(join(fixtures, file)), {});
    const leaves = (value: Json): number =>
      value === null || value === '' ? 0 : typeof value === 'object' ? Object.values(value).reduce<number>((n, v) => n + leaves(v), 0) : 1;
    expect(leaves(report.sections) + report.warnings.length).toBeGreaterThanOrEqual(leaves(source.content));
  });
});

/** The sections that a file has, under the names they get. SNMP answers are reshaped, see network.ts. */
function sectionNames(file: string, text: string): string[] {
  if (file.endsWith('.json')) return Object.keys((JSON.parse(text) as { content: object }).content);
  const snmp = text.includes('<QUERY>SNMPQUERY');
  const renamed: Record<string, string> = snmp
    ? { info: 'network_device', ports: 'network_ports', components: 'network_components' }
    : { firewall: 'firewalls', user: 'users' };
  const depthTwo = new Set<string>();
  let depth = 0;
  for (const m of text.matchAll(/<(\/?)([A-Z_]+)(?:\s[^>]*)?(\/?)>/g)) {
    if (m[1] === '/') depth--;
    else {
      if (depth === (snmp ? 3 : 2)) depthTwo.add((m[2] ?? '').toLowerCase());
      if (m[3] !== '/') depth++;
    }
  }
  const discovery = text.includes('<QUERY>NETDISCOVERY');
  return [...depthTwo].filter((n) => n !== 'content').map((n) => (discovery && n === 'device' ? 'devices' : (renamed[n] ?? n)));
}

describe('fuzz: whatever comes, nothing is thrown', () => {
  const storable = (report: Report): void => {
    const text = JSON.stringify(report);
    expect(text).not.toMatch(/\\u0000/);
    expect(text.isWellFormed()).toBe(true);
    expect(report.warnings.length).toBeLessThanOrEqual(defaultLimits.maxWarnings + 1);
  };
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('', '<', '{', '\x78\x9c', '\x1f\x8b'), (bytes, prefix) => {
        const body = Buffer.concat([Buffer.from(prefix, 'latin1'), bytes]);
        inspect(body, {}, defaultLimits);
        storable(decodeReport(body, {}));
      }),
      { numRuns: 400 },
    );
  });
  test('any JSON as content', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'bios',
            'hardware',
            'softwares',
            'networks',
            'cpus',
            'drives',
            'operatingsystem',
            'network_ports',
            'batteries',
            'odd',
            '__proto__',
          ),
          fc.jsonValue({ maxDepth: 4 }),
        ),
        fc.jsonValue(),
        (content, odd) => {
          const body = Buffer.from(JSON.stringify({ deviceid: odd, partial: odd, tag: odd, content }));
          inspect(body, {}, defaultLimits);
          storable(decodeReport(body, {}));
        },
      ),
      { numRuns: 400 },
    );
  });
  test('any cut and any changed byte of a real shape, plain and compressed', () => {
    const text = xml(
      '<BIOS><SSN>S1</SSN></BIOS><SOFTWARES><NAME>é&amp;</NAME></SOFTWARES><SOFTWARES><NAME>b</NAME></SOFTWARES><NETWORKS a="1"><MACADDR>x</MACADDR></NETWORKS>',
    );
    for (const whole of [Buffer.from(text), zip(text), Buffer.from(json({ bios: { ssn: 'S' }, softwares: software(3) }))]) {
      fc.assert(
        fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (cut, at, byte) => {
          const changed = Buffer.from(whole);
          changed[at] = byte;
          const body = changed.subarray(0, Math.max(1, cut));
          const seen = inspect(body, {}, defaultLimits);
          const report = decodeReport(body, {});
          storable(report);
          // The quick look and the reading agree on who it is, as far as both could tell.
          if (seen.ok && seen.deviceId !== null && report.deviceId !== null && codes(report).length === 0)
            expect(report.deviceId).toBe(seen.deviceId);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('a large answer over SNMP', () => {
  const answer = (ports: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><REQUEST><CONTENT><DEVICE><INFO><ID>1</ID><SERIAL>S1</SERIAL></INFO><PORTS>${ports}</PORTS></DEVICE></CONTENT><DEVICEID>s-2026-01-02-03-04-05</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
  const rows = (from: number, to: number, alias: string): string =>
    Array.from(
      { length: to - from },
      (_, n) => `<PORT><IFNUMBER>${from + n}</IFNUMBER><IFNAME>p${from + n}</IFNAME><IFALIAS>${alias}</IFALIAS></PORT>`,
    ).join('');
  // Beyond the size from which it is read in parts, with characters of two bytes that fall on the seams.
  const alias = 'ÄÖÜß€'.repeat(60);

  test('is read in parts as it would be as a whole', () => {
    const text = answer(rows(0, 10_000, alias));
    expect(Buffer.byteLength(text)).toBeGreaterThan(4 * 1024 * 1024);
    const large = decode(text);
    expect(large.warnings).toEqual([]);
    const ports = large.sections['network_ports'] as { ifalias: string; ifnumber: string }[];
    expect(ports).toHaveLength(10_000);
    expect(ports.every((p) => p.ifalias === alias)).toBe(true);
    expect(ports.slice(0, 9)).toEqual(decode(answer(rows(0, 9, alias))).sections['network_ports']);
    expect(large.device?.interfaces).toHaveLength(10_000);
  });

  test('control characters are taken out and told, and a cut leaves nothing that may lack rows', () => {
    const text = answer(rows(0, 10_000, `${alias}\u0007`));
    expect(codes(decode(text))).toEqual(['control_characters']);
    const cut = decode(text.slice(0, -200_000));
    expect(cut.partial).toBe(true);
    expect(codes(cut)).toEqual(
      ['bad_xml', 'control_characters', 'section_incomplete', 'truncated_body'].filter((c) => codes(cut).includes(c)),
    );
    expect(cut.sections['network_ports']).toBeUndefined();
  });

  test('nonsense in 10,000 ports is survived within the limits', () => {
    const odd =
      '<IFNUMBER>-1e99</IFNUMBER><IFSPEED>fast</IFSPEED><MAC>zz</MAC><VLANS><VLAN/><VLAN>x</VLAN></VLANS><AGGREGATE>7</AGGREGATE><CONNECTIONS><CONNECTION><MAC/><MAC>1</MAC></CONNECTION></CONNECTIONS>';
    const report = decode(answer(Array.from({ length: 10_000 }, () => `<PORT>${odd}<__PROTO__>1</__PROTO__></PORT>`).join('')));
    expect(report.kind).toBe('netinventory');
    expect(report.warnings.length).toBeLessThanOrEqual(1001);
    expect(scannedDevices(report)).toHaveLength(1);
    expect(networkFacts(report.sections).neighbours).toEqual([]);
  });
});
