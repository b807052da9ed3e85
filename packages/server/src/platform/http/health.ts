import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Platform } from '../context.ts';
import { type Authenticate, checkAccess } from './authentication.ts';

/** A reason for not being ready; empty when it is. */
export type Readiness = () => Promise<string[]>;

/** `/healthz`: the process answers. `/readyz`: it can do its work. `/metrics`: Prometheus text. */
export function mountHealth(fastify: FastifyInstance, platform: Platform, authenticate: Authenticate, readiness: Readiness): void {
  fastify.get('/healthz', { config: { access: 'public' } }, async () => ({ status: 'ok' }));
  fastify.get('/readyz', { config: { access: 'public' } }, async (_request, reply) => {
    const reasons = await notReady(platform, readiness);
    return reply.code(reasons.length > 0 ? 503 : 200).send(reasons.length > 0 ? { status: 'not ready', reasons } : { status: 'ready' });
  });
  fastify.get(
    '/metrics',
    { config: { access: 'settings:read' }, onRequest: async (request) => localOrAllowed(request, authenticate) },
    async (_request, reply: FastifyReply) => reply.type(platform.metrics.contentType).send(await platform.metrics.metrics()),
  );
}

async function notReady(platform: Platform, readiness: Readiness): Promise<string[]> {
  try {
    await sql`select 1`.execute(platform.db);
  } catch {
    return ['the database does not answer'];
  }
  return readiness();
}

/**
 * A scraper on the same machine needs no token, as node-exporter's needs none; anyone else does. A request a proxy passed on is not
 * local, whatever its peer's address.
 */
async function localOrAllowed(request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  const peer = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined;
  const credentials = request.headers.authorization !== undefined || request.headers.cookie !== undefined;
  if (!forwarded && !credentials && (peer === '127.0.0.1' || peer === '::1' || peer === '::ffff:127.0.0.1')) return;
  await checkAccess('settings:read', request, authenticate);
}
