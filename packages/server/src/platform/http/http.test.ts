import { z } from 'zod';
import { Problem } from '@muster/api/errors';
import { moneySchema } from '@muster/api/money';
import { defineRoute } from '@muster/api/route';
import type { LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modules } from '../../app.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import type { Module } from '../context.ts';
import { AttemptLimit } from './attempts.ts';
import { handle } from './routes.ts';

const tag = 'Test';
const thing = z.object({ name: z.string(), price: moneySchema.nullable() });
let runs = 0;

/** Routes that do what routes do, to look at the frame around them. */
const probe: Module = {
  name: 'probe',
  routes: [
    handle(
      defineRoute({
        method: 'POST',
        path: '/api/v1/probe/:id',
        summary: 'p',
        tag,
        access: 'self',
        params: z.object({ id: z.uuid() }),
        query: z.object({ day: z.iso.date().optional(), limit: z.coerce.number().int().max(10).default(5) }),
        body: z.object({
          name: z.string().min(2),
          price: moneySchema,
          tags: z.array(z.string().max(3)),
          deep: z.object({ level: z.enum(['low', 'high']) }),
        }),
        response: z.object({ limit: z.number() }),
      }),
      async ({ query }) => ({ limit: query.limit }),
    ),
    handle(
      defineRoute({
        method: 'POST',
        path: '/api/v1/probe-once',
        summary: 'p',
        tag,
        access: 'self',
        body: z.object({ name: z.string() }),
        response: z.object({ run: z.number(), secret: z.string() }),
        status: 201,
      }),
      async ({ body, etag }) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        if (body.name === 'bad') throw new Problem('conflict', 'not this one');
        runs += 1;
        etag(runs);
        return { run: runs, secret: 'top-secret-value' };
      },
    ),
    handle(
      defineRoute({ method: 'GET', path: '/api/v1/probe-leak', summary: 'p', tag, access: 'self', response: thing }),
      async () => ({ name: 'a', price: null, passwordHash: 'x' }) as { name: string; price: null },
    ),
    handle(
      defineRoute({ method: 'GET', path: '/api/v1/probe-wrong', summary: 'p', tag, access: 'self', response: thing }),
      async () => ({ name: 1, secret: 'hidden' }) as never,
    ),
    handle(defineRoute({ method: 'GET', path: '/api/v1/probe-bug', summary: 'p', tag, access: 'self', response: thing }), async () => {
      throw new TypeError('a secret detail of the inside');
    }),
    handle(
      defineRoute({
        method: 'PATCH',
        path: '/api/v1/probe-version',
        summary: 'p',
        tag,
        access: 'self',
        ifMatch: true,
        body: z.object({}),
        response: z.object({ version: z.number() }),
      }),
      async ({ version }) => {
        if (version !== 3) throw new Problem('stale');
        return { version };
      },
    ),
    handle(
      defineRoute({ method: 'GET', path: '/api/v1/probe-stream', summary: 'p', tag, access: 'self', produces: 'text/csv' }),
      async () => Readable.from(['a,b\n', '1,2\n']) as never,
    ),
  ],
  mount: (scope) => {
    scope.post('/raw/*', { config: { access: 'public' } }, async (request) => ({
      buffer: Buffer.isBuffer(request.body),
      bytes: (request.body as Buffer | undefined)?.length ?? 0,
      cookies: request.headers.cookie ?? null,
    }));
  },
};

let t: TestApp;
let user: TestActor;
beforeAll(async () => {
  t = await testApp({ modules: [...modules, probe], requestsPerMinute: 500 });
  user = await t.as('employee');
});
afterAll(async () => t.close());

