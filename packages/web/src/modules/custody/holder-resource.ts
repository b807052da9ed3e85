import type { HolderKind } from '@muster/api/custody';

/** The resource whose page shows a holder. */
export const resourceOf: Record<HolderKind, string> = { person: 'people', team: 'teams', place: 'places', asset: 'assets' };
