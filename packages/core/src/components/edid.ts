/**
 * What a monitor says of itself in the base block of its EDID (VESA Enhanced EDID standard, release A revision 2, section 3: header,
 * vendor and product identification, basic display parameters, display descriptors, checksum).
 */
export interface Edid {
  /** Three letters that the UEFI Forum registers (PNP id), for example `DEL`. */
  readonly maker: string | null;
  /** Four hex digits, as makers write it. */
  readonly productCode: string;
  /** The 32-bit number; null where the maker leaves 0 or all ones. */
  readonly serialNumber: number | null;
  /** The serial number as text, which is the one on the label. */
  readonly serialText: string | null;
  readonly name: string | null;
  /** Null when only the year of the model is told. */
  readonly week: number | null;
  readonly year: number | null;
  /** Null when it is not told, as by projectors. */
  readonly widthCm: number | null;
  readonly heightCm: number | null;
}

const blockBytes = 128;
/** The base block in Base64. */
const blockText = Math.ceil(blockBytes / 3) * 4;
const header = [0, 255, 255, 255, 255, 255, 255, 0];
const descriptors = [54, 72, 90, 108];
const serialTag = 0xff;
const nameTag = 0xfc;

/** Reads Base64 of an EDID; null when it is none, was cut off, or its checksum is wrong. Extension blocks are not looked at. */
export function readEdid(base64: string): Edid | null {
  const bytes = bytesOf(base64);
  if (bytes === null || !header.every((byte, i) => bytes[i] === byte)) return null;
  if (bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) return null;
  const at = (i: number): number => bytes[i] ?? 0;
  const number = at(12) + at(13) * 0x100 + at(14) * 0x1_0000 + at(15) * 0x100_0000;
  const week = at(16);
  return {
    maker: makerOf(at(8) * 256 + at(9)),
    productCode: (at(10) + at(11) * 256).toString(16).padStart(4, '0'),
    serialNumber: number === 0 || number === 0xffff_ffff || number === 0x0101_0101 ? null : number,
    serialText: textOf(bytes, serialTag),
    name: textOf(bytes, nameTag),
    // 255: the year is that of the model.
    week: week >= 1 && week <= 54 ? week : null,
    year: at(17) === 0 ? null : 1990 + at(17),
    // One of the two alone is an aspect ratio.
    widthCm: at(21) > 0 && at(22) > 0 ? at(21) : null,
    heightCm: at(21) > 0 && at(22) > 0 ? at(22) : null,
  };
}

/** The base block; however long the text is, only so much of it is looked at. */
function bytesOf(base64: string): number[] | null {
  const text = base64
    .slice(0, blockText * 2)
    .replaceAll(/\s/g, '')
    .slice(0, blockText);
  if (text.length < blockText || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const bytes = Array.from(atob(text).slice(0, blockBytes), (c) => c.charCodeAt(0));
  return bytes.length === blockBytes ? bytes : null;
}

function makerOf(packed: number): string | null {
  const letters = [10, 5, 0].map((shift) => (packed >> shift) & 31);
  return letters.every((n) => n >= 1 && n <= 26) ? String.fromCharCode(...letters.map((n) => n + 64)) : null;
}

/** The text of the first display descriptor with this tag: up to 13 characters, ended by a line feed and filled with blanks. */
function textOf(bytes: readonly number[], tag: number): string | null {
  const from = descriptors.find((d) => bytes[d] === 0 && bytes[d + 1] === 0 && bytes[d + 3] === tag);
  if (from === undefined) return null;
  const codes = bytes.slice(from + 5, from + 18);
  const end = codes.indexOf(10);
  const text = String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)).filter((code) => code >= 32 && code < 127)).trim();
  return text === '' ? null : text;
}
