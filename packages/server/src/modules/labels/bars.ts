import type { Symbology } from '@muster/api/codes';
import bwipjs from 'bwip-js/node';

/** A code as dark rectangles on a grid of modules, with the quiet zone that its standard asks for around it. */
export interface Bars {
  columns: number;
  /** 1 for a linear code, whose bars are as high as there is room. */
  rows: number;
  dark: { x: number; y: number; width: number; height: number }[];
  /** Modules of quiet zone at each side. */
  quiet: number;
}

/** Quiet zones in modules: ISO/IEC 18004 (QR), ISO/IEC 16022 (Data Matrix), ISO/IEC 15417 (Code 128; left and right only). */
const quietZones: Record<Symbology, number> = { qr: 4, datamatrix: 1, code128: 10 };
const encoders = { qr: 'qrcode', datamatrix: 'datamatrix', code128: 'code128' } as const;

interface RawMatrix {
  pixs: number[];
  pixx: number;
  pixy: number;
}
interface RawLinear {
  sbs: number[];
}

/** The dark parts of a code. Throws when the value cannot be drawn in the symbology. */
export function barsOf(symbology: Symbology, value: string): Bars {
  if (symbology === 'code128' && !/^[\x20-\x7e]+$/.test(value)) throw new Error('Code 128 draws plain Latin letters, digits and signs');
  const options = { bcid: encoders[symbology], text: value, ...(symbology === 'qr' ? { eclevel: 'M' } : {}) };
  // oxlint-disable-next-line import/no-named-as-default-member -- the export of that name is another thing: the symbology “raw”
  const [raw] = bwipjs.raw(options as Parameters<typeof bwipjs.raw>[0]) as unknown as [RawMatrix | RawLinear];
  const quiet = quietZones[symbology];
  return 'sbs' in raw ? linear(raw, quiet) : matrix(raw, quiet);
}

/** Widths of bar and space in turn, beginning with a bar. */
function linear({ sbs }: RawLinear, quiet: number): Bars {
  const dark: Bars['dark'] = [];
  let x = quiet;
  for (const [index, width] of sbs.entries()) {
    if (index % 2 === 0) dark.push({ x, y: 0, width, height: 1 });
    x += width;
  }
  return { columns: x + quiet, rows: 1, dark, quiet };
}

/** Runs of dark modules of one row become one rectangle. */
function matrix({ pixs, pixx, pixy }: RawMatrix, quiet: number): Bars {
  const dark: Bars['dark'] = [];
  for (let y = 0; y < pixy; y++)
    for (let x = 0; x < pixx; x++) {
      const start = x;
      while (x < pixx && pixs[y * pixx + x]) x++;
      if (x > start) dark.push({ x: start + quiet, y: y + quiet, width: x - start, height: 1 });
    }
  return { columns: pixx + 2 * quiet, rows: pixy + 2 * quiet, dark, quiet };
}
