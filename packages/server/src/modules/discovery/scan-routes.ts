import * as api from '@muster/api/scans';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { addCredentialSet, changeCredentialSet, deleteCredentialSet, readCredentialSet } from './credential-sets.ts';
import { forgetKey } from './host-keys.ts';
import { addScanRange, changeScanRange, deleteScanRange, readScanRange } from './scan-ranges.ts';
import { cancelRun, readScanRun, requestScan } from './scan-runs.ts';
import { credentialSetListing } from './store-credentials.ts';
import { hostKeyListing } from './store-host-keys.ts';
import { scanRunListing } from './store-scan-runs.ts';
import { scanRangeListing } from './store-scans.ts';

/** Networks belong to the whole installation: what is scanned, and with which credentials, is nothing for a part of it. */
export const scanRoutes: HandledRoute[] = everywhere([
  ...listRoutes(scanRangeListing, api.scanRangeListRoutes),
  handle(api.getScanRange, async ({ db, params, etag }) => {
    const range = await readScanRange(db, params.id);
    etag(range.version);
    return range;
  }),
  handle(api.createScanRange, async ({ platform, actor, body, etag }) => {
    const range = await addScanRange(platform, actor, body);
    etag(range.version);
    return range;
  }),
  handle(api.updateScanRange, async ({ platform, actor, params, body, version, etag }) => {
    const range = await changeScanRange(platform, actor, params.id, version, body);
    etag(range.version);
    return range;
  }),
  handle(api.deleteScanRange, async ({ platform, actor, params }) => deleteScanRange(platform, actor, params.id) as Promise<undefined>),
  handle(api.runScan, async ({ platform, actor, params }) => ({ runId: await requestScan(platform, actor, params.id) })),
  ...listRoutes(scanRunListing, api.scanRunListRoutes),
  handle(api.getScanRun, async ({ db, params }) => readScanRun(db, params.id)),
  handle(api.cancelScanRun, async ({ platform, actor, params }) => cancelRun(platform, actor, params.id)),
  ...listRoutes(credentialSetListing, api.credentialSetListRoutes),
  handle(api.getCredentialSet, async ({ platform, params, etag }) => {
    const set = await readCredentialSet(platform, params.id);
    etag(set.version);
    return set;
  }),
  handle(api.createCredentialSet, async ({ platform, actor, body, etag }) => {
    const set = await addCredentialSet(platform, actor, body);
    etag(set.version);
    return set;
  }),
  handle(api.updateCredentialSet, async ({ platform, actor, params, body, version, etag }) => {
    const set = await changeCredentialSet(platform, actor, params.id, version, body);
    etag(set.version);
    return set;
  }),
  handle(
    api.deleteCredentialSet,
    async ({ platform, actor, params }) => deleteCredentialSet(platform, actor, params.id) as Promise<undefined>,
  ),
  ...listRoutes(hostKeyListing, api.hostKeyListRoutes),
  handle(api.forgetHostKey, async ({ platform, actor, params }) => forgetKey(platform, actor, params.id) as Promise<undefined>),
]);
