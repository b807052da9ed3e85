import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Encrypts credentials at rest with MUSTER_SECRET_KEY (AES-256-GCM) and signs what goes out and comes back. */
export interface Secrets {
  encrypt(plain: string): string;
  /** Throws when the text was sealed with another key or was altered. */
  decrypt(sealed: string): string;
  /** SHA-256 of a high-entropy secret (token, session id, key): what the tables keep. */
  hash(secret: string): Buffer;
}

const FORMAT = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Secrets under a key of any text; the AES key is derived from it (HKDF-SHA256), so its length and encoding do not matter. */
export function createSecrets(secretKey: string): Secrets {
  const key = Buffer.from(hkdfSync('sha256', secretKey, 'muster', 'credentials at rest v1', 32));
  return {
    encrypt(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${FORMAT}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    decrypt(sealed) {
      const [format, payload] = sealed.split('.');
      const bytes = Buffer.from(payload ?? '', 'base64url');
      if (format !== FORMAT || bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('Not a sealed secret');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new Error('A stored credential cannot be opened: it was sealed with another MUSTER_SECRET_KEY, or altered.', { cause });
      }
    },
    hash: (secret) => createHash('sha256').update(secret, 'utf8').digest(),
  };
}

/** The key from the configuration, or the one in `<dataDir>/secret.key` (mode 0600), made at the first start. Losing it loses the stored credentials. */
export async function loadSecretKey(config: { secretKey: string | null; dataDir: string }): Promise<string> {
  if (config.secretKey !== null) return config.secretKey;
  const path = join(config.dataDir, 'secret.key');
  const existing = await readKey(path);
  if (existing !== null) return existing;
  await mkdir(config.dataDir, { recursive: true });
  // Written aside and linked: two processes that start together end up with the same key, and a crash leaves no empty file.
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh);
  return (await readKey(path)) ?? '';
}

async function readKey(path: string): Promise<string | null> {
  try {
    const key = (await readFile(path, 'utf8')).trim();
    if (key.length < 16)
      throw new Error(
        `${path} holds no key (too short). Restore it from a backup, or remove it to make a new one; stored credentials are then lost.`,
      );
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
