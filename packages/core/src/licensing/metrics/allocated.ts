/**
 * Rights that were set aside for consumers by hand. They are consumed whether needed or not: 6 allocated where 4 are needed consume 6, 2 of them idle.
 * Source: ServiceNow SAM, supported Microsoft licence types. Quantities in licences.
 */
export function allocatedRights(
  allocated: number,
  needed: number,
): { consumed: number; allocatedInUse: number; allocatedNotInUse: number } {
  const allocatedInUse = Math.min(allocated, needed);
  return { consumed: Math.max(allocated, needed), allocatedInUse, allocatedNotInUse: allocated - allocatedInUse };
}

/**
 * Subscriptions of people beside the rights allocated to people: in use, idle, and used without an allocation.
 * Source: ServiceNow SAM, licence metrics (user subscription).
 */
export function allocatedSubscriptions(
  userAllocationRights: number,
  subscriptions: number,
): { allocatedInUse: number; allocatedNotInUse: number; notAllocatedInUse: number } {
  const allocatedInUse = Math.min(userAllocationRights, subscriptions);
  return { allocatedInUse, allocatedNotInUse: userAllocationRights - allocatedInUse, notAllocatedInUse: subscriptions - allocatedInUse };
}
