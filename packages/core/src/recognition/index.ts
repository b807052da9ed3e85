export { cleanName, cleanPublisher, cleanVersion, maxLength, packageChannels } from './clean.ts';
export { type CompiledProduct, compileRuleset, type Ruleset, withLocalRules } from './compile.ts';
export { type Candidate, nearestProducts } from './nearest.ts';
export { recognise } from './recognise.ts';
export { compileGlob, compileTemplate, isLinearSafe } from './template.ts';
export type * from './types.ts';
