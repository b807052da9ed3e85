import { createSocket } from 'node:dgram';

/** A device of the test's own making: answers SNMPv2c by a function from the OID asked for to what follows it. Malice included. */
export interface TestDevice {
  readonly port: number;
  readonly requests: () => number;
  close(): Promise<void>;
}
export type Next = (oid: string) => { oid: string; text: string } | 'end' | 'silence' | Buffer;

export async function startDevice(next: Next, at: { port?: number; address?: string } = {}): Promise<TestDevice> {
  const socket = createSocket('udp4');
  let requests = 0;
  socket.on('message', (message, from) => {
    requests++;
    const request = readRequest(message);
    const values: Buffer[] = [];
    let { oid } = request;
    for (let i = 0; i < request.repetitions; i++) {
      const answer = next(oid);
      if (answer === 'silence') return;
      if (Buffer.isBuffer(answer)) {
        socket.send(answer, from.port, from.address);
        return;
      }
      if (answer === 'end') {
        values.push(tlv(0x30, Buffer.concat([oidOf(oid), Buffer.from([0x82, 0])])));
        break;
      }
      values.push(tlv(0x30, Buffer.concat([oidOf(answer.oid), tlv(0x04, Buffer.from(answer.text))])));
      oid = answer.oid;
    }
    const pdu = tlv(
      0xa2,
      Buffer.concat([request.id, tlv(2, Buffer.from([0])), tlv(2, Buffer.from([0])), tlv(0x30, Buffer.concat(values))]),
    );
    socket.send(tlv(0x30, Buffer.concat([request.version, request.community, pdu])), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(at.port ?? 0, at.address ?? '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    requests: () => requests,
    close: async () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** BER: tag, length, value (X.690). */
function tlv(tag: number, value: Buffer): Buffer {
  const length = value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function oidOf(oid: string): Buffer {
  const [a = 1, b = 3, ...rest] = oid.split('.').map(Number);
  const bytes = [a * 40 + b];
  for (const number of rest) {
    const groups = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    bytes.push(...groups);
  }
  return tlv(6, Buffer.from(bytes));
}

interface Part {
  readonly tag: number;
  readonly whole: Buffer;
  readonly value: Buffer;
}

function parts(bytes: Buffer): Part[] {
  const found: Part[] = [];
  for (let at = 0; at < bytes.length;) {
    const short = bytes[at + 1] as number;
    const extra = short & 0x80 ? short & 0x7f : 0;
    const length = extra ? bytes.readUIntBE(at + 2, extra) : short;
    const start = at + 2 + extra;
    found.push({ tag: bytes[at] as number, whole: bytes.subarray(at, start + length), value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function readRequest(message: Buffer): { version: Buffer; community: Buffer; id: Buffer; oid: string; repetitions: number } {
  const [version, community, pdu] = parts(parts(message)[0]?.value ?? Buffer.alloc(0)) as [Part, Part, Part];
  const [id, , repetitions, list] = parts(pdu.value) as [Part, Part, Part, Part];
  const [name] = parts(parts(list.value)[0]?.value ?? Buffer.alloc(0)) as [Part];
  const numbers: number[] = [Math.floor((name.value[0] ?? 0) / 40), (name.value[0] ?? 0) % 40];
  let number = 0;
  for (const byte of name.value.subarray(1)) {
    number = number * 128 + (byte & 127);
    if (byte < 128) {
      numbers.push(number);
      number = 0;
    }
  }
  const bulk = pdu.tag === 0xa5 ? repetitions.value.readUIntBE(0, repetitions.value.length) : 1;
  return { version: version.whole, community: community.whole, id: id.whole, oid: numbers.join('.'), repetitions: bulk };
}
