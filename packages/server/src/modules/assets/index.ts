export { seedAssetClasses } from './classes.ts';
export { assetImportable } from './import.ts';
export { assetReferences } from './import-custom.ts';
export { createAsset, releaseField, updateAsset } from './edit.ts';
export {
  type FactReader,
  registerTransitionAction,
  registerTransitionFact,
  type TransitionActionHandler,
  type TransitionRun,
} from './lifecycle-actions.ts';
export {
  askedBy,
  type AskedMove,
  type BlockedAssets,
  judgeTransitions,
  moveAsset,
  type MoveJudgement,
  transitionAsset,
  transitionMany,
  undoTransitions,
} from './lifecycle-move.ts';
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
export { type CarriedCustom, carryCustom, returnCustom } from './merge-custom.ts';
export { moveMany, type MoveUndo, undoMoves } from './move-undo.ts';
export { type FieldVerdict, type ManualUndo, restoreFields, setFields } from './set-fields.ts';
export { checkSetValues, judgeValues, restoreValues, type SetUndo, setValues, type SetVerdict } from './set-with-custom.ts';
export { assetListing } from './store-listing.ts';
export { cacheCondition, setByHand } from './set-by-hand.ts';
export { onSetByHand, type SetByHand } from './set-by-hand-listeners.ts';
export { registerTagGiver } from './tag-giver.ts';
