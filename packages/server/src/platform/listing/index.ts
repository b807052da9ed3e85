export { escapeLike } from './compile.ts';
export { type Column, defineListing, type Listing, type ListingSpec, type Sql } from './definition.ts';
export { exportQuery, harmless, xlsxRowLimit } from './export.ts';
export { facetsQuery } from './facets.ts';
export { listQuery } from './page.ts';
export { listRoutes } from './routes.ts';
export { canReach, scopeCondition } from './scope.ts';
