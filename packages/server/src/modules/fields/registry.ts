import type { CustomFieldType, CustomResource } from '@muster/api/custom-fields';
import type { Permission } from '@muster/api/permissions';
import type { CustomTable } from '../../platform/db/custom-values.ts';
import type { Listing } from '../../platform/listing/index.ts';

/** What a resource says about itself, so that its values can be checked and read without knowing its module. */
export interface CustomOwner {
  readonly table: CustomTable;
  /** Says by scope which records a caller may name or open. */
  readonly listing: Listing;
  readonly read: Permission;
  readonly write: Permission;
}

const owners = new Map<CustomResource, CustomOwner>();

/** Called once by the module of each resource, when it is loaded. */
export function bindCustomFields(resource: CustomResource, owner: CustomOwner): void {
  owners.set(resource, owner);
}

/** The owner of a resource; there is one for each that has custom fields. */
export function ownerOf(resource: CustomResource): CustomOwner {
  const owner = owners.get(resource);
  if (!owner) throw new Error(`No module has bound the custom fields of ${resource}`);
  return owner;
}

/** Which resource a value of a type names; undefined when it names none. */
export const referenceOf: Partial<Record<CustomFieldType, CustomResource>> = { person: 'people', place: 'places', asset: 'assets' };
