import { randomBytes } from 'node:crypto';

/** Without I and O, which are read as 1 and 0, and without 1 and 0. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** 60 bits: nobody guesses a code of another asset. */
const length = 12;

/** A code nobody can guess, of letters and digits that are read aloud without doubt. */
export function newCodeValue(): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte & 31]).join('');
}

/** What makes two codes one: the value without case and without what a scanner may add around it. */
export function codeKey(value: string): string {
  return value.normalize('NFC').trim().toLowerCase();
}

/** The address a label carries: for people here the asset, for others the page of found items. */
export function codeUrl(baseUrl: string, value: string): string {
  return `${baseUrl.replace(/\/$/, '')}/c/${encodeURIComponent(value)}`;
}

/**
 * What a scanned text may mean: itself, and the code or asset id inside when it is an address of a label or of an asset's page. Labels
 * outlive addresses, so the host is not looked at; the code inside decides.
 */
export function readingsOf(scanned: string): { code: string; keys: string[]; serials: string[]; macs: string[]; ids: string[] } {
  const text = scanned.normalize('NFC').trim();
  const inside = /^https?:\/\/[^/\s]+(?:\/[^?#\s]*)?\/(?:c|f|assets)\/([^/?#\s]+)/i.exec(text)?.[1];
  const code = inside === undefined ? text : decoded(inside);
  const values = [...new Set([code, text])];
  const hex = code.replace(/[:.\-\s]/g, '').toLowerCase();
  return {
    code,
    keys: values.map(codeKey),
    serials: [...new Set([code, code.toUpperCase(), code.toLowerCase()])],
    macs: /^[0-9a-f]{12}$/.test(hex) ? [hex] : [],
    ids: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(code) ? [code.toLowerCase()] : [],
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
