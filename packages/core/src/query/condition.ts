import type { Field } from '@muster/api/fields';
import type { Comparison, GlobPiece } from './ast.ts';

/** A checked value: text stays text, numbers are exact decimals as text, dates `YYYY-MM-DD`, instants ISO 8601. */
export type Operand =
  | { readonly type: 'text' | 'id' | 'number' | 'integer' | 'date' | 'instant'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'money'; readonly value: string; readonly currency: string | null };

/** What a field is tested for, with typed values. A `range` holds for one and the same value of a field that has several. */
export type FieldTest =
  | { readonly op: 'in'; readonly values: readonly Operand[] }
  | { readonly op: 'like'; readonly glob: readonly GlobPiece[] }
  | { readonly op: 'null' }
  | { readonly op: 'present' }
  | { readonly op: 'range'; readonly bounds: readonly { readonly how: Comparison; readonly value: Operand }[] };

/** A filter that fits its resource; whoever compiles it needs no further check. Three-valued logic is the compiler's: `not` means “is not true”. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'test'; readonly name: string; readonly field: Field; readonly test: FieldTest };

/** The names of the fields a condition tests. */
export function fieldsOfCondition(condition: Condition): Set<string> {
  if (condition.kind === 'test') return new Set([condition.name]);
  if (condition.kind === 'search') return new Set();
  if (condition.kind === 'not') return fieldsOfCondition(condition.part);
  return new Set(condition.parts.flatMap((part) => [...fieldsOfCondition(part)]));
}
