import type { ImportResource, ImportTarget } from '@muster/api/imports';
import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { holdsEverywhere } from '../../platform/http/routes.ts';
import type { Importable, ReferenceTarget } from '../../platform/importing/importable.ts';
import { assetImportable, assetReferences } from '../assets/index.ts';
import { orgUnitReferences, personImportable, personReferences } from '../people/index.ts';
import { placeReferences } from '../places/index.ts';

/** What files can be imported into. */
export const importables: readonly Importable[] = [assetImportable, personImportable];

const references = new Map<string, ReferenceTarget>(
  [personReferences, placeReferences, orgUnitReferences, assetReferences].map((target) => [target.resource, target]),
);

/** @throws Problem validation_failed for a resource that no file can be imported into */
export function importableOf(resource: string): Importable {
  const found = importables.find((one) => one.resource === resource);
  if (!found)
    throw new Problem('validation_failed', undefined, {
      errors: [
        {
          field: 'resource',
          code: 'not_allowed',
          message: 'Files cannot be imported into this.',
          suggestions: importables.map((i) => i.resource),
        },
      ],
    });
  return found;
}

export function referencesTo(resource: string): ReferenceTarget {
  const found = references.get(resource);
  if (!found) throw new Error(`Nothing says how a file names ${resource}`);
  return found;
}

/** An import writes wherever its rows lead, so its permissions must hold for the whole organisation. @throws Problem forbidden */
export function mustMayWrite(actor: Actor, importable: Importable, makeMissing: readonly string[]): void {
  for (const permission of new Set([importable.permission, ...makeMissing.map((resource) => referencesTo(resource).permission)]))
    if (!holdsEverywhere(actor, permission))
      throw new Problem('forbidden', `This needs the permission ${permission} for the whole organisation.`);
}

/** Every target with its fields, as the page of an import offers them. */
export async function listTargets(db: Db): Promise<ImportTarget[]> {
  return Promise.all(
    importables.map(async (one) => ({
      resource: one.resource as ImportResource,
      label: one.label,
      fields: (await one.fields(db))
        .filter((f) => f.refused === undefined)
        .map((f) => ({
          name: f.name,
          label: f.label,
          type: f.type,
          values: f.values ? [...f.values] : null,
          required: f.required ?? false,
          key: one.keys.includes(f.name),
        })),
    })),
  );
}
