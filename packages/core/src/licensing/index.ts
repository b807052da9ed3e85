/**
 * The licence engine: facts x entitlements x rules -> positions with derivations. Pure. Folders: `metrics` (numbers), `demand` (facts to needs),
 * `allocate` (needs to purchase lines), `derive` (figures to trees that evaluate to them again).
 */
export { allocate, type Allocation, coversDay } from './allocate/index.ts';
export { type Demand, demandsOf, editionKey, exemptionSentence, type FactValue, type LicensableConsumer, screen } from './demand/index.ts';
export * from './derive/index.ts';
export type { ConsumerFact, DeviceFact, EntitlementFact, InstallationFact, ProductFacts, UserFact } from './facts.ts';
export * from './metrics/index.ts';
export { type CoveredDemand, defaultMetric, globalPool, type LotUse, type Money, positionsOf, type PositionFigures } from './position.ts';
export { isExact, numberText, quantity, Quantity, type Range, range, rangeText, zero } from './quantity.ts';
export {
  attribute,
  attributeOrUnlimited,
  type Exemptions,
  licenceRules,
  type LicenceRules,
  type MetricRule,
  type RuleAttribute,
  type RuleSource,
} from './rules.ts';
