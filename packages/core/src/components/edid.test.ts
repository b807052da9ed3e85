import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { componentsOf, readEdid } from './index.ts';

/** Of a Sharp panel, a CMN panel and a Dell 1707FP, as agents reported them. */
const sharp =
  'AP///////wBNEEkUAAAAACAZAQSlHRF4Dt5Qo1RMmSYPUFQAAAABAQEBAQEBAQEBAQEBAQEBGjaAoHA4H0AwIDUAJqUQAAAYAAAAEAAAAAAAAAAAAAAAAAAAAAAA/gBESkNQNoBMUTEzM00xAAAAAAACQQMoABIAAAsBCiAgAGY=';
const cmn =
  'AP///////wANrlUTAAAAAAsXAQSVHRF4AlPVmFhSkCchUFQAAAABAQEBAQEBAQEBAQEBAQEB2h1W4lAAIDBELUcAJaUQAAAYAAAA/gBOMTMzQkdFLUVBQQogAAAA/gBDTU4KICAgICAgICAgAAAA/gBOMTMzQkdFLUVBQQogAGw=';
const dell =
  'AP///////wAQrBJAUjJCQQMQAQMOIht47q6lplRMmSYUUFSlSwBxT4GAAQEBAQEBAQEBAQEBMCoAmFEAKkAwcBMAUg4RAAAeAAAA/wBDOTc1NjYxSEFCMlIKAAAA/ABERUxMIDE3MDdGUAogAAAA/QA4TB5RDgAKICAgICAgAPw=';

/** A block with other bytes and the checksum that belongs to them. */
function block(change: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(Buffer.from(dell, 'base64'));
  change(bytes);
  bytes[127] = (256 - (bytes.subarray(0, 127).reduce((sum, byte) => sum + byte, 0) % 256)) % 256;
  return Buffer.from(bytes).toString('base64');
}

describe('EDID', () => {
  test('says who made the monitor, when, its serial number and its size', () => {
    expect(readEdid(dell)).toEqual({
      maker: 'DEL',
      productCode: '4012',
      serialNumber: 0x41423252,
      serialText: 'C975661HAB2R',
      name: 'DELL 1707FP',
      week: 3,
      year: 2006,
      widthCm: 34,
      heightCm: 27,
    });
    expect(readEdid(sharp)).toMatchObject({
      maker: 'SHP',
      productCode: '1449',
      serialNumber: null,
      serialText: null,
      week: 32,
      year: 2015,
    });
    expect(readEdid(cmn)).toMatchObject({ maker: 'CMN', serialNumber: null, name: null, week: 11, year: 2013, widthCm: 29, heightCm: 17 });
  });
  test('what stands for nothing is nothing: a model year, a projector without a size, letters that are none', () => {
    expect(readEdid(block((b) => (b[16] = 255)))).toMatchObject({ week: null, year: 2006 });
    expect(readEdid(block((b) => (b[22] = 0)))).toMatchObject({ widthCm: null, heightCm: null });
    expect(readEdid(block((b) => (b[8] = 0x7f)))).toMatchObject({ maker: null });
    expect(readEdid(block((b) => b.fill(0, 12, 16)))).toMatchObject({ serialNumber: null });
  });
  test('damaged, cut off, foreign and endless texts are no EDID', () => {
    const bytes = Buffer.from(dell, 'base64');
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    for (const odd of ['', 'x', dell.slice(0, 100), bytes.toString('base64'), '!'.repeat(200), Buffer.alloc(128).toString('base64')])
      expect(readEdid(odd)).toBeNull();
    expect(readEdid(`${dell.slice(0, 76)}\n${dell.slice(76)}`)).toMatchObject({ maker: 'DEL' });
    expect(readEdid(dell.slice(0, 170) + 'A'.repeat(5_000_000))).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => void readEdid(text)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 120, maxLength: 120 }), (tail) => {
        const read = readEdid(block((b) => b.set(tail, 8)));
        for (const text of [read?.name, read?.serialText]) expect(text ?? 'x').toMatch(/^[\x20-\x7e]{1,13}$/);
      }),
    );
  });
  test('a monitor whose agent gave no serial number has that of its EDID', () => {
    const [found] = componentsOf('monitors', [{ caption: 'DELL 1707FP', serial: '00000000', base64: dell }]);
    expect(found).toMatchObject({
      kind: 'monitor',
      key: 'monitors:s:C975661HAB2R',
      serial: 'C975661HAB2R',
      manufacturer: 'DEL',
      data: { maker: 'DEL', productCode: '4012', serialNumber: '41423252', year: 2006, week: 3, widthCm: 34, heightCm: 27 },
    });
    expect(found?.data).not.toHaveProperty('base64');
    expect(componentsOf('monitors', [{ base64: dell, serial: 'ASTOLD1', manufacturer: 'Dell Inc.' }])[0]).toMatchObject({
      name: 'DELL 1707FP',
      serial: 'ASTOLD1',
      manufacturer: 'Dell Inc.',
    });
    expect(componentsOf('monitors', [{ caption: 'X', base64: 'nonsense' }])).toMatchObject([
      { name: 'X', serial: null, manufacturer: null },
    ]);
  });
});
