import type { Resource } from '@muster/api/fields';
import type { Permission } from '@muster/api/permissions';
import type { ListRoutes } from '@muster/api/resource';
import { type Actor, systemActor } from '../context.ts';
import { handle, type HandledRoute } from '../http/routes.ts';
import type { Listing } from './definition.ts';
import { exportQuery, xlsxRowLimit } from './export.ts';
import { facetsQuery } from './facets.ts';
import { listQuery } from './page.ts';

const permissions = new Map<string, Permission>();

/** The permission whose scopes a list of this resource applies; undefined for lists that are no matter of role scopes. */
export const permissionOfList = (resource: string): Permission | undefined => permissions.get(resource);

/** The list, facets and export of a resource, tied to its listing under the permission of its routes. */
export function listRoutes<R extends Resource>(listing: Listing<R>, routes: ListRoutes<R>): HandledRoute[] {
  permissions.set(listing.resource.name, routes.permission);
  return routesOver(routes, (actor) => ({ listing, reader: actor }));
}

/** As `listRoutes`, where what one may see is no matter of role scopes: the listing made for the caller holds that condition itself. */
export function ownListRoutes<R extends Resource>(listingFor: (actor: Actor) => Listing<R>, routes: ListRoutes<R>): HandledRoute[] {
  return routesOver(routes, (actor) => ({ listing: listingFor(actor), reader: systemActor }));
}

function routesOver<R extends Resource>(
  routes: ListRoutes<R>,
  seenBy: (actor: Actor) => { listing: Listing<R>; reader: Actor },
): HandledRoute[] {
  const { permission } = routes;
  return [
    // Facets and export come first: where a record's route has the same shape, the fixed path must win whatever the router does.
    handle(routes.facets, async ({ db, query, actor, platform }) => {
      const { listing, reader } = seenBy(actor);
      return facetsQuery(db, listing, query, reader, platform.now(), permission);
    }),
    handle(routes.export, async ({ db, query, actor, platform, reply }) => {
      const { bom, ...rest } = query;
      const { listing, reader } = seenBy(actor);
      const file = await exportQuery(db, listing, { ...rest, bom: bom === 'true' }, reader, platform.now(), permission);
      reply.type(file.mediaType).header('content-disposition', `attachment; filename="${file.name}"`).header('cache-control', 'no-store');
      if (query.format === 'xlsx') reply.header('x-row-limit', String(xlsxRowLimit));
      return file.body as never;
    }),
    handle(routes.list, async ({ db, query, actor, platform }) => {
      const { listing, reader } = seenBy(actor);
      return listQuery(db, listing, query, reader, platform.now(), permission);
    }),
  ];
}
