export { customImportFields, customImportValues, givenCustom } from './import-values.ts';
export { bindCustomFields, type CustomOwner } from './registry.ts';
export { type Inheritance, showCustom, type ShownCustom } from './show.ts';
export { customColumnsOf } from './store-listing.ts';
export { type CustomChange, type CustomResult, settleCustom } from './write.ts';
export { copySecrets, dropSecretCopies, moveClaims, type MovedClaim, returnClaims } from './store-merge.ts';
export {
  checkCustomValues,
  type CustomRow,
  type CustomUndo,
  type CustomVerdict,
  dropCustomClaims,
  judgeCustomRestore,
  judgeCustomRows,
  takeCustomRows,
} from './write-many.ts';
