import { createSocket, type Socket } from 'node:dgram';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { askMdns, query, readMdns } from './mdns.ts';

let socket: Socket | undefined;
afterEach(() => {
  socket?.close();
  socket = undefined;
});

const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
function record(name: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(120, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOf(name), head, data]);
}
const texts = (...all: string[]): Buffer =>
  Buffer.concat(all.map((text) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])));
function answer(...records: Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x8400, 2);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, ...records]);
}
const printer = answer(
  record('_services._dns-sd._udp.local', 12, nameOf('_ipp._tcp.local')),
  record('_services._dns-sd._udp.local', 12, nameOf('_http._tcp.local')),
  record('_ipp._tcp.local', 12, nameOf('Büro 2.OG._ipp._tcp.local')),
  record('Büro 2.OG._ipp._tcp.local', 33, Buffer.concat([Buffer.from([0, 0, 0, 0, 2, 0x77]), nameOf('NPI1A2B3C.local')])),
  record('Büro 2.OG._ipp._tcp.local', 16, texts('txtvers=1', 'ty=HP LaserJet M507', 'adminurl=http://npi1a2b3c.local')),
);

/** A host that answers each query with these bytes. */
async function host(bytes: Buffer): Promise<number> {
  const one = createSocket('udp4');
  socket = one;
  one.on('message', (message, from) => {
    // The question is one for this port, by unicast.
    if (message.includes(nameOf('_services._dns-sd._udp.local'))) one.send(bytes, from.port, from.address);
  });
  await new Promise<void>((resolve) => one.bind(0, '127.0.0.1', resolve));
  return one.address().port;
}

describe('a host that speaks multicast DNS', () => {
  test('tells its name, services and model', async () => {
    expect(await askMdns('127.0.0.1', 2000, await host(printer))).toEqual({
      name: 'NPI1A2B3C',
      services: ['_http._tcp', '_ipp._tcp'],
      model: 'HP LaserJet M507',
    });
  });

  test('or one that does not, or answers with nonsense, is nothing', async () => {
    expect(await askMdns('127.0.0.1', 200, await host(Buffer.from('nonsense, and long enough for it')))).toBeNull();
    socket?.close();
    socket = undefined;
    const unused = createSocket('udp4');
    await new Promise<void>((resolve) => unused.bind(0, '127.0.0.1', resolve));
    const { port } = unused.address();
    await new Promise<void>((resolve) => void unused.close(() => resolve()));
    expect(await askMdns('127.0.0.1', 200, port)).toBeNull();
  });
});

test('what is cut, points in circles or is any bytes ends with what came before', () => {
  for (let length = 0; length < printer.length; length++) readMdns(printer.subarray(0, length));
  expect(readMdns(printer.subarray(0, printer.length - 10))).toMatchObject({ name: 'NPI1A2B3C', model: null });
  const circle = answer(Buffer.concat([Buffer.from([0xc0, 12]), Buffer.alloc(10)]));
  expect(readMdns(circle)).toEqual({ name: null, services: [], model: null });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const facts = readMdns(Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 1, 0, 3, 0, 0, 0, 0]), bytes]));
      return facts !== null && facts.services.length <= 50;
    }),
  );
  // A question is no answer.
  expect(readMdns(query(['_ipp._tcp.local']))).toBeNull();
});
