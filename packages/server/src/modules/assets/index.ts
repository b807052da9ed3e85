export { seedAssetClasses } from './classes.ts';
export { assetImportable } from './import.ts';
export { createAsset, releaseField, transitionAsset, updateAsset } from './edit.ts';
export {
  applyObservedValues,
  createDiscovered,
  type DiscoveredAsset,
  type ObservedBatchItem,
  type ObservedValues,
  touchSeen,
} from './observed-values.ts';
export { lockAssetRows, type NewEvent, recordEvents } from './store-ingest.ts';
export { readAsset } from './record.ts';
export { mustFindAsset, reachableAssets } from './reach.ts';
export {
  absorbRecord,
  type AssetDump,
  dumpAsset,
  lockForIdentity,
  moveEvents,
  redirectRecord,
  restoreRecord,
  reviveRecord,
  settleRecord,
} from './merge.ts';
