/** Encrypts credentials at rest with MUSTER_SECRET_KEY (AES-256-GCM) and signs what goes out and comes back. */
export interface Secrets {
  encrypt(plain: string): string;
  decrypt(sealed: string): string;
  /** SHA-256 of a high-entropy secret (token, session id, key): what the tables keep. */
  hash(secret: string): Buffer;
}
