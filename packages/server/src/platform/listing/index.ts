export { escapeLike } from './compile.ts';
export {
  bigTable,
  type Column,
  type CustomBinding,
  allOf,
  defineListing,
  joinsFor,
  type Listing,
  type ListingSpec,
  listingNamed,
  type Sql,
  withCustomFields,
} from './definition.ts';
export { exportQuery, harmless, xlsxRowLimit } from './export.ts';
export { facetsQuery } from './facets.ts';
export { listQuery, matching } from './page.ts';
export { listRoutes, ownListRoutes, permissionOfList } from './routes.ts';
export { canReach, reachableIds, scopeCondition } from './scope.ts';
export { asOfInstant, mustBeInstant } from './as-of.ts';
export { planQuery } from './plan.ts';
