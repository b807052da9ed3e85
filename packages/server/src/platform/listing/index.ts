export { escapeLike } from './compile.ts';
export { type Column, type CustomBinding, defineListing, type Listing, type ListingSpec, type Sql } from './definition.ts';
export { exportQuery, xlsxRowLimit } from './export.ts';
export { facetsQuery } from './facets.ts';
export { listQuery } from './page.ts';
export { listRoutes } from './routes.ts';
export { canReach, reachableIds, scopeCondition } from './scope.ts';
export { asOfInstant } from './as-of.ts';
