import { isUtf8 } from 'node:buffer';

export interface TextProblem {
  readonly code: 'wrong_encoding' | 'invalid_utf8' | 'unknown_encoding';
  readonly message: string;
}

export interface DecodedText {
  readonly text: string;
  readonly problems: TextProblem[];
}

/** UTF-16 by its byte order mark or by the zero in its first character; null when it is something else. */
function utf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || ((a === 0x3c || a === 0x7b) && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && (b === 0x3c || b === 0x7b))) return 'utf-16be';
  return null;
}

/**
 * The bytes as UTF-8 or another ASCII superset, without byte order mark, so that a scanner for `<`, `"` and `{` may look at
 * single bytes. UTF-16 is recoded; everything else is returned as it is.
 */
export function asciiSuperset(bytes: Uint8Array): Uint8Array {
  const wide = utf16(bytes);
  if (wide !== null) return Buffer.from(new TextDecoder(wide).decode(bytes), 'utf8');
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

const declaration = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']/;

/**
 * Decodes an agent's text. The declared encoding is only believed when the bytes agree: agents declare UTF-8 and send Latin-1,
 * and the other way round. Invalid sequences become U+FFFD, with a problem that says so; nothing is thrown.
 */
export function decodeText(input: Uint8Array): DecodedText {
  const bytes = asciiSuperset(input);
  const recoded = bytes !== input && utf16(input) !== null;
  const declared = recoded ? 'utf-8' : (declaration.exec(latin1(bytes.subarray(0, 300)))?.[1]?.toLowerCase() ?? 'utf-8');
  if (isUtf8(bytes)) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const foreign = !isUtf8Label(declared) && bytes.some((b) => b > 0x7f);
    if (foreign && !isSingleByteLabel(declared)) return byLabel(bytes, declared);
    return {
      text,
      problems: foreign ? [{ code: 'wrong_encoding', message: `Declared ${declared}, but it is UTF-8; read as UTF-8.` }] : [],
    };
  }
  if (!isUtf8Label(declared)) return byLabel(bytes, declared);
  if (!hasMultiByte(bytes)) {
    return {
      text: new TextDecoder('windows-1252').decode(bytes),
      problems: [{ code: 'wrong_encoding', message: 'Declared UTF-8, but it is Latin-1; read as Windows-1252.' }],
    };
  }
  return {
    text: new TextDecoder('utf-8').decode(bytes),
    problems: [{ code: 'invalid_utf8', message: 'Some bytes are not valid UTF-8; each became U+FFFD.' }],
  };
}

/** Bytes that are read in parts instead of as one text, which would be as large again. */
const inParts = 4 * 1024 * 1024;
const partBytes = 65_536;

/** A large text in parts, when it is UTF-8 as it says; null when it is small or has to be looked at as a whole. */
export function textParts(input: Uint8Array): Generator<string> | null {
  const bytes = asciiSuperset(input);
  if (bytes.length < inParts || !isUtf8(bytes)) return null;
  const declared = declaration.exec(latin1(bytes.subarray(0, 300)))?.[1]?.toLowerCase() ?? 'utf-8';
  return isUtf8Label(declared) ? parts(bytes) : null;
}

function* parts(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let at = 0; at < bytes.length; at += partBytes) yield decoder.decode(bytes.subarray(at, at + partBytes), { stream: true });
  yield decoder.decode();
}

function byLabel(bytes: Uint8Array, label: string): DecodedText {
  try {
    return { text: new TextDecoder(label).decode(bytes), problems: [] };
  } catch {
    return {
      text: new TextDecoder(isUtf8(bytes) ? 'utf-8' : 'windows-1252').decode(bytes),
      problems: [
        {
          code: 'unknown_encoding',
          message: `The declared encoding ${label} is not known; read as ${isUtf8(bytes) ? 'UTF-8' : 'Windows-1252'}.`,
        },
      ],
    };
  }
}

const isUtf8Label = (label: string): boolean => label === 'utf-8' || label === 'utf8' || label === 'us-ascii' || label === 'ascii';
const isSingleByteLabel = (label: string): boolean => /^(iso-?8859|windows-125|cp125|latin|l[1-9]$)/.test(label);

/** Whether a valid two, three or four byte UTF-8 sequence is anywhere: then invalid bytes are damage, not another encoding. */
function hasMultiByte(bytes: Uint8Array): boolean {
  const tail = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  for (let i = 0; i < bytes.length; i++) {
    const b = bytes[i] as number;
    if (b < 0xc2 || b > 0xf4) continue;
    const more = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
    if (tail(i + 1) && (more < 2 || tail(i + 2)) && (more < 3 || tail(i + 3))) return true;
  }
  return false;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
