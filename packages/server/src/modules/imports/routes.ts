import type { Readable } from 'node:stream';
import * as api from '@muster/api/imports';
import type { Db } from '../../platform/db/types.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import type { ImportValue } from '../../platform/importing/importable.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { errorFile } from './error-file.ts';
import { mustFindImport, planImport, readImport, startApply, startUndo, takeFile } from './imports.ts';
import { importListing } from './store.ts';
import { rowsPage } from './store-rows.ts';
import { importableOf, listTargets } from './targets.ts';

/** Rows of an import show records of the whole organisation, so all of it is for whoever may see that. */
export const importRoutes: HandledRoute[] = everywhere([
  ...listRoutes(importListing, api.importListRoutes),
  handle(api.listImportTargets, async ({ db }) => ({ items: await listTargets(db) })),
  handle(api.uploadImport, async ({ platform, actor, query, request, db, reply }) => {
    const length = request.headers['content-length'];
    // What is refused half way is not read to its end.
    reply.header('connection', 'close');
    const id = await takeFile(platform, actor, query.name, request.body as Readable, length === undefined ? null : Number(length));
    return readImport(db, id);
  }),
  handle(api.getImport, ({ db, params }) => readImport(db, params.id)),
  handle(api.planImport, async ({ platform, actor, params, body }) => ({ jobId: await planImport(platform, actor, params.id, body) })),
  handle(api.applyImport, async ({ platform, actor, params, body }) => ({
    jobId: await startApply(platform, actor, params.id, body.mode),
  })),
  handle(api.undoImport, async ({ platform, actor, params }) => ({ jobId: await startUndo(platform, actor, params.id) })),
  handle(api.listImportRows, ({ db, params, query }) => listRows(db, params.id, query)),
  handle(api.importErrors, async ({ platform, params, reply }) => {
    const file = await errorFile(platform, params.id);
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${file.name}"`)
      .header('cache-control', 'no-store');
    return file.body as never;
  }),
]);

async function listRows(
  db: Db,
  id: string,
  query: { limit: number; cursor?: number | undefined; action?: api.ImportAction | undefined; outcome?: api.ImportOutcome | undefined },
): Promise<{ items: api.ImportRow[]; nextCursor: number | null }> {
  const found = await mustFindImport(db, id);
  const fields = found.resource === null ? [] : await importableOf(found.resource).fields(db);
  const labels = new Map(fields.map((f) => [f.name, f.label]));
  const rows = await rowsPage(db, id, { after: query.cursor ?? 0, limit: query.limit + 1, action: query.action, outcome: query.outcome });
  const page = rows.slice(0, query.limit);
  return {
    items: page.map((r) => ({
      no: r.no,
      action: r.action,
      outcome: r.outcome,
      record: { id: r.outcome === 'undone' && r.action === 'create' ? null : r.record_id, label: r.label },
      changes: r.changes.map((c) => ({ field: c.field, label: labels.get(c.field) ?? c.field, from: shown(c.from), to: shown(c.to) })),
      errors: r.errors,
    })),
    nextCursor: rows.length > query.limit ? (page.at(-1)?.no ?? null) : null,
  };
}

const shown = (value: ImportValue): string | number | boolean | { id: string | null; label: string } | null =>
  typeof value === 'object' && value !== null ? { id: value.id, label: value.label } : value;
