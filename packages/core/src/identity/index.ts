export { classOf, classOfScanned, type ClassFacts } from './classify.ts';
export { decide, type Candidate, type ComparedCandidate, type Decision, type Observed, type Outcome } from './decide.ts';
export { extractKeys, isContainer, sortKeys, type IdentityFacts, type IdentityKey, type KeyKind, type KeyQuality } from './keys.ts';
export {
  canonicalUuid,
  compileLists,
  meaningful,
  normaliseMac,
  normaliseMaker,
  normaliseText,
  swapUuid,
  type IdentityList,
  type PlaceholderLists,
} from './lists.ts';
