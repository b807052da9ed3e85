import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Limits, type Refusal, refuse } from './limits.ts';

/** How the body was wrapped, told by its first bytes: agents' Content-Type headers are not to be trusted. */
export type Encoding = 'zlib' | 'gzip' | 'deflate' | 'plain';

export interface OpenBody {
  readonly ok: true;
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
  /** `truncated`: the stream stops early and everything before is here. `damaged`: what could be inflated before the damage is here. */
  readonly state: 'whole' | 'truncated' | 'damaged';
}

/** Tells the wrapping by magic bytes: 1f8b gzip; a valid zlib header (deflate, 32 KiB window, check bits) zlib. */
export function detectEncoding(body: Uint8Array): Encoding {
  const [a = 0, b = 0] = body;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  // RFC 1950: CMF says deflate with a window up to 32 KiB, and CMF*256+FLG is a multiple of 31.
  if ((a & 0x0f) === 8 && a >> 4 <= 7 && ((a << 8) | b) % 31 === 0) return 'zlib';
  return 'plain';
}

/**
 * Takes the wrapping off, never beyond the limits. A stream that stops early or is damaged gives what is there, because a lost
 * upload costs an agent's sections for days. `salvage: false` skips the costly search for the damaged place.
 */
export function openBody(body: Uint8Array, limits: Limits, options: { salvage: boolean }): OpenBody | Refusal {
  if (body.length === 0) return refuse('empty', 'The body is empty.');
  const encoding = detectEncoding(body);
  if (encoding === 'plain') return openPlain(body, limits);
  const whole = inflate(encoding, body, limits);
  if (whole === 'too_large') return tooLarge(body, limits);
  if (whole !== 'damaged') return checkRatio(body, whole, encoding, limits);
  if (!options.salvage) return { ok: true, encoding, bytes: new Uint8Array(), state: 'damaged' };
  return salvage(encoding, body, limits);
}

function openPlain(body: Uint8Array, limits: Limits): OpenBody | Refusal {
  if (body.length > limits.maxInflatedBytes)
    return refuse('too_large', `The body has ${body.length} bytes; at most ${limits.maxInflatedBytes} are accepted.`);
  if (!looksLikeText(body)) {
    // Some clients send a deflate stream without the zlib header.
    const raw = inflate('deflate', body, limits);
    if (raw === 'too_large') return tooLarge(body, limits);
    if (raw !== 'damaged' && raw.bytes.length > 0 && looksLikeText(raw.bytes)) return checkRatio(body, raw, 'deflate', limits);
  }
  return { ok: true, encoding: 'plain', bytes: body, state: 'whole' };
}

interface Inflated {
  readonly bytes: Uint8Array;
  readonly state: 'whole' | 'truncated';
}

function inflate(encoding: Encoding, body: Uint8Array, limits: Limits): Inflated | 'too_large' | 'damaged' {
  const run = encoding === 'gzip' ? gunzipSync : encoding === 'zlib' ? inflateSync : inflateRawSync;
  const options = { maxOutputLength: limits.maxInflatedBytes, chunkSize: chunkFor(body.length) };
  try {
    return { bytes: run(body, options), state: 'whole' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') return 'too_large';
    if (code !== 'Z_BUF_ERROR') return 'damaged';
  }
  try {
    return { bytes: run(body, { ...options, finishFlush: constants.Z_SYNC_FLUSH }), state: 'truncated' };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'damaged';
  }
}

/** Inventories inflate about eleven to one: one piece of that size instead of many small ones that are then copied together. */
function chunkFor(bodyLength: number): number {
  return Math.min(Math.max(16_384, bodyLength * 12), 1 << 20);
}

/** Finds the longest prefix that still inflates: about 20 tries, so only workers do it. */
function salvage(encoding: Encoding, body: Uint8Array, limits: Limits): OpenBody {
  let good: Uint8Array = new Uint8Array();
  let low = 0;
  let high = body.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const part = inflate(encoding, body.subarray(0, middle), limits);
    if (part === 'damaged' || part === 'too_large') high = middle;
    else {
      low = middle;
      good = part.bytes;
    }
  }
  return { ok: true, encoding, bytes: good, state: 'damaged' };
}

function tooLarge(body: Uint8Array, limits: Limits): Refusal {
  return refuse('too_large', `The body of ${body.length} bytes inflates to more than ${limits.maxInflatedBytes} bytes.`);
}

function checkRatio(body: Uint8Array, inflated: Inflated, encoding: Encoding, limits: Limits): OpenBody | Refusal {
  if (inflated.bytes.length >= limits.ratioFromBytes && inflated.bytes.length > body.length * limits.maxRatio)
    return refuse(
      'ratio',
      `The body of ${body.length} bytes inflates to ${inflated.bytes.length} bytes, more than ${limits.maxRatio} to 1.`,
    );
  return { ok: true, encoding, ...inflated };
}

/** Whether the first significant byte starts XML or JSON, also behind a byte order mark or in UTF-16. */
function looksLikeText(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length && i < 64; i++) {
    const b = bytes[i] as number;
    if (b === 0x3c || b === 0x7b || b === 0x5b) return true;
    if (
      b === 0x20 ||
      b === 0x09 ||
      b === 0x0a ||
      b === 0x0d ||
      b === 0x00 ||
      b === 0xef ||
      b === 0xbb ||
      b === 0xbf ||
      b === 0xfe ||
      b === 0xff
    )
      continue;
    return false;
  }
  return false;
}
