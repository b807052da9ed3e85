import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** What a host says of itself by multicast DNS. */
export interface MdnsFacts {
  /** Host name, without `.local`. */
  readonly name: string | null;
  /** Service types, for example `_ipp._tcp`. */
  readonly services: string[];
  /** From the TXT records that name one: AirPlay's and Apple's `model`, printers' `ty`. */
  readonly model: string | null;
}

const PORT = 5353;
const [PTR, TXT, SRV] = [12, 16, 33];
const SERVICES = '_services._dns-sd._udp.local';
/** Asked at once; a host answers those that it has. */
const questions = [
  SERVICES,
  '_ipp._tcp.local',
  '_airplay._tcp.local',
  '_device-info._tcp.local',
  '_http._tcp.local',
  '_workstation._tcp.local',
];
const MOST_RECORDS = 200;
const MOST_NAMES = 50;

/**
 * Asks one host, by unicast (RFC 6762 5.5), so that nobody outside of the ranges hears or answers; only what comes from its address is read.
 * Null when it does not answer.
 */
export async function askMdns(address: string, timeoutMs: number, port = PORT): Promise<MdnsFacts | null> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      const end = (facts: MdnsFacts | null): void => {
        clearTimeout(timer);
        resolve(facts);
      };
      // A closed port is said by ICMP.
      socket.on('error', () => end(null));
      socket.on('message', (message, from) => {
        const facts = from.address === address && from.port === port ? readMdns(message) : null;
        if (facts !== null) end(facts);
      });
      socket.connect(port, address, () => socket.send(query(questions)));
    });
  } finally {
    socket.close();
  }
}

/** A query whose answer is wanted by unicast (the top bit of the class). */
export function query(names: readonly string[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(names.length, 4);
  const asked = names.map((name) => {
    const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
    return Buffer.concat([...labels, Buffer.from([0, 0, PTR, 0x80, 1])]);
  });
  return Buffer.concat([head, ...asked]);
}

/** The facts of an answer; null when the bytes are none. What is cut or points in circles ends with what came before. */
export function readMdns(message: Buffer): MdnsFacts | null {
  if (message.length < 12 || (message.readUInt16BE(2) & 0x8000) === 0) return null;
  const reader = new Reader(message);
  const services = new Set<string>();
  let name: string | null = null;
  let model: string | null = null;
  try {
    for (let i = message.readUInt16BE(4); i > 0; i--) reader.question();
    const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
    for (let i = 0; i < Math.min(records, MOST_RECORDS); i++) {
      const record = reader.record();
      const service = /(?:^|\.)(_[\w-]{1,30}\._(?:tcp|udp))\.local$/i.exec(
        record.type === PTR && record.name === SERVICES ? record.target : record.name,
      )?.[1];
      if (service && service !== '_dns-sd._udp' && services.size < MOST_NAMES) services.add(service.toLowerCase());
      if (record.type === SRV) name ??= /^([^.]{1,63})\.local$/i.exec(record.target)?.[1] ?? null;
      if (record.type === TXT) model ??= record.texts.flatMap((text) => /^(?:model|ty|md)=(.{1,100})$/i.exec(text)?.[1] ?? [])[0] ?? null;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { name, services: [...services].sort(), model };
}

interface DnsRecord {
  readonly name: string;
  readonly type: number;
  /** Of PTR and SRV. */
  readonly target: string;
  /** Of TXT. */
  readonly texts: string[];
}

/** Reads DNS (RFC 1035 4.1). Throws a RangeError where the bytes end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 12;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  question(): void {
    this.#name();
    this.#at += 4;
  }

  record(): DnsRecord {
    const name = this.#name();
    const type = this.#bytes.readUInt16BE(this.#at);
    const length = this.#bytes.readUInt16BE(this.#at + 8);
    const start = this.#at + 10;
    const end = start + length;
    if (end > this.#bytes.length) throw new RangeError('The record is cut.');
    this.#at = type === SRV ? start + 6 : start;
    const target = type === PTR || type === SRV ? this.#name() : '';
    const texts: string[] = [];
    const until = type === TXT ? end : start;
    for (let at = start; at < until; at += 1 + (this.#bytes[at] as number))
      texts.push(clean(this.#bytes.subarray(at + 1, Math.min(end, at + 1 + (this.#bytes[at] as number)))));
    this.#at = end;
    return { name, type, target, texts };
  }

  /** A name, through pointers, each of which must lead further back. */
  #name(): string {
    const labels: string[] = [];
    let at = this.#at;
    let after = -1;
    let limit = at;
    for (;;) {
      const length = this.#bytes.readUInt8(at);
      if (length === 0) break;
      if (length < 64) {
        labels.push(clean(this.#bytes.subarray(at + 1, at + 1 + length)));
        at += 1 + length;
        if (labels.length > 40) throw new RangeError('The name is too long.');
        continue;
      }
      const target = this.#bytes.readUInt16BE(at) & 0x3fff;
      if (after < 0) after = at + 2;
      if (target >= limit) throw new RangeError('The name points in circles.');
      limit = target;
      at = target;
    }
    this.#at = after < 0 ? at + 1 : after;
    return labels.join('.');
  }
}

const clean = (bytes: Buffer): string =>
  bytes
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, '')
    .toWellFormed();
