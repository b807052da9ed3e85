export { type Pattern, PatternError, patternLimits, readPattern } from './pattern.ts';
export {
  convertValue,
  maxTextLength,
  mayConvert,
  type ReadValue,
  readValue,
  type StoredValue,
  textOf,
  uniqueKey,
  type ValueRule,
} from './values.ts';
