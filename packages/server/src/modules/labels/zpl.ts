import type { LabelDefinition } from '@muster/api/labels';
import { PNG } from 'pngjs';
import type { Drawn } from './layout.ts';

/**
 * Labels in the language of label printers (Zebra, ZPL II Programming Guide: ^XA, ^CI, ^PW, ^LL, ^FO, ^A, ^FB, ^FH, ^BQ, ^BX, ^BC, ^GB,
 * ^GF). Coordinates are dots; texts are UTF-8 (^CI28) in the printer's scalable font, which is narrower than the one measured with.
 */
export function zplOf(definition: LabelDefinition, labels: readonly (readonly Drawn[])[], dpi: number): string {
  const dots = (mm: number): number => Math.round((mm * dpi) / 25.4);
  return labels
    .map((label) => {
      const fields = label.map((one) => fieldOf(one, dots));
      return ['^XA', '^CI28', `^PW${dots(definition.width)}`, `^LL${dots(definition.height)}`, '^LH0,0', ...fields, '^XZ'].join('\n');
    })
    .join('\n')
    .concat('\n');
}

/** Field data under ^FH: the signs that begin commands, the escape sign itself and what is not printable as hexadecimal bytes. */
export function fieldData(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte < 0x20 || byte === 0x7f || '^~_\\'.includes(String.fromCharCode(byte))
        ? `_${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : byte,
    )
    .reduce<Buffer>((all, one) => Buffer.concat([all, typeof one === 'string' ? Buffer.from(one) : Buffer.from([one])]), Buffer.alloc(0))
    .toString('utf8');
}

function fieldOf(one: Drawn, dots: (mm: number) => number): string {
  const at = `^FO${dots(one.x)},${dots(one.y)}`;
  const width = Math.max(1, dots(one.width));
  const height = Math.max(1, dots(one.height));
  if (one.kind === 'rect') return `${at}^GB${width},${height},${Math.min(width, height)}^FS`;
  if (one.kind === 'image') return `${at}${graphicOf(one.png, width, height)}^FS`;
  if (one.kind === 'text') {
    const size = Math.max(10, dots((one.size * 25.4) / 72));
    return `${at}^A0N,${size},${size}^FH_^FD${fieldData(one.text)}^FS`;
  }
  return codeOf(one, dots, height);
}

function codeOf(one: Extract<Drawn, { kind: 'code' }>, dots: (mm: number) => number, height: number): string {
  const module = Math.max(1, Math.floor(dots(one.module)));
  const quiet = one.bars.quiet * module;
  const x = dots(one.x) + quiet;
  // A linear code has no quiet zone above and below.
  const y = dots(one.y) + (one.bars.rows === 1 ? 0 : quiet);
  const data = fieldData(one.value);
  if (one.symbology === 'qr') return `^FO${x},${y}^BQN,2,${Math.min(10, module)}^FH_^FDMA,${data}^FS`;
  if (one.symbology === 'datamatrix') return `^FO${x},${y}^BXN,${module},200^FH_^FD${data}^FS`;
  // In Code 128 data ">" begins an invocation code and stands for itself as ">0"; ">:" starts in subset B.
  return `^FO${x},${y}^BY${Math.min(10, module)}^BCN,${height},N,N,N^FH_^FD>:${fieldData(one.value.replaceAll('>', '>0'))}^FS`;
}

/** A PNG as a graphic field of black dots, fitted into the box; what is darker than the middle is black. */
function graphicOf(png: string, boxWidth: number, boxHeight: number): string {
  const image = PNG.sync.read(Buffer.from(png, 'base64'));
  const scale = Math.min(boxWidth / image.width, boxHeight / image.height);
  const width = Math.max(1, Math.floor(image.width * scale));
  const height = Math.max(1, Math.floor(image.height * scale));
  const rowBytes = Math.ceil(width / 8);
  const bytes = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / scale) * image.width + Math.floor(x / scale)) * 4;
      const [red = 255, green = 255, blue = 255, alpha = 0] = image.data.subarray(from, from + 4);
      // Rec. 601 luma over white paper.
      const luma = ((0.299 * red + 0.587 * green + 0.114 * blue) * alpha + 255 * (255 - alpha)) / 255;
      if (luma < 128) bytes[y * rowBytes + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  return `^GFA,${bytes.length},${bytes.length},${rowBytes},${bytes.toString('hex').toUpperCase()}`;
}
