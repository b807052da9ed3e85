/**
 * The two old algorithms that NTLM is made of (MD4: RFC 1320; RC4: as MS-NLMP 3.4.3 uses it). OpenSSL no longer offers them. They protect
 * nothing here that NTLM would not leave as weak anyway; nothing else may use them.
 */
export function md4(message: Uint8Array): Buffer {
  const length = Math.ceil((message.length + 9) / 64) * 64;
  const padded = Buffer.alloc(length);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, length - 8);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < length; block += 64) {
    const words = Array.from({ length: 16 }, (_, i) => padded.readUInt32LE(block + 4 * i));
    const before = [...state];
    for (let step = 0; step < 48; step++) round(state, words, step);
    for (let i = 0; i < 4; i++) state[i] = ((state[i] as number) + (before[i] as number)) >>> 0;
  }
  const out = Buffer.alloc(16);
  for (const [i, word] of state.entries()) out.writeUInt32LE(word, 4 * i);
  return out;
}

const shifts = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const;
const thirdOrder = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
const constants = [0, 0x5a827999, 0x6ed9eba1] as const;

/** One step; the four words take turns in being written. */
function round(state: number[], words: readonly number[], step: number): void {
  const phase = Math.floor(step / 16) as 0 | 1 | 2;
  const at = step % 16;
  const target = (4 - (step % 4)) % 4;
  const [b, c, d] = [1, 2, 3].map((i) => state[(target + i) % 4] as number) as [number, number, number];
  const mixed = phase === 0 ? (b & c) | (~b & d) : phase === 1 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
  const index = phase === 0 ? at : phase === 1 ? 4 * (at % 4) + Math.floor(at / 4) : (thirdOrder[at] as number);
  const sum = ((state[target] as number) + mixed + (words[index] as number) + constants[phase]) >>> 0;
  const shift = shifts[phase][step % 4] as number;
  state[target] = ((sum << shift) | (sum >>> (32 - shift))) >>> 0;
}

/** A stream: what comes next depends on all that came before. */
export class Rc4 {
  readonly #box = Uint8Array.from({ length: 256 }, (_, i) => i);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    let j = 0;
    for (let i = 0; i < 256; i++) {
      j = (j + (this.#box[i] as number) + (key[i % key.length] as number)) & 255;
      this.#swap(i, j);
    }
  }

  apply(data: Uint8Array): Buffer {
    const out = Buffer.alloc(data.length);
    for (let n = 0; n < data.length; n++) {
      this.#i = (this.#i + 1) & 255;
      this.#j = (this.#j + (this.#box[this.#i] as number)) & 255;
      this.#swap(this.#i, this.#j);
      out[n] = (data[n] as number) ^ (this.#box[((this.#box[this.#i] as number) + (this.#box[this.#j] as number)) & 255] as number);
    }
    return out;
  }

  #swap(a: number, b: number): void {
    const kept = this.#box[a] as number;
    this.#box[a] = this.#box[b] as number;
    this.#box[b] = kept;
  }
}
