// Custody (who), placement (where) and condition as dated facts. Each `…Asset` verb changes one asset inside the caller's transaction and
// throws the Problem that says why not; the verbs without it take many assets, with preview and partial failure.
export { checkInAsset, checkInAssets } from './check-in.ts';
export { checkOutAsset, checkOutAssets, handOverAsset, handOverAssets, type OutInput } from './check-out.ts';
export { extendAsset, extendAssets, placeAsset, placeAssetsIn, setAssetCondition, setConditions } from './facts.ts';
export { type NamedHolder, resolveHolder } from './holders.ts';
export { type Giving, onCustody } from './listeners.ts';
export { refusal } from './refusals.ts';
export { absorbCustody, type CustodyDump, dumpCustody, restoreCustody, returnCustody } from './merge.ts';
export { openCustody, readAssetCustody, readPersonCustody } from './read.ts';
