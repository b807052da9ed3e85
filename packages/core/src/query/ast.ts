/**
 * The filter language's own small syntax tree: what was typed, before anyone knows the fields. Our parser makes it, the
 * checker gives it types, the printer writes it back.
 */

/** Where something stands in the typed text: 0-based start and length, in UTF-16 units. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

/** One piece of a wildcard pattern: literal text, `*` (any text) or `?` (one character). */
export type GlobPiece = { readonly text: string } | '*' | '?';

export type Comparison = '<' | '<=' | '>' | '>=';

/** What a field is tested for. Values are still text. */
export type Test =
  | { readonly op: 'is'; readonly value: string }
  | { readonly op: 'like'; readonly glob: readonly GlobPiece[] }
  | { readonly op: 'null' }
  | { readonly op: Comparison; readonly value: string }
  | {
      readonly op: 'range';
      readonly from: string | null;
      readonly to: string | null;
      readonly fromOpen: boolean;
      readonly toOpen: boolean;
    };

export type Node =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'not'; readonly part: Node }
  | { readonly kind: 'word'; readonly text: string; readonly span: Span }
  | { readonly kind: 'term'; readonly field: string; readonly fieldSpan: Span; readonly test: Test; readonly span: Span };

/** One thing wrong with a filter, with its place and, where there is one, what was probably meant. */
export interface FilterIssue extends Span {
  readonly code:
    | 'syntax'
    | 'too_long'
    | 'too_many_terms'
    | 'too_deep'
    | 'unknown_field'
    | 'not_filterable'
    | 'wrong_type'
    | 'unknown_value'
    | 'wrong_operator';
  readonly message: string;
  readonly suggestions?: readonly string[];
}

/** The only error the filter language throws; carries every issue at once. */
export class FilterError extends Error {
  override name = 'FilterError';
  readonly issues: readonly FilterIssue[];
  constructor(issues: readonly FilterIssue[]) {
    super(issues.map((issue) => issue.message).join('; '));
    this.issues = issues;
  }
}

/** `parts` joined by AND (`all`) or OR (`any`): nested joins of the same kind are flattened, a single part stands alone. */
export function join(kind: 'all' | 'any', parts: readonly Node[]): Node | null {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [first] = flat;
  if (first === undefined) return null;
  return flat.length === 1 ? first : { kind, parts: flat };
}
