import content from '../../../../../content/asset-classes.json' with { type: 'json' };
import type { Tx } from '../../platform/db/types.ts';
import { refreshStaleness } from './staleness.ts';
import { putClasses } from './store.ts';

/** The built-in classes, from content/asset-classes.json. */
export const builtInClasses = content.classes;

/** Makes the built-in classes known to the database; does nothing when they are there as content says. */
export async function seedAssetClasses(tx: Tx): Promise<void> {
  await putClasses(tx, builtInClasses);
  await refreshStaleness(tx);
}
