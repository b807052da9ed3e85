import type { Permission, RouteAccess } from '@muster/api/permissions';
import { Problem } from '@muster/api/errors';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../context.ts';

/** Who a request comes from. `sessionId` when it came with a session cookie. */
export interface Authenticated {
  readonly actor: Actor;
  readonly sessionId?: string;
}

/**
 * Reads a request's credentials: null when there are none or they are not (any more) valid. Throws Problem('csrf') when a cookie came
 * with a change that the application did not send.
 */
export type Authenticate = (request: FastifyRequest) => Promise<Authenticated | null>;

declare module 'fastify' {
  interface FastifyRequest {
    authenticated: Authenticated | null;
  }
  interface FastifyContextConfig {
    /** What the route asks for; every route must say it. */
    access?: RouteAccess;
    /** The route's path as the API writes it, for metrics and logs. */
    label?: string;
  }
}

/** Whether the actor holds the permission anywhere; where it holds is the listing's and the verb's question. */
export function holds(actor: Actor, permission: Permission): boolean {
  return actor.grants.some((grant) => grant.permission === permission);
}

/** The one place that lets a request pass. `agent` routes check their enrolment key themselves, because the key may be in the path or body. */
export async function checkAccess(access: RouteAccess, request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  if (access === 'agent') return;
  if (access === 'public') return;
  request.authenticated = await authenticate(request);
  if (!request.authenticated) throw new Problem('not_signed_in');
  if (!holds(request.authenticated.actor, access)) throw new Problem('forbidden', `This needs the permission ${access}.`);
}
