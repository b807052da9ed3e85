import { agentLineListRoutes } from '@muster/api/agent-lines';
import { agentListRoutes, forceFullReports } from '@muster/api/agents';
import {
  getInboxSettings,
  getReport,
  getReportBody,
  listSources,
  putInboxSettings,
  reportResource,
  retryReport as retryReportRoute,
} from '@muster/api/discovery';
import { readSnmpWalk } from '@muster/api/network';
import { listRoutesOf } from '@muster/api/resource';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { forceFull } from './fleet.ts';
import { changeKeepBodiesDays, readBody, readReport, readSources, retryReport } from './reports.ts';
import { agentListing } from './store-agents.ts';
import { agentLineListing } from './store-osquery-lines.ts';
import { keepBodiesDays, reportListing } from './store-reports.ts';
import { readUploadedWalk } from './walks.ts';

export const discoveryRoutes: HandledRoute[] = [
  ...listRoutes(reportListing, listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read')),
  handle(getReport, (call) => readReport(call.db, call.params.id)),
  handle(retryReportRoute, (call) => retryReport(call.platform, call.actor, call.params.id)),
  handle(getReportBody, async (call) => {
    const { body, fileName } = await readBody(call.db, call.params.id, call.query.as);
    await call.reply.type('application/octet-stream').header('content-disposition', `attachment; filename="${fileName}"`).send(body);
    return undefined;
  }),
  ...listRoutes(agentListing, agentListRoutes),
  ...listRoutes(agentLineListing, agentLineListRoutes),
  handle(forceFullReports, (call) => forceFull(call.platform, call.actor, call.body.ids)),
  ...everywhere([handle(readSnmpWalk, (call) => readUploadedWalk(call.platform, call.actor, call.body.content, call.body.keep))]),
  handle(listSources, (call) => readSources(call.platform)),
  handle(getInboxSettings, async (call) => ({ keepBodiesDays: await keepBodiesDays(call.db) })),
  handle(putInboxSettings, (call) => changeKeepBodiesDays(call.platform, call.actor, call.body.keepBodiesDays)),
];
