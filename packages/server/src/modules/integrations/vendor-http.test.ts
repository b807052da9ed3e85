import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VendorError } from './connector.ts';
import { type FakeVendor, fakeVendor } from './test-vendor.ts';
import { VendorHttp, type VendorLimits, waitOf } from './vendor-http.ts';

const small: VendorLimits = { timeoutMs: 200, maxBytes: 1000, attempts: 3, backoffMs: 1, maxWaitMs: 100 };
let vendor: FakeVendor;
beforeEach(async () => {
  vendor = await fakeVendor(async ({ path }) => {
    if (path === '/slow') return new Promise(() => undefined);
    if (path === '/large') return { text: 'x'.repeat(5000) };
    if (path === '/elsewhere') return { status: 302, headers: { location: 'http://127.0.0.2:9/' }, text: '' };
    if (path === '/secret') return { status: 400, text: 'you sent hunter2' };
    if (path === '/broken') return 'hang up';
    if (path === '/not-json') return { text: '<html>' };
    return { json: { fine: true } };
  });
});
afterEach(() => vendor.close());

const client = (signal = new AbortController().signal) => {
  const waits: string[] = [];
  const http = new VendorHttp(
    { baseUrl: vendor.url, authorise: async () => ({ authorization: 'Bearer hunter2' }) },
    {
      signal,
      limits: small,
      onRequest: () => undefined,
      onWait: async (message) => void waits.push(message),
      redact: (text) => text.replaceAll('hunter2', '•••'),
    },
  );
  return { http, waits };
};
const failure = async (path: string): Promise<VendorError> => {
  const error = await client()
    .http.json(path)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(VendorError);
  return error as VendorError;
};

describe('HTTP to a vendor', () => {
  test('is bounded in time, size and attempts', async () => {
    expect((await failure('/slow')).result).toBe('timed_out');
    expect(vendor.seen).toHaveLength(3);
    expect((await failure('/large')).message).toContain('larger than');
    expect((await failure('/broken')).result).toBe('failed');
    expect((await failure('/not-json')).message).toContain('not JSON');
  });

  test('follows no redirect, and nothing to another server', async () => {
    expect((await failure('/elsewhere')).message).toContain('302');
    for (const other of ['http://127.0.0.2:9/x', 'https://vendor.example/', `http://user@${new URL(vendor.url).host}.evil.example/`])
      expect((await failure(other)).message).toContain('another server');
  });

  test('keeps credentials out of what it tells', async () => {
    expect((await failure('/secret')).message).toMatch(/you sent •••/);
  });

  test('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const asked = client(stop.signal).http.json('/slow');
    stop.abort(new Error('stop'));
    await expect(asked).rejects.toThrow('stop');
  });

  test('gives up after its attempts, telling each pause', async () => {
    const { http, waits } = client();
    await expect(http.json('/broken')).rejects.toThrow('broke');
    expect(waits).toHaveLength(2);
  });

  test.each([
    ['2', 2000],
    [' 0.5 ', 500],
    ['Tue, 24 Nov 2026 12:00:10 GMT', 10_000],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    [null, null],
  ])('Retry-After %s', (header, expected) => {
    expect(waitOf(header, Date.UTC(2026, 10, 24, 12))).toBe(expected);
  });
});
