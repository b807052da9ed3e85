export { escapeLike } from './compile.ts';
export { type Column, defineListing, type Listing, type ListingSpec, listingNamed, type Sql } from './definition.ts';
export { exportQuery, xlsxRowLimit } from './export.ts';
export { facetsQuery } from './facets.ts';
export { listQuery, matching } from './page.ts';
export { listRoutes, ownListRoutes } from './routes.ts';
export { canReach, scopeCondition } from './scope.ts';
export { planQuery } from './plan.ts';
