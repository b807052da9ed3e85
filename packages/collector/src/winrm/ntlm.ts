import { createHash, createHmac, randomBytes } from 'node:crypto';
import { md4, Rc4 } from './rc4-md4.ts';

/** NTLMv2 by MS-NLMP: the three messages, and signing and sealing of what follows. NTLMv1 and LM answers are never given. */
const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
/** UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, TARGET_INFO, VERSION, 128, KEY_EXCH, 56 (2.2.2.5). */
const FLAGS = 0xe2888235;
const VERSION = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15]);
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer => createHmac('md5', key).update(Buffer.concat(parts)).digest();
const md5 = (...parts: Uint8Array[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();

export interface NtlmUser {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

/** `CORP\ada`, `ada@corp.example.org` or `ada`. */
export function splitUser(name: string): { domain: string; user: string } {
  const at = name.indexOf('\\');
  return at < 0 ? { domain: '', user: name } : { domain: name.slice(0, at), user: name.slice(at + 1) };
}

/** NEGOTIATE_MESSAGE (2.2.1.1). */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  message.set(SIGNATURE);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(FLAGS, 12);
  message.set(VERSION, 32);
  return message;
}

export interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: Buffer;
  readonly raw: Buffer;
}

/** CHALLENGE_MESSAGE (2.2.1.2). Throws an Error for anything else, and for a server that cannot do NTLMv2 with sealing. */
export function readChallenge(raw: Buffer): Challenge {
  if (raw.length < 48 || !raw.subarray(0, 8).equals(SIGNATURE) || raw.readUInt32LE(8) !== 2)
    throw new Error('The server sent no NTLM challenge.');
  const flags = raw.readUInt32LE(20);
  const [length, offset] = [raw.readUInt16LE(40), raw.readUInt32LE(44)];
  if (offset + length > raw.length) throw new Error('The NTLM challenge is cut.');
  if ((flags & 0x60080000) !== 0x60080000) throw new Error('The server does not offer 128 bit NTLMv2 session security.');
  return { flags, serverChallenge: raw.subarray(24, 32), targetInfo: raw.subarray(offset, offset + length), raw };
}

/** NTOWFv2 (3.3.2). */
export const ntowfv2 = ({ domain, user, password }: NtlmUser): Buffer => hmac(md4(utf16(password)), utf16(user.toUpperCase() + domain));

/** The answer to a challenge (3.3.2): the responses and the session base key. */
export function respond(key: Buffer, serverChallenge: Buffer, clientChallenge: Buffer, time: Buffer, targetInfo: Buffer) {
  const temp = Buffer.concat([Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]), time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
  const proof = hmac(key, serverChallenge, temp);
  return {
    nt: Buffer.concat([proof, temp]),
    lm: Buffer.concat([hmac(key, serverChallenge, clientChallenge), clientChallenge]),
    sessionBaseKey: hmac(key, proof),
  };
}

/** AV pairs of the target (2.2.2.1) by id. */
function pairsOf(targetInfo: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= targetInfo.length;) {
    const [id, length] = [targetInfo.readUInt16LE(at), targetInfo.readUInt16LE(at + 2)];
    if (id === 0) break;
    pairs.set(id, targetInfo.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return pairs;
}

const AV_FLAGS = 6;
const AV_TIMESTAMP = 7;

function joined(pairs: ReadonlyMap<number, Buffer>): Buffer {
  const head = (id: number, length: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt16LE(id, 0);
    bytes.writeUInt16LE(length, 2);
    return bytes;
  };
  return Buffer.concat([...[...pairs].flatMap(([id, value]) => [head(id, value.length), value]), head(0, 0)]);
}

/** AUTHENTICATE_MESSAGE (2.2.1.3) with its integrity code, and the session that it opens. */
export function authenticate(user: NtlmUser, negotiate: Buffer, challenge: Challenge): { message: Buffer; session: NtlmSession } {
  const pairs = pairsOf(challenge.targetInfo);
  const stamp = pairs.get(AV_TIMESTAMP);
  // With the server's time the message carries an integrity code, and says so (3.1.5.1.2).
  if (stamp) pairs.set(AV_FLAGS, Buffer.from([2, 0, 0, 0]));
  const key = ntowfv2(user);
  const { nt, lm, sessionBaseKey } = respond(key, challenge.serverChallenge, randomBytes(8), stamp ?? fileTime(new Date()), joined(pairs));
  const sessionKey = randomBytes(16);
  const message = authenticateMessage(user, stamp ? Buffer.alloc(24) : lm, nt, new Rc4(sessionBaseKey).apply(sessionKey), challenge.flags);
  if (stamp) hmac(sessionKey, negotiate, challenge.raw, message).copy(message, 72);
  return { message, session: new NtlmSession(sessionKey, 'client') };
}

function authenticateMessage({ domain, user }: NtlmUser, lm: Buffer, nt: Buffer, encryptedKey: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(88);
  head.set(SIGNATURE);
  head.writeUInt32LE(3, 8);
  const payload: Buffer[] = [];
  let offset = head.length;
  const field = (at: number, value: Buffer): void => {
    head.writeUInt16LE(value.length, at);
    head.writeUInt16LE(value.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    payload.push(value);
    offset += value.length;
  };
  field(28, utf16(domain));
  field(36, utf16(user));
  field(44, Buffer.alloc(0));
  field(12, lm);
  field(20, nt);
  field(52, encryptedKey);
  head.writeUInt32LE((flags & FLAGS) >>> 0, 60);
  head.set(VERSION, 64);
  return Buffer.concat([head, ...payload]);
}

/** Hundreds of nanoseconds since 1601. */
function fileTime(date: Date): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

const magic = (from: 'client' | 'server', what: 'signing' | 'sealing'): Buffer =>
  Buffer.from(`session key to ${from === 'client' ? 'client-to-server' : 'server-to-client'} ${what} key magic constant\0`, 'latin1');

class Direction {
  readonly #signKey: Buffer;
  readonly #stream: Rc4;
  #sequence = 0;

  constructor(sessionKey: Buffer, from: 'client' | 'server') {
    this.#signKey = md5(sessionKey, magic(from, 'signing'));
    this.#stream = new Rc4(md5(sessionKey, magic(from, 'sealing')));
  }

  seal(message: Buffer): { signature: Buffer; sealed: Buffer } {
    const sealed = this.#stream.apply(message);
    return { signature: this.#sign(message), sealed };
  }

  open(signature: Buffer, sealed: Buffer): Buffer | null {
    const message = this.#stream.apply(sealed);
    return this.#sign(message).equals(signature) ? message : null;
  }

  #sign(message: Buffer): Buffer {
    const sequence = Buffer.alloc(4);
    sequence.writeUInt32LE(this.#sequence++);
    const checksum = this.#stream.apply(hmac(this.#signKey, sequence, message).subarray(0, 8));
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), checksum, sequence]);
  }
}

/** Signs and seals both ways (3.4.4.2, 3.4.3), with extended session security, 128 bits and key exchange. */
export class NtlmSession {
  readonly #mine: Direction;
  readonly #theirs: Direction;

  constructor(sessionKey: Buffer, side: 'client' | 'server') {
    this.#mine = new Direction(sessionKey, side);
    this.#theirs = new Direction(sessionKey, side === 'client' ? 'server' : 'client');
  }

  seal(message: Buffer): { signature: Buffer; sealed: Buffer } {
    return this.#mine.seal(message);
  }

  /** Null when the signature is not right. */
  open(signature: Buffer, sealed: Buffer): Buffer | null {
    return this.#theirs.open(signature, sealed);
  }
}