const post = async (url: string, payload: unknown, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  user.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

describe('input', () => {
  test('every bad field of path, query and body is named at once, with a code', async () => {
    const answer = await post('/api/v1/probe/x?day=2026-13-01&limit=11', {
      name: 'a',
      price: { amount: '1,5' },
      tags: ['ok', 'longer'],
      deep: { level: 'mid' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const problem = answer.json();
    expect(problem).toMatchObject({
      type: '/docs/errors/validation_failed',
      status: 400,
      code: 'validation_failed',
      requestId: answer.headers['x-request-id'],
    });
    expect(problem.errors.map((error: { field: string; code: string }) => `${error.field}: ${error.code}`)).toEqual([
      'id: wrong_format',
      'day: wrong_format',
      'limit: too_big',
      'name: too_short',
      'price.amount: wrong_format',
      'price.currency: required',
      'tags[1]: too_long',
      'deep.level: not_allowed',
    ]);
  });

  test.each([
    ['not JSON', '{', 400, 'body_not_readable', {}],
    ['empty', '', 400, 'body_not_readable', {}],
    ['another type', '<a/>', 415, 'unsupported_media', { 'content-type': 'application/xml' }],
    ['too large', JSON.stringify({ name: 'x'.repeat(9 * 1024 * 1024) }), 413, 'too_large', {}],
    ['a prototype', '{"__proto__":{"admin":true}}', 400, 'body_not_readable', {}],
    ['no object', '[]', 400, 'validation_failed', {}],
    ['nothing', 'null', 400, 'validation_failed', {}],
  ])('a body that is %s', async (_, body, status, code, headers) => {
    const answer = await post('/api/v1/probe-once', body, headers);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test('access is decided before the body is read', async () => {
    const answer = await t.anonymous.inject({
      method: 'POST',
      url: '/api/v1/probe-once',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe('output', () => {
  test('what the schema does not name does not leave', async () => {
    expect((await user.inject({ url: '/api/v1/probe-leak' })).json()).toEqual({ name: 'a', price: null });
  });

  test.each(['/api/v1/probe-wrong', '/api/v1/probe-bug'])(
    'a bug is `internal`, says nothing of the inside, and carries the request id: %s',
    async (url) => {
      const answer = await user.inject({ url, headers: { 'x-request-id': 'find-me-7' } });
      expect(answer.json()).toEqual({
        type: '/docs/errors/internal',
        title: 'Something went wrong on our side',
        status: 500,
        code: 'internal',
        requestId: 'find-me-7',
      });
    },
  );

  test('a request id that is no plain word is replaced', async () => {
    const { headers } = await user.inject({ url: '/healthz', headers: { 'x-request-id': 'a b\tc' } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a stream goes out with its type', async () => {
    const answer = await user.inject({ url: '/api/v1/probe-stream' });
    expect([answer.headers['content-type'], answer.body]).toEqual(['text/csv', 'a,b\n1,2\n']);
  });
});

test.each([
  [undefined, 428, 'if_match_required'],
  ['"2"', 412, 'stale'],
  ['"x"', 412, 'stale'],
  ['*', 412, 'stale'],
  ['W/"3"', 200, undefined],
  ['"3"', 200, undefined],
])('If-Match %s', async (header, status, code) => {
  const answer = await user.inject({
    method: 'PATCH',
    url: '/api/v1/probe-version',
    payload: {},
    ...(header ? { headers: { 'if-match': header } } : {}),
  });
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});

describe('Idempotency-Key', () => {
  const send = async (key: string, name = 'a', actor = user): Promise<LightMyRequestResponse> =>
    actor.inject({ method: 'POST', url: '/api/v1/probe-once', payload: { name }, headers: { 'idempotency-key': key } });

  test('a repeat gets the first answer, in body, status and version', async () => {
    const before = runs;
    const first = await send('repeat');
    const second = await send('repeat');
    expect(first.statusCode).toBe(201);
    expect([second.statusCode, second.json(), second.headers['etag'], second.headers['idempotency-replayed']]).toEqual([
      201,
      first.json(),
      first.headers['etag'],
      'true',
    ]);
    expect(runs).toBe(before + 1);
    expect((await send('repeat', 'b')).json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
  });

  test('many at once run once', async () => {
    const before = runs;
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('crowd')));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(runs).toBe(before + 1);
  });

  test('a key belongs to who used it', async () => {
    const other = await t.as('employee');
    const first = await send('mine');
    expect((await send('mine', 'b', other)).json()).not.toEqual(first.json());
  });

  test('a problem is not remembered, so the request can be tried again', async () => {
    expect((await send('retry', 'bad')).statusCode).toBe(409);
    expect((await send('retry', 'good')).statusCode).toBe(201);
  });

  test('the stored answer is sealed', async () => {
    await send('sealed');
    const { rows } = await sql<{ text: string }>`select response::text as text from idempotency_keys where key = 'sealed'`.execute(t.db);
    expect(rows[0]?.text).toContain('sealed');
    expect(rows[0]?.text).not.toContain('top-secret-value');
  });

  test('a key whose server died is taken over after its lease', async () => {
    await sql`insert into idempotency_keys (actor, key, request_hash, status, created_at) values (${`user:${user.userId}`}, 'dead', 'x', 0, now() - interval '3 minutes')`.execute(
      t.db,
    );
    expect((await send('dead')).statusCode).toBe(201);
  });

  test('a key with blanks is refused', async () => {
    expect((await send('a b')).json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'Idempotency-Key' }] });
  });
});

test('a raw route gets bytes, whatever the type says', async () => {
  for (const type of ['application/json', 'application/xml', 'application/x-compress-zlib', 'x'])
    expect(
      (await t.app.inject({ method: 'POST', url: '/raw/a/b', headers: { 'content-type': type }, payload: '{not json' })).json(),
    ).toMatchObject({ buffer: true, bytes: 9 });
});

test('a route that declares no access stops the start', async () => {
  const careless: Module = { name: 'careless', routes: [], mount: (scope) => void scope.get('/open', async () => 'oops') };
  await expect(testApp({ modules: [...modules, careless] })).rejects.toThrow('GET /open declares no access');
});

test('attempts are counted in a sliding window', () => {
  const limit = new AttemptLimit({ max: 2, windowMs: 10_000 });
  limit.failed('k', 0);
  expect(limit.waitSeconds('k', 1000)).toBe(0);
  limit.failed('k', 4000);
  expect(limit.waitSeconds('k', 5000)).toBe(5);
  expect(limit.waitSeconds('other', 5000)).toBe(0);
  expect(limit.waitSeconds('k', 10_001)).toBe(0);
  limit.failed('k', 10_001);
  limit.succeeded('k');
  expect(limit.waitSeconds('k', 10_002)).toBe(0);
});

test('a client that runs away is slowed down with a problem document', async () => {
  const answers = [];
  for (let i = 0; i < 520; i++) answers.push(await t.app.inject({ url: '/api/v1/setup', remoteAddress: '10.77.0.1' }));
  expect(answers[499]?.statusCode).toBe(200);
  expect(answers[519]?.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
});
