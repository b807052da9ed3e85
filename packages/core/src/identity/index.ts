export { type Alternation, byTurns, goesAlong, type Heard, judgeAlternation, type Verdict } from './alternation.ts';
export { classOf, classOfScanned, type ClassFacts } from './classify.ts';
export {
  decide,
  forkNames,
  type Candidate,
  type ComparedCandidate,
  type Decision,
  type Doubt,
  type Observed,
  type Outcome,
  type Proposal,
} from './decide.ts';
export {
  extractKeys,
  isContainer,
  nothingTold,
  sortKeys,
  type IdentityFacts,
  type IdentityKey,
  type KeyKind,
  type KeyQuality,
} from './keys.ts';
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
export { type CommonValue, type DuplicateReason, meansSomething } from './duplicates.ts';
export { leadingKinds, leads, lookupOf } from './lookup.ts';
export { type Cluster, type ClusterChange, diffClusters } from './diff-clusters.ts';
export {
  compileRules,
  plainRules,
  ruleKinds,
  type CompiledRules,
  type DecideOptions,
  type IdentityRules,
  type KeyUse,
  type RuleKind,
} from './rules.ts';
export {
  createResolver,
  type Observation,
  type Replay,
  type Resolution,
  type Resolver,
  type ResolverRules,
  replay,
  replayDecisions,
} from './resolver.ts';
