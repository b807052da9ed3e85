import { auditListRoutes, getAuditEntry } from '@muster/api/audit';
import { Problem } from '@muster/api/errors';
import { cancelJob as cancelJobRoute, getJob, jobEvents, jobListRoutes } from '@muster/api/jobs';
import { getSettings, getSystemInfo, updateSettings } from '@muster/api/settings';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { cancelJob, readJob, streamJob } from './jobs.ts';
import { changeSettings, readSettings, systemInfo } from './settings.ts';
import { auditById, auditListing, jobListing } from './store.ts';

export const operationsRoutes: HandledRoute[] = [
  ...listRoutes(jobListing, jobListRoutes),
  handle(getJob, ({ db, actor, params }) => readJob(db, actor, params.id)),
  handle(cancelJobRoute, ({ platform, actor, params }) => cancelJob(platform, actor, params.id)),
  handle(jobEvents, async ({ db, actor, params, request, reply }) => {
    await streamJob(db, actor, params.id, request, reply);
    return undefined;
  }),
  ...everywhere([
    ...listRoutes(auditListing, auditListRoutes),
    handle(getAuditEntry, async ({ db, params }) => {
      const row = await auditById(db, params.id);
      if (!row) throw new Problem('not_found', 'There is no such audit entry.');
      return {
        id: row.id,
        at: row.at.toISOString(),
        actorKind: row.actor_kind,
        actorId: row.actor_id,
        actor: row.actor_label,
        action: row.action,
        resource: row.resource,
        resourceId: row.resource_id,
        summary: row.summary,
        before: row.before ?? null,
        after: row.after ?? null,
        requestId: row.request_id,
        ip: row.ip,
      };
    }),
    handle(getSettings, ({ db }) => readSettings(db)),
    handle(updateSettings, ({ platform, actor, body }) => changeSettings(platform, actor, body)),
    handle(getSystemInfo, ({ platform }) => systemInfo(platform)),
  ]),
];
