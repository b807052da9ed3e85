export { type Comparison, FilterError, type FilterIssue, type GlobPiece, join, type Node, type Span, type Test } from './ast.ts';
export { type CheckOptions, readFilter } from './check.ts';
export { type Condition, type FieldTest, fieldsOfCondition, type Operand } from './condition.ts';
export { readDays, readTime, type TimeSpan } from './day-span.ts';
export { filterLimits, parseFilter } from './parse.ts';
export { printFilter } from './print.ts';
export { type CustomField, nearest, nearestFields, resolveField } from './suggest.ts';
