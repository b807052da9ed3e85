import { Problem, type FieldError } from '@muster/api/errors';
import type { Route } from '@muster/api/route';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Platform } from '../context.ts';
import { type Authenticate, checkAccess } from './authentication.ts';
import { once, type Remembered } from './idempotency.ts';
import { fieldErrors } from './problems.ts';
import type { Call, HandledRoute } from './routes.ts';

/** Mounts the routes of the shared language: access first, then all input at once, then the verb, then the answer's schema. */
export function mountRoutes(
  fastify: FastifyInstance,
  platform: Platform,
  authenticate: Authenticate,
  routes: readonly HandledRoute[],
): void {
  for (const handled of routes) {
    if (handled.route.consumes === undefined) mount(fastify, platform, authenticate, handled);
    else void fastify.register(uploadScope(platform, authenticate, handled, handled.route.consumes));
  }
}

/** A route that takes a file has a scope of its own, where its media type, and no other, arrives as a stream. */
function uploadScope(
  platform: Platform,
  authenticate: Authenticate,
  handled: HandledRoute,
  mediaType: string,
): (scope: FastifyInstance) => Promise<void> {
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload));
    mount(scope, platform, authenticate, handled);
  };
}

function mount(fastify: FastifyInstance, platform: Platform, authenticate: Authenticate, handled: HandledRoute): void {
  const { route } = handled;
  fastify.route({
    method: route.method,
    url: route.path,
    // HEAD would run a stream's handler for nothing.
    exposeHeadRoute: false,
    config: { access: route.access, label: route.path },
    onRequest: (request) => checkAccess(route.access, request, authenticate),
    handler: (request, reply) => answer(handled, platform, request, reply),
  });
}

async function answer(handled: HandledRoute, platform: Platform, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { route } = handled;
  if (route.consumes !== undefined && request.body === undefined)
    throw new Problem('unsupported_media', `Send the file as the body, with the content type ${route.consumes}.`);
  const call = makeCall(platform, request, reply, await validInput(route, request), versionOf(route, request));
  const key = request.headers['idempotency-key'];
  if (route.method === 'POST' && typeof key === 'string' && request.authenticated && !route.produces && !route.consumes) {
    const text = JSON.stringify([route.path, request.params, request.query, request.body ?? null]);
    const remembered = await once(platform, call.actor, key, text, async () => remember(route, await handled.handler(call), reply));
    if (remembered.replayed) reply.header('idempotency-replayed', 'true');
    return sendRemembered(reply, remembered);
  }
  const result = await handled.handler(call);
  if (route.produces !== undefined) return sendStream(route, reply, result);
  return sendRemembered(reply, remember(route, result, reply));
}

/** Params, query and body parsed by the route's schemas; throws one Problem with every bad field of all three. */
async function validInput(route: Route, request: FastifyRequest): Promise<{ params: unknown; query: unknown; body: unknown }> {
  const errors: FieldError[] = [];
  const parse = async (schema: z.ZodType | undefined, value: unknown, root: string): Promise<unknown> => {
    if (!schema) return undefined;
    const parsed = await schema.safeParseAsync(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    errors.push(...fieldErrors(parsed.error, root));
    return undefined;
  };
  const params = await parse(route.params, request.params, 'path');
  const query = await parse(route.query, request.query, 'query');
  const body = await parse(route.body, request.body ?? undefined, 'body');
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  return { params, query, body };
}

function versionOf(route: Route, request: FastifyRequest): number {
  if (!route.ifMatch) return 0;
  const header = request.headers['if-match'];
  if (header === undefined) throw new Problem('if_match_required');
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  // Another tag than ours names a version that is not the current one.
  if (version === undefined) throw new Problem('stale');
  return Number(version);
}

/** The actor of a public route without credentials. */
const anonymous = { kind: 'system', id: null, label: 'Anonymous', userId: null, personId: null, grants: [] } as const;

function makeCall(
  platform: Platform,
  request: FastifyRequest,
  reply: FastifyReply,
  input: { params: unknown; query: unknown; body: unknown },
  version: number,
): Call<Route> {
  return {
    ...(input as { params: never; query: never; body: never }),
    actor: { ...(request.authenticated?.actor ?? anonymous), requestId: request.id, ip: request.ip },
    db: platform.db,
    platform,
    version,
    etag: (number) => void reply.header('etag', `"${number}"`),
    request,
    reply,
  };
}

/** The answer as it goes out: parsed by the route's schema, so nothing undescribed leaves. A mismatch is our bug. */
function remember(route: Route, result: unknown, reply: FastifyReply): Remembered {
  const etag = reply.getHeader('etag');
  const status = route.status ?? (route.response ? 200 : 204);
  if (!route.response) return { status, body: '', etag: null };
  const parsed = route.response.safeParse(result);
  if (!parsed.success) throw new Error(`The answer of ${route.method} ${route.path} does not match its schema`, { cause: parsed.error });
  return { status, body: JSON.stringify(parsed.data), etag: typeof etag === 'string' ? etag : null };
}

function sendRemembered(reply: FastifyReply, remembered: Remembered): FastifyReply {
  if (reply.sent) return reply;
  if (remembered.etag !== null) reply.header('etag', remembered.etag);
  reply.header('cache-control', 'no-store').code(remembered.status);
  return remembered.body === '' ? reply.send() : reply.type('application/json; charset=utf-8').send(remembered.body);
}

/** A stream: what the handler returned, or nothing when it wrote to the reply itself. */
function sendStream(route: Route, reply: FastifyReply, result: unknown): FastifyReply {
  if (reply.sent || result === reply) return reply;
  if (!reply.hasHeader('content-type') && route.produces) reply.type(route.produces);
  return reply.code(route.status ?? 200).send(result);
}
