import { randomFillSync } from 'node:crypto';

let lastMs = 0;
let sequence = 0;
const pool = Buffer.alloc(4096);
let offset = pool.length;

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter so that ids made in one millisecond keep their order, 62 random bits. */
export function newId(nowMs: number = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs++;
    sequence = 0;
  }
  if (offset + 8 > pool.length) {
    randomFillSync(pool);
    offset = 0;
  }
  const random = pool.toString('hex', offset, offset + 8);
  offset += 8;
  const time = lastMs.toString(16).padStart(12, '0');
  const variant = ((Number.parseInt(random.charAt(0), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
}
