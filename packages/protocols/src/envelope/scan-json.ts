/** What a quick look at a JSON request tells, without parsing it. */
export interface JsonScan {
  readonly refused: 'too_deep' | null;
  /** Strings, `true` and `false` found at the first level. */
  readonly top: Readonly<Record<string, string>>;
}

const wanted = new Set(['action', 'deviceid', 'itemtype', 'partial', 'name', 'version', 'tag']);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes that mean something outside of strings: all others are passed over. */
const meaningful = new Uint8Array(256);
for (const c of '"{}[]:,tf1') meaningful[c.charCodeAt(0)] = 1;

/** One pass over the bytes: nesting depth and the first level's short values. Never throws; a worker reads the body properly. */
export function scanJson(bytes: Uint8Array, maxDepth: number): JsonScan {
  const top: Record<string, string> = {};
  const end = bytes.length;
  let depth = 0;
  let key: string | null = null;
  let lastString: [number, number] | null = null;
  for (let at = 0; at < end; at++) {
    const b = bytes[at] as number;
    if (meaningful[b] === 0) continue;
    if (b === QUOTE) {
      const from = at;
      at = stringEnd(bytes, at + 1);
      if (depth !== 1) continue;
      if (key !== null) {
        if (wanted.has(key) && at - from < 600) top[key] ??= text(bytes, from, at + 1);
        key = null;
      } else lastString = [from, at + 1];
    } else if (b === 0x7b || b === 0x5b) {
      depth++;
      if (depth > maxDepth) return { refused: 'too_deep', top };
      key = null;
    } else if (b === 0x7d || b === 0x5d) {
      if (depth > 0) depth--;
    } else if (depth === 1) {
      if (b === 0x3a && lastString !== null) {
        key = lastString[1] - lastString[0] < 64 ? text(bytes, lastString[0], lastString[1]) : '';
        lastString = null;
      } else if (key !== null && (b === 0x74 || b === 0x66 || b === 0x31)) {
        if (wanted.has(key)) top[key] ??= b === 0x66 ? 'false' : 'true';
        key = null;
      } else if (b === 0x2c) key = null;
    }
  }
  return { refused: null, top };
}

/** Where the string that starts at `at` ends: its closing quote, or the end of the bytes. */
function stringEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.length;
  let i = at;
  for (; i < end; i++) {
    const b = bytes[i] as number;
    if (b === QUOTE) return i;
    if (b === BACKSLASH) i++;
  }
  return i;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  const slice = Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(to, bytes.length) - from).toString('utf8');
  try {
    const value: unknown = JSON.parse(slice);
    return typeof value === 'string' ? value : '';
  } catch {
    return slice.replaceAll('"', '');
  }
}
