const utf8 = new TextDecoder('utf-8', { fatal: true });
const gb18030 = new TextDecoder('gb18030', { fatal: true });

/**
 * Octets as readable text: UTF-8, else the Chinese encoding that many devices use for names, else one character a byte. Control
 * characters become spaces, padding goes.
 */
export function cleanOctets(raw: string): string {
  // oxlint-disable-next-line no-control-regex
  const text = /[\x80-\xff]/.test(raw) ? decoded(raw) : raw;
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x1f\x7f\ufffe\uffff]+/g, ' ').trim();
}

function decoded(raw: string): string {
  const bytes = bytesOf(raw);
  for (const decoder of [utf8, gb18030]) {
    try {
      return decoder.decode(bytes);
    } catch {
      // Not of this encoding: try the next.
    }
  }
  return raw;
}

export function bytesOf(raw: string): Uint8Array {
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i) & 0xff;
  return bytes;
}

const hex = (n: number): string => n.toString(16).padStart(2, '0');
const usable = (mac: string): string | null => (/^(00:){5}00$|^(ff:){5}ff$/.test(mac) ? null : mac);

/** `aa:bb:cc:dd:ee:ff` out of six octets or of a text such as `0:1b:54:aa:bb:c` or `94-e1-ac-4e-6e-c7`; null for anything else. */
export function macOfOctets(raw: string): string | null {
  if (raw.length === 6 && !/^[0-9a-f]{6}$/i.test(raw)) return usable([...bytesOf(raw)].map(hex).join(':'));
  const parts = raw.trim().split(/[:-]/);
  if (parts.length === 6 && parts.every((p) => /^[0-9a-f]{1,2}$/i.test(p)))
    return usable(parts.map((p) => p.padStart(2, '0').toLowerCase()).join(':'));
  return null;
}

/** A MAC out of the last six arcs of an index. */
export function macOfArcs(arcs: readonly string[]): string | null {
  if (arcs.length !== 6) return null;
  const numbers = arcs.map(Number);
  return numbers.every((n) => n >= 0 && n <= 255) ? usable(numbers.map(hex).join(':')) : null;
}

export function ipv4OfOctets(raw: string): string | null {
  return raw.length === 4 ? usableIp([...bytesOf(raw)].join('.')) : null;
}

/** An address of four octets that can belong to a device; null for none, loopback and broadcast. */
export function usableIp(text: string): string | null {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!m || m.slice(1).some((part) => Number(part) > 255)) return null;
  return /^(0\.|127\.|255\.|22[4-9]\.|23\d\.)/.test(text) ? null : text;
}

/** IPv4 or IPv6 out of raw octets. */
export function ipOfOctets(raw: string): string | null {
  if (raw.length === 4) return ipv4OfOctets(raw);
  if (raw.length !== 16) return null;
  const groups = [...bytesOf(raw)].map(hex).join('').match(/.{4}/g) ?? [];
  const text = groups.map((g) => g.replace(/^0{1,3}/, '')).join(':');
  const short = text.replace(/\b0(:0)+\b/, ':').replace(/:{3,}/, '::');
  return short === '::' || short === '::1' ? null : short;
}

/** The calendar day of a DateAndTime (RFC 2579); null when it is none. */
export function dayOfOctets(raw: string): string | null {
  if (raw.length !== 8 && raw.length !== 11) return null;
  const b = bytesOf(raw);
  const [year, month, day] = [((b[0] as number) << 8) | (b[1] as number), b[2] as number, b[3] as number];
  if (year < 1970 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Numbers of the bits that are set, counted from 1 at the highest bit of the first octet (PortList of RFC 4363). */
export function bitsOf(raw: string): number[] {
  const found: number[] = [];
  const end = Math.min(raw.length, 512);
  for (let i = 0; i < end; i++) {
    const byte = raw.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) found.push(i * 8 + bit + 1);
  }
  return found;
}
