import {
  assetCoverageListRoutes,
  connectorListRoutes,
  createConnector,
  getConnector,
  getConnectorRun,
  getCoverage,
  getCoverageTrend,
  listConnectorRuns,
  runConnector,
  updateConnector,
} from '@muster/api/connectors';
import { listSourceHealth } from '@muster/api/source-health';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { addConnector, changeConnector, readConnector } from './connectors.ts';
import { readCoverage } from './coverage.ts';
import { readRun, readRuns, startRun } from './runs.ts';
import { readSourceHealth } from './source-health.ts';
import { assetCoverageListing, connectorListing } from './store-listing.ts';
import { readTrend } from './trend.ts';

export const integrationsRoutes: HandledRoute[] = [
  ...listRoutes(assetCoverageListing, assetCoverageListRoutes),
  ...everywhere([
    ...listRoutes(connectorListing, connectorListRoutes),
    handle(createConnector, async ({ platform, actor, body, etag }) => {
      const made = await addConnector(platform, actor, body);
      etag(made.version);
      return made;
    }),
    handle(getConnector, async ({ db, platform, params, etag }) => {
      const connector = await readConnector(db, params.id, platform.now());
      etag(connector.version);
      return connector;
    }),
    handle(updateConnector, async ({ platform, actor, params, version, body, etag }) => {
      const connector = await changeConnector(platform, actor, params.id, version, body);
      etag(connector.version);
      return connector;
    }),
    handle(runConnector, ({ platform, actor, params }) => startRun(platform, actor, params.id)),
    handle(listConnectorRuns, ({ db, params }) => readRuns(db, params.id)),
    handle(getConnectorRun, ({ db, params }) => readRun(db, params.id, params.runId)),
    handle(getCoverage, ({ db, platform }) => readCoverage(db, platform.now())),
    handle(getCoverageTrend, ({ db, platform, query }) => readTrend(db, platform.now(), query.days)),
    handle(listSourceHealth, ({ db, platform }) => readSourceHealth(db, platform.now())),
  ]),
];
