import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import type { JobRun } from '../../platform/jobs/jobs.ts';
import type { Importable } from '../../platform/importing/importable.ts';
import { checkMapping, type CheckedMapping } from './mapping.ts';
import { findImport, type ImportRecord } from './store.ts';
import { importableOf } from './targets.ts';

/** What a job of an import is given: the import, and who asked. */
export interface ImportWork {
  readonly importId: string;
  readonly actor: Actor;
}

export interface OpenWork {
  readonly row: ImportRecord;
  readonly importable: Importable;
  readonly mapping: CheckedMapping;
}

/** Rows per transaction. */
export const batchRows = 1000;

/** The import of a job with its mapping; undefined when another delivery has done the work already. */
export async function openWork(db: Db, run: JobRun<ImportWork>, state: string): Promise<OpenWork | undefined> {
  const row = await findImport(db, run.data.importId);
  if (!row || row.stored_state !== state || row.job_id !== run.id) return undefined;
  if (!row.mapping) throw new Problem('conflict', 'The import has no mapping.');
  const importable = importableOf(row.mapping.resource);
  const mapping = checkMapping(row.mapping, row.headers, row.samples, importable, await importable.fields(db));
  return { row, importable, mapping };
}

/** Who is told to have said what the file says. */
export const spokesman = (actor: Actor, fileName: string): string => `${actor.label}, import of ${fileName}`.slice(0, 300);

/** The actor without what belongs to the request: it is stored with the job. */
export const withoutRequest = ({ kind, id, label, userId, personId, grants }: Actor): Actor => ({
  kind,
  id,
  label,
  userId,
  personId,
  grants,
});
