import { describe, expect, test } from 'vitest';
import { authenticate, negotiateMessage, NtlmSession, ntowfv2, readChallenge, respond, splitUser } from './ntlm.ts';
import { md4, Rc4 } from './rc4-md4.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (buffer: Buffer): string => buffer.toString('hex');

test.each([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
  ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
])('MD4 of %j is as in RFC 1320', (message, digest) => {
  expect(text(md4(Buffer.from(message)))).toBe(digest);
});

test('RC4 is as in RFC 6229', () => {
  expect(text(new Rc4(hex('0102030405')).apply(Buffer.alloc(16)))).toBe('b2396305f03dc027ccc3524a0a1118a8');
});

describe('the examples of MS-NLMP 4.2.4', () => {
  const user = { domain: 'Domain', user: 'User', password: 'Password' };
  const key = ntowfv2(user);
  const info = hex('02000c0044006f006d00610069006e0001000c00530065007200760065007200 00000000');
  const answer = respond(key, hex('0123456789abcdef'), hex('aaaaaaaaaaaaaaaa'), Buffer.alloc(8), info);

  test('NTOWFv2, the responses and the session base key', () => {
    expect(text(key)).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    expect(text(answer.lm)).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
    expect(text(answer.nt.subarray(0, 16))).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(text(answer.sessionBaseKey)).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
    expect(text(new Rc4(answer.sessionBaseKey).apply(Buffer.alloc(16, 0x55)))).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
  });

  test('sealing and signing of the first message', () => {
    const { sealed, signature } = new NtlmSession(Buffer.alloc(16, 0x55), 'client').seal(Buffer.from('Plaintext', 'utf16le'));
    expect(text(sealed)).toBe('54e50165bf1936dc996020c1811b0f06fb5f');
    expect(text(signature)).toBe('010000007fb38ec5c55d497600000000');
  });
});

test('what one side seals the other opens, in order; a changed byte is found', () => {
  const [client, server] = [new NtlmSession(Buffer.alloc(16, 7), 'client'), new NtlmSession(Buffer.alloc(16, 7), 'server')];
  for (const words of ['first', 'second', '']) {
    const { signature, sealed } = client.seal(Buffer.from(words));
    expect(server.open(signature, sealed)?.toString()).toBe(words);
  }
  const { signature, sealed } = server.seal(Buffer.from('answer'));
  sealed[0] = (sealed[0] as number) ^ 1;
  expect(client.open(signature, sealed)).toBeNull();
});

test('a challenge that is cut, none, or weaker is refused', () => {
  const challenge = Buffer.alloc(48);
  challenge.write('NTLMSSP\0', 'latin1');
  challenge.writeUInt32LE(2, 8);
  expect(() => readChallenge(challenge)).toThrow('128 bit');
  challenge.writeUInt32LE(0xe2898235, 20);
  expect(readChallenge(challenge).targetInfo).toHaveLength(0);
  challenge.writeUInt16LE(100, 40);
  expect(() => readChallenge(challenge)).toThrow('cut');
  expect(() => readChallenge(Buffer.from('NTLMSSP'))).toThrow('no NTLM challenge');
  challenge.writeUInt16LE(0, 40);
  expect(authenticate({ domain: '', user: 'u', password: 'p' }, negotiateMessage(), readChallenge(challenge)).message.readUInt32LE(8)).toBe(
    3,
  );
});

test('a user name may bring its domain', () => {
  expect(splitUser('CORP\\ada')).toEqual({ domain: 'CORP', user: 'ada' });
  expect(splitUser('ada@corp.example.org')).toEqual({ domain: '', user: 'ada@corp.example.org' });
});
