import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, Route } from '@muster/api/route';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, Platform } from '../context.ts';
import type { Db } from '../db/types.ts';

/** What a handler gets: validated input, who asks, and the platform. */
export interface Call<X> {
  readonly params: ParamsOf<X>;
  readonly query: QueryOf<X>;
  readonly body: BodyOf<X>;
  /** Who asks; carries the request's id and address for the audit log. */
  readonly actor: Actor & { requestId: string; ip: string };
  readonly db: Db;
  readonly platform: Platform;
  /** The version the caller edits (`If-Match: "7"`), when the route has `ifMatch`. */
  readonly version: number;
  /** Sets the ETag of the answered record. */
  readonly etag: (version: number) => void;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface HandledRoute {
  readonly route: Route;
  readonly handler: (call: Call<Route>) => Promise<unknown>;
}

/** Ties a route of the language to a verb. */
export function handle<X extends Route>(route: X, handler: (call: Call<X>) => Promise<ResponseOf<X>>): HandledRoute {
  return { route, handler };
}

/**
 * Routes on what belongs to the whole installation (users, keys, settings, the audit log): the permission must hold everywhere, one that
 * is limited to a part of the organisation does not open them.
 */
export function everywhere(routes: readonly HandledRoute[]): HandledRoute[] {
  return routes.map(({ route, handler }) => ({
    route,
    handler: async (call) => {
      const { access } = route;
      const limited = access !== 'public' && access !== 'agent' && access !== 'self' && !holdsEverywhere(call.actor, access);
      if (limited) throw new Problem('forbidden', `This needs the permission ${access} for the whole organisation.`);
      return handler(call);
    },
  }));
}

/** Whether the actor holds the permission without a limit of place. */
export function holdsEverywhere(actor: Actor, permission: Permission): boolean {
  return actor.grants.some((grant) => grant.permission === permission && grant.scope.kind === 'all');
}
