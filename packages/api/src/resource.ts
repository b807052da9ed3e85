import type { z } from 'zod';
import type { Resource, Row } from './fields.ts';
import { exportQuerySchema, facetQuerySchema, facetsSchema, listQuerySchema, pageOf, type Page } from './listing.ts';
import type { Permission } from './permissions.ts';
import { defineRoute, type Route } from './route.ts';

/** The three read routes every resource has: its list, its facets and its export. */
export interface ListRoutes<R extends Resource = Resource> {
  readonly resource: R;
  readonly permission: Permission;
  readonly list: Route<undefined, typeof listQuerySchema, undefined, z.ZodType<Page<Partial<Row<R>>>>>;
  readonly facets: Route<undefined, typeof facetQuerySchema, undefined, typeof facetsSchema>;
  /** Streams a file: CSV with every row, or XLSX up to its row cap. */
  readonly export: Route<undefined, typeof exportQuerySchema, undefined, undefined>;
}

/**
 * The list routes of a resource at `path`, for example `listRoutesOf(assetResource, '/api/v1/assets', 'assets:read')`.
 * The server answers them with `listRoutes(listing, routes)`; a client calls `routes.list`, `routes.facets`, `routes.export`.
 */
export function listRoutesOf<R extends Resource>(resource: R, path: string, permission: Permission): ListRoutes<R> {
  const shared = { tag: resource.plural, access: permission } as const;
  return {
    resource,
    permission,
    list: defineRoute({
      ...shared,
      method: 'GET',
      path,
      summary: `List ${resource.plural.toLowerCase()}`,
      description: 'Search, filter, sort and page by cursor. The filter language is described in the guide “Filter language”.',
      query: listQuerySchema,
      response: pageOf(resource),
      errors: ['bad_filter', 'bad_cursor', 'validation_failed'],
    }),
    facets: defineRoute({
      ...shared,
      method: 'GET',
      path: `${path}/facets`,
      summary: `Count ${resource.plural.toLowerCase()} by their most frequent values`,
      query: facetQuerySchema,
      response: facetsSchema,
      errors: ['bad_filter', 'validation_failed'],
    }),
    export: defineRoute({
      ...shared,
      method: 'GET',
      path: `${path}/export`,
      summary: `Export ${resource.plural.toLowerCase()} as CSV or XLSX`,
      query: exportQuerySchema,
      produces: 'text/csv',
      errors: ['bad_filter', 'validation_failed', 'too_large'],
    }),
  };
}
