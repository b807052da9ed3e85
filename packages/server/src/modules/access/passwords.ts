import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's argon2id setting for 19 MiB; about 40 ms on one core. The stored text carries its own, so these may rise later. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;

/** An argon2id hash in PHC format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await run(password, nonce, MEMORY_KIB, PASSES, LANES, TAG_BYTES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/**
 * Whether the password is the one hashed. With null (an unknown e-mail, a user without a password) it does the same work and answers
 * false, so the time does not tell who exists.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored ?? (await decoy()));
  if (!parts) throw new Error('A stored password hash is not readable');
  const [, memory, passes, lanes, salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64');
  const actual = await run(password, Buffer.from(salt, 'base64'), Number(memory), Number(passes), Number(lanes), expected.length);
  return timingSafeEqual(actual, expected) && stored !== null;
}

async function run(
  password: string,
  nonce: Buffer,
  memory: number,
  passes: number,
  parallelism: number,
  tagLength: number,
): Promise<Buffer> {
  // NFC: the same password typed on another keyboard may be composed of other code points.
  return derive('argon2id', { message: password.normalize('NFC'), nonce, memory, passes, parallelism, tagLength });
}

let decoyHash: Promise<string> | undefined;
const decoy = (): Promise<string> => (decoyHash ??= hashPassword(randomBytes(24).toString('base64')));
const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
