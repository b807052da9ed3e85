import type { Field, Resource } from '@muster/api/fields';
import { type FilterIssue, FilterError, type Node, type Span } from './ast.ts';
import type { Condition, FieldTest } from './condition.ts';
import { parseFilter } from './parse.ts';
import { type CustomField, nearestFields, resolveField } from './suggest.ts';
import { checkTest } from './typed-test.ts';

export interface CheckOptions {
  /** What `now` and `today` mean. */
  readonly now: Temporal.Instant;
  /** Resolves `custom.<key>`; absent where the resource has no custom fields. */
  readonly customField?: CustomField | undefined;
}

/**
 * Reads a filter for a resource: parse, find the fields, give every value its type. `null` for an empty filter.
 * Throws FilterError with every issue at once, and nothing else.
 */
export function readFilter(resource: Resource, text: string, options: CheckOptions): Condition | null {
  const { node, issues } = parseFilter(text);
  const checker = new Checker(resource, options, [...issues]);
  const condition = node && checker.check(node);
  if (checker.issues.length > 0) throw new FilterError(checker.issues.sort((a, b) => a.at - b.at));
  return condition;
}

class Checker {
  readonly issues: FilterIssue[];
  private readonly resource: Resource;
  private readonly options: CheckOptions;

  constructor(resource: Resource, options: CheckOptions, issues: FilterIssue[]) {
    this.resource = resource;
    this.options = options;
    this.issues = issues;
  }

  /** The typed condition; where something is wrong it is reported and stands as an empty conjunction. */
  check(node: Node): Condition {
    switch (node.kind) {
      case 'all':
        return { kind: 'all', parts: node.parts.map((part) => this.check(part)) };
      case 'any':
        return { kind: 'any', parts: mergeLists(node.parts.map((part) => this.check(part))) };
      case 'not':
        return { kind: 'not', part: this.check(node.part) };
      case 'word':
        if (node.text.includes('\0')) this.issue('syntax', node.span, 'A filter cannot hold a null character.');
        return { kind: 'search', text: node.text };
      default:
        return this.term(node);
    }
  }

  private term(node: Extract<Node, { kind: 'term' }>): Condition {
    const nothing: Condition = { kind: 'all', parts: [] };
    const found = resolveField(this.resource, node.field, this.options.customField);
    if (!found) {
      const suggestions = nearestFields(this.resource, node.field, isFilterable);
      const hint = suggestions.length > 0 ? `; did you mean ${suggestions.join(' or ')}?` : '. To search for the text itself, quote it.';
      this.issue('unknown_field', node.fieldSpan, `${this.resource.plural} have no field “${node.field}”${hint}`, suggestions);
      return nothing;
    }
    const [name, field] = found;
    if (!isFilterable(field)) {
      this.issue('not_filterable', node.fieldSpan, `“${node.field}” cannot be filtered by.`);
      return nothing;
    }
    const checked = checkTest(name, field, node.test, this.options.now);
    if ('issue' in checked) {
      this.issue(checked.issue.code, node.span, checked.issue.message, checked.issue.suggestions);
      return nothing;
    }
    return { kind: 'test', name, field, test: checked.test };
  }

  private issue(code: FilterIssue['code'], span: Span, message: string, suggestions?: readonly string[]): void {
    this.issues.push({
      code,
      at: span.at,
      length: span.length,
      message,
      ...(suggestions && suggestions.length > 0 ? { suggestions } : {}),
    });
  }
}

const isFilterable = (field: Field): boolean => field.filterable === true;

/** `class:a OR class:b` as one test of a list, so that a database can answer it with one index scan. */
function mergeLists(parts: Condition[]): Condition[] {
  const merged: Condition[] = [];
  const lists = new Map<string, number>();
  for (const part of parts) {
    const at = part.kind === 'test' && part.test.op === 'in' ? lists.get(part.name) : undefined;
    const earlier = at === undefined ? undefined : merged[at];
    if (at !== undefined && part.kind === 'test' && part.test.op === 'in' && earlier?.kind === 'test' && earlier.test.op === 'in') {
      const test: FieldTest = { op: 'in', values: [...earlier.test.values, ...part.test.values] };
      merged[at] = { ...earlier, test };
      continue;
    }
    if (part.kind === 'test' && part.test.op === 'in') lists.set(part.name, merged.length);
    merged.push(part);
  }
  return merged;
}
