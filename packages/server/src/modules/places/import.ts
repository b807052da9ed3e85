import type { ReferenceTarget } from '../../platform/importing/importable.ts';
import { resolveInTree } from '../../platform/importing/tree-references.ts';
import { createPlace } from './places.ts';
import { contentsOfPlace, deletePlaceRow } from './store.ts';

/** Places as other records name them in a file. */
export const placeReferences: ReferenceTarget = {
  resource: 'places',
  permission: 'people:write',
  resolve: (db, named) => resolveInTree(db, 'places', named),
  create: async (tx, context, named) => {
    const ids: string[] = [];
    for (const n of named) ids.push(await createPlace(tx, context.actor, { name: n['any'] ?? n['name'] ?? '', kind: 'site' }, context.now));
    return ids;
  },
  remove: async (tx, _context, ids) => {
    const kept = new Map<string, string>();
    for (const id of ids) {
      const contents = await contentsOfPlace(tx, id);
      if (contents.length > 0) kept.set(id, `The place still has ${contents.join(', ')} in it.`);
      else await deletePlaceRow(tx, id);
    }
    return kept;
  },
};
