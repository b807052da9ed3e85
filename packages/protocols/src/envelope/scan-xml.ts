/** What a quick look at an XML request tells, without decoding it. */
export interface XmlScan {
  readonly refused: 'too_deep' | 'doctype' | null;
  /** Name of the first element. */
  readonly root: string | null;
  readonly query: string | null;
  readonly deviceId: string | null;
  readonly versionClient: string | null;
  readonly itemType: string | null;
  readonly hasToken: boolean;
}

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const LETTER_V = 0x56;
const wanted = new Set(['QUERY', 'DEVICEID', 'ITEMTYPE', 'TOKEN', 'VERSIONCLIENT']);

/**
 * One pass over the bytes: nesting depth, any declaration (`<!DOCTYPE`, `<!ENTITY`), and the few elements that say who sends
 * what. Tolerates anything else, for the worker reads the body properly. `bytes` must be an ASCII superset.
 */
export function scanXml(bytes: Uint8Array, maxDepth: number): XmlScan {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Record<string, string> = {};
  const end = buffer.length;
  let root: string | null = null;
  let depth = 0;
  let at = 0;
  let refused: XmlScan['refused'] = null;
  while (at < end) {
    if (buffer[at] !== LT) {
      at++;
      continue;
    }
    const next = buffer[at + 1];
    if (next === SLASH) {
      if (depth > 0) depth--;
      at += 3;
      while (at < end && buffer[at - 1] !== GT) at++;
    } else if (next === QUESTION) {
      at = skipTo(buffer, '?>', at);
    } else if (next === BANG) {
      if (startsWith(buffer, '<!--', at)) at = skipTo(buffer, '-->', at + 4);
      else if (startsWith(buffer, '<![CDATA[', at)) at = skipTo(buffer, ']]>', at);
      else {
        refused = 'doctype';
        break;
      }
    } else {
      const close = tagEnd(buffer, at + 1);
      const empty = buffer[close - 1] === SLASH;
      depth++;
      if (depth > maxDepth) {
        refused = 'too_deep';
        break;
      }
      // At the third level only VERSIONCLIENT is of interest, and there are thousands of others.
      if (depth < 3 || (depth === 3 && ((buffer[at + 1] as number) & 0xdf) === LETTER_V)) {
        const name = nameAt(buffer, at + 1, close);
        if (depth === 1) root ??= name;
        else if (wanted.has(name) && !empty && (depth === 2) !== (name === 'VERSIONCLIENT')) found[name] ??= textAt(buffer, close + 1);
      }
      if (empty) depth--;
      at = close + 1;
    }
  }
  return {
    refused,
    root,
    query: found['QUERY'] ?? null,
    deviceId: found['DEVICEID'] || null,
    versionClient: found['VERSIONCLIENT'] || null,
    itemType: found['ITEMTYPE'] || null,
    hasToken: found['TOKEN'] !== undefined,
  };
}

function skipTo(buffer: Buffer, text: string, from: number): number {
  const at = buffer.indexOf(text, from, 'latin1');
  return at < 0 ? buffer.length : at + text.length;
}

function startsWith(buffer: Buffer, text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (buffer[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The `>` that ends a start tag, past quoted attribute values. */
function tagEnd(buffer: Buffer, from: number): number {
  let quote = 0;
  for (let i = from; i < buffer.length; i++) {
    const b = buffer[i] as number;
    if (quote !== 0) {
      if (b === quote) quote = 0;
    } else if (b === GT) return i;
    else if (b === 0x22 || b === 0x27) quote = b;
    else if (b === LT) return i - 1;
  }
  return buffer.length;
}

function nameAt(buffer: Buffer, from: number, close: number): string {
  let end = from;
  while (end < close && end - from < 64 && (buffer[end] as number) > 0x20 && buffer[end] !== SLASH) end++;
  return buffer.toString('latin1', from, end).toUpperCase();
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function textAt(buffer: Buffer, from: number): string {
  const to = buffer.indexOf(LT, from);
  const raw = buffer.toString('utf8', from, Math.min(to < 0 ? buffer.length : to, from + 512));
  return raw.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => entities[name] ?? '').trim();
}
