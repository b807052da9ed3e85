import { Problem } from '@muster/api/errors';
import type { FastifyRequest } from 'fastify';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Authenticate, Authenticated } from '../../platform/http/authentication.ts';
import { tokenActor, userActor } from './actors.ts';
import { cookieName, idleMs, lifetimeMs } from './sessions.ts';
import { extendSession, noteTokenUse, signedIn, usableToken } from './store-sessions.ts';

/** How stale `last seen` and `last used` may be: not every request writes. */
const NOTE_MS = 60_000;

/** Reads the bearer token or the session cookie of a request. A bearer token that is given decides alone. */
export function createAuthenticate(platform: Platform): Authenticate {
  return async (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return byToken(platform, authorization);
    const cookie = request.cookies?.[cookieName];
    return cookie ? bySession(platform, request, cookie) : null;
  };
}

async function byToken(platform: Platform, authorization: string): Promise<Authenticated | null> {
  const secret = /^Bearer +(\S{1,200})$/i.exec(authorization)?.[1];
  if (secret === undefined) return null;
  const now = platform.now();
  const token = await usableToken(platform.db, platform.secrets.hash(secret), now);
  if (!token) return null;
  if (!token.last_used_at || now.getTime() - token.last_used_at.getTime() > NOTE_MS)
    await inTx(platform.db, (tx) => noteTokenUse(tx, token.id, now));
  return { actor: tokenActor(token) };
}

async function bySession(platform: Platform, request: FastifyRequest, cookie: string): Promise<Authenticated | null> {
  const now = platform.now();
  const session = await signedIn(platform.db, platform.secrets.hash(cookie), now);
  if (!session) return null;
  if (request.method !== 'GET' && request.method !== 'HEAD') requireOwnOrigin(platform, request);
  if (now.getTime() - session.last_seen_at.getTime() > NOTE_MS) {
    const latest = session.created_at.getTime() + lifetimeMs;
    await inTx(platform.db, (tx) => extendSession(tx, session.id, now, new Date(Math.min(now.getTime() + idleMs, latest))));
  }
  return { actor: userActor(session), sessionId: session.id };
}

/**
 * Against cross-site request forgery, which SameSite=Lax alone does not stop from a sister subdomain: a change needs a header that no
 * form can set and no foreign script may without a preflight (which we never grant), and what the browser says of the origin must fit.
 */
export function requireOwnOrigin(platform: Platform, request: FastifyRequest): void {
  if (request.headers['x-muster-request'] !== '1') throw new Problem('csrf', 'The header x-muster-request: 1 is missing.');
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Problem('csrf', 'The request came from another site.');
  const { origin } = request.headers;
  if (origin === undefined) return;
  // The browser's own address counts, so the application works under every name it is reached by.
  const own = [`${request.protocol}://${request.host}`, new URL(platform.config.baseUrl).origin];
  if (!own.includes(origin)) throw new Problem('csrf', 'The request came from another origin.');
}
