import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Problem } from '@muster/api/errors';
import type { Import, ImportMapping } from '@muster/api/imports';
import { headerKey } from '@muster/core/importing';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { fileNameOf, mustHaveFile, pathOf, removeFile, storeFile } from './files.ts';
import { checkMapping } from './mapping.ts';
import { readHead } from './sheet.ts';
import { beginPlan, beginWork, findImport, type ImportRecord, insertImport, rememberMapping } from './store.ts';
import { suggestMappings } from './suggest.ts';
import { importableOf, mustMayWrite } from './targets.ts';
import { withoutRequest } from './work.ts';

/** Rows that are shown and from which the order of dates is told. */
const sampleRows = 50;
const shownSamples = 5;

/**
 * Takes a file in and looks at its head; nothing is imported yet. Answers the id.
 * @throws Problem too_large; refused_content for what is not what it claims
 */
export async function takeFile(platform: Platform, actor: Actor, given: string, body: Readable, length: number | null): Promise<string> {
  const { name, format } = fileNameOf(given);
  const id = newId();
  const how = await storeFile(platform.config, id, body, format, length);
  try {
    const { headers, samples } = await readHead(pathOf(platform.config, id), how, sampleRows);
    await inTx(platform.db, async (tx) => {
      await insertImport(tx, {
        id,
        name,
        ...how,
        headers,
        samples,
        fingerprint: fingerprintOf(headers),
        created_by: actor.label,
        created_at: platform.now(),
      });
      await audit(tx, actor, {
        action: 'import.uploaded',
        resource: 'imports',
        resourceId: id,
        summary: `Uploaded ${name} to import`,
        after: { name, bytes: how.bytes, headers },
      });
    });
  } catch (error) {
    await removeFile(platform.config, id);
    throw error;
  }
  return id;
}

/** Files with the same headers in the same order are of one source. */
const fingerprintOf = (headers: readonly string[]): string => createHash('sha256').update(headers.map(headerKey).join('\n')).digest('hex');

/** @throws Problem not_found */
export async function mustFindImport(db: Db, id: string, lock = false): Promise<ImportRecord> {
  const row = await findImport(db, id, lock);
  if (!row) throw new Problem('not_found', 'There is no import with this id.');
  return row;
}

/** An import with mappings that fit its headers. @throws Problem not_found */
export async function readImport(db: Db, id: string): Promise<Import> {
  const row = await mustFindImport(db, id);
  return {
    id: row.id,
    name: row.name,
    format: row.format,
    encoding: row.encoding,
    delimiter: row.delimiter,
    bytes: Number(row.bytes),
    headers: row.headers,
    samples: row.samples.slice(0, shownSamples),
    state: row.state,
    jobId: row.job_id,
    mapping: row.mapping,
    mode: row.mode,
    counts: row.counts,
    suggestions: await suggestMappings(db, row),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    appliedAt: row.applied_at?.toISOString() ?? null,
    undoneAt: row.undone_at?.toISOString() ?? null,
  };
}

/**
 * Has the file compared by this mapping, which is remembered for files with the same headers. Answers the job.
 * @throws Problem not_found, forbidden; validation_failed with everything that does not fit; conflict when it was applied already
 */
export async function planImport(platform: Platform, actor: Actor, id: string, mapping: ImportMapping): Promise<string> {
  const importable = importableOf(mapping.resource);
  mustMayWrite(actor, importable, mapping.makeMissing);
  const fields = await importable.fields(platform.db);
  await mustHaveFile(platform.config, id);
  return inTx(platform.db, async (tx) => {
    const row = await mustFindImport(tx, id, true);
    mustBe(row, ['uploaded', 'planned'], 'compared');
    checkMapping(mapping, row.headers, row.samples, importable, fields);
    await rememberMapping(tx, row.fingerprint, { mapping, fileName: row.name, at: platform.now(), by: actor.label });
    const jobId = await enqueue(platform, tx, actor, row, 'imports.plan', `Compare ${row.name}`);
    await beginPlan(tx, id, jobId, mapping);
    return jobId;
  });
}

/**
 * Applies the compared rows: with `good` every row that is neither error nor conflict, with `all` only if there is no bad row. Answers the job.
 * @throws Problem not_found, forbidden; conflict when it is not compared, or with `all` when a row is bad
 */
export async function startApply(platform: Platform, actor: Actor, id: string, mode: 'good' | 'all'): Promise<string> {
  return inTx(platform.db, async (tx) => {
    const row = await mustFindImport(tx, id, true);
    mustBe(row, row.undone_at ? ['planned'] : ['planned', 'stopped'], 'applied');
    mustMayWrite(actor, importableOf(row.resource ?? ''), row.mapping?.makeMissing ?? []);
    const bad = (row.counts?.error ?? 0) + (row.counts?.conflict ?? 0);
    if (mode === 'all' && bad > 0)
      throw new Problem(
        'conflict',
        `${bad} rows have an error or a conflict, so nothing is applied. Correct them, or apply the good rows.`,
      );
    const jobId = await enqueue(platform, tx, actor, row, 'imports.apply', `Import ${row.name}`);
    await beginWork(tx, id, jobId, 'applying', mode);
    return jobId;
  });
}

/** Takes an import back. Answers the job. @throws Problem not_found, forbidden; conflict when nothing of it was applied */
export async function startUndo(platform: Platform, actor: Actor, id: string): Promise<string> {
  return inTx(platform.db, async (tx) => {
    const row = await mustFindImport(tx, id, true);
    mustBe(row, ['applied', 'stopped'], 'undone');
    mustMayWrite(actor, importableOf(row.resource ?? ''), row.mapping?.makeMissing ?? []);
    const jobId = await enqueue(platform, tx, actor, row, 'imports.undo', `Undo the import of ${row.name}`);
    await beginWork(tx, id, jobId, 'undoing', null);
    return jobId;
  });
}

function mustBe(row: ImportRecord, states: readonly string[], what: string): void {
  if (!states.includes(row.state)) throw new Problem('conflict', `The import is ${row.state}, so it cannot be ${what} now.`);
}

const enqueue = (platform: Platform, tx: Tx, actor: Actor, row: ImportRecord, kind: string, title: string): Promise<string> =>
  platform.jobs.enqueue(tx, kind, { importId: row.id, actor: withoutRequest(actor) }, { title, actor });
