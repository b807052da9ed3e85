import type { Module } from '../../platform/context.ts';
import { bindCustomFields } from '../fields/index.ts';
import { peopleRoutes } from './routes.ts';
import { orgUnitListing, personListing } from './store-listing.ts';
import { teamRoutes } from './team-routes.ts';

bindCustomFields('people', { table: 'people', listing: personListing, read: 'people:read', write: 'people:write' });
bindCustomFields('org-units', { table: 'org_units', listing: orgUnitListing, read: 'people:read', write: 'people:write' });

export const peopleModule: Module = { name: 'people', routes: [...peopleRoutes, ...teamRoutes] };
