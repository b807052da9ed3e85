import { type Comparison, type FilterIssue, type GlobPiece, join, type Node, type Test } from './ast.ts';

/** Limits of one filter, so that a hostile one costs nothing. */
export const filterLimits = { length: 4000, terms: 200, depth: 20 } as const;

const fieldStart = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*(?=:|<|>|=|!=)/y;
const blank = /\s+/y;
const operator = /<=|>=|<|>|=/y;

interface Scanned {
  readonly text: string;
  /** The pieces when an unescaped `*` or `?` stands in it. */
  readonly glob: readonly GlobPiece[] | null;
  readonly quoted: boolean;
  readonly at: number;
}

/** What a value stands for inside `field:( … )`. */
interface Group {
  readonly field: string;
  readonly at: number;
}

/**
 * Parses a filter. Never throws: what is wrong is reported, skipped, and reading goes on, so that all issues show at once.
 * `node` is null for an empty filter.
 */
export function parseFilter(text: string): { node: Node | null; issues: FilterIssue[] } {
  if (text.length > filterLimits.length) {
    const message = `A filter has at most ${filterLimits.length} characters; this one has ${text.length}.`;
    return { node: null, issues: [{ code: 'too_long', at: filterLimits.length, length: text.length - filterLimits.length, message }] };
  }
  const parser = new Parser(text);
  return { node: parser.parse(), issues: parser.issues };
}

class Parser {
  readonly issues: FilterIssue[] = [];
  private readonly text: string;
  private at = 0;
  private terms = 0;
  private stopped = false;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Node | null {
    const parts: Node[] = [];
    while (!this.ended()) {
      const part = this.any(null, 0);
      if (part) parts.push(part);
      if (!this.ended() && this.peek() === ')') {
        this.issue('syntax', this.at, 1, 'This “)” closes nothing.');
        this.at++;
      }
    }
    return join('all', parts);
  }

  private any(group: Group | null, depth: number): Node | null {
    const parts: Node[] = [];
    for (;;) {
      const start = this.at;
      const part = this.all(group, depth);
      if (part) parts.push(part);
      const or = this.at;
      if (!this.keyword('OR')) break;
      if (!part) this.issue('syntax', or, 2, 'OR needs something before it.');
      this.space();
      if (this.ended() || this.peek() === ')') this.issue('syntax', or, 2, 'OR needs something after it.');
      if (this.at === start) break;
    }
    return join('any', parts);
  }

  private all(group: Group | null, depth: number): Node | null {
    const parts: Node[] = [];
    for (;;) {
      this.space();
      if (this.ended() || this.peek() === ')' || this.sees('OR')) break;
      if (this.keyword('AND')) continue;
      const part = this.unary(group, depth);
      if (part) parts.push(part);
    }
    return join('all', parts);
  }

  private unary(group: Group | null, depth: number): Node | null {
    const start = this.at;
    const minus = this.peek() === '-' && !/[\s)]|^$/.test(this.text.charAt(this.at + 1));
    if (minus) this.at++;
    else if (!this.keyword('NOT')) return this.primary(group, depth);
    this.space();
    if (this.tooDeep(depth + 1, start)) return null;
    if (this.ended() || this.peek() === ')') {
      this.issue('syntax', start, Math.max(1, this.at - start), 'NOT needs something after it.');
      return null;
    }
    const part = this.unary(group, depth + 1);
    return part && { kind: 'not', part };
  }

  private primary(group: Group | null, depth: number): Node | null {
    const start = this.at;
    if (this.peek() === '(') return this.parenthesised(group, depth);
    if (group) return this.value(group, start, depth);
    fieldStart.lastIndex = this.at;
    const field = fieldStart.exec(this.text)?.[0];
    if (field === undefined) {
      const word = this.scan(false);
      return this.count({ kind: 'word', text: word.text, span: { at: start, length: this.at - start } });
    }
    this.at += field.length;
    return this.fieldTest(field, start, depth);
  }

  private parenthesised(group: Group | null, depth: number): Node | null {
    const start = this.at++;
    if (this.tooDeep(depth + 1, start)) return null;
    const inner = this.any(group, depth + 1);
    if (this.peek() === ')') this.at++;
    else if (!this.stopped) this.issue('syntax', start, 1, 'This “(” is never closed.');
    if (!inner && this.issues.length === 0) this.issue('syntax', start, this.at - start, 'There is nothing between the parentheses.');
    return inner;
  }

  /** What follows a field name: `:value`, `:>value`, `>value`, `=value`, `!=value`, `:(a OR b)`, `:[a TO b]`. */
  private fieldTest(field: string, start: number, depth: number): Node | null {
    const group = { field, at: start };
    if (this.text.startsWith('!=', this.at)) {
      this.at += 2;
      const part = this.value(group, start, depth);
      return part && { kind: 'not', part };
    }
    if (this.peek() === ':') this.at++;
    if (this.peek() === '(') return this.parenthesised(group, depth);
    if (field.toLowerCase() === 'has') return this.has(start);
    return this.value(group, start, depth);
  }

  private has(start: number): Node | null {
    const { text, at } = this.scan(false);
    if (text === '') {
      this.issue('syntax', start, this.at - start, '“has:” needs a field name, for example has:serial.');
      return null;
    }
    const span = { at: start, length: this.at - start };
    const part = this.count({ kind: 'term', field: text, fieldSpan: { at, length: this.at - at }, test: { op: 'null' }, span });
    return part && { kind: 'not', part };
  }

  /** One value, or several with commas, of the group's field. */
  private value(group: Group, start: number, depth: number): Node | null {
    const parts: Node[] = [];
    do {
      const test = this.test(group, start);
      if (!test) break;
      const span = { at: start, length: this.at - start };
      const part = this.count({ kind: 'term', field: group.field, fieldSpan: { at: group.at, length: group.field.length }, test, span });
      if (part) parts.push(part);
    } while (this.take(','));
    if (parts.length > 1 && this.tooDeep(depth + 1, start)) return null;
    return join('any', parts);
  }

  private test(group: Group, start: number): Test | null {
    if (this.peek() === '[' || this.peek() === '{') return this.range();
    operator.lastIndex = this.at;
    const op = operator.exec(this.text)?.[0];
    if (op) this.at += op.length;
    const value = this.scan(true);
    if (value.text === '' && !value.quoted && !value.glob) {
      this.issue('syntax', start, Math.max(1, this.at - start), `“${group.field}” needs a value; quote it when it has blanks.`);
      // A stray sign would otherwise be read again and again.
      if (this.at === start && !this.ended()) this.at++;
      return null;
    }
    if (op && op !== '=') return { op: op as Comparison, value: value.text };
    if (value.glob) return { op: 'like', glob: value.glob };
    if (!value.quoted && value.text === 'null') return { op: 'null' };
    return { op: 'is', value: value.text };
  }

  private range(): Test | null {
    const start = this.at;
    const fromOpen = this.text.charAt(this.at++) === '{';
    const bounds: (string | null)[] = [];
    let end = '';
    while (!this.ended() && bounds.length < 4) {
      this.space();
      if (this.peek() === ']' || this.peek() === '}') {
        end = this.text.charAt(this.at++);
        break;
      }
      if (bounds.length === 1 && this.keyword('TO')) continue;
      const bound = this.scan(false, ']}');
      bounds.push(bound.text === '*' && !bound.quoted ? null : bound.text);
      if (this.at === start + 1) break;
    }
    const [from, to] = bounds;
    if (bounds.length !== 2 || from === undefined || to === undefined || end === '') {
      this.issue('syntax', start, Math.max(1, this.at - start), 'A range is written [from TO to]; * leaves an end open.');
      return null;
    }
    return { op: 'range', from, to, fromOpen, toOpen: end === '}' };
  }

  /** Reads a quoted string or a run of other characters; `\` takes the next character as it is. */
  private scan(wild: boolean, ends = ''): Scanned {
    const at = this.at;
    if (this.peek() === '"') return this.quoted();
    const pieces: GlobPiece[] = [];
    let text = '';
    let literal = '';
    while (!this.ended()) {
      const c = this.text.charAt(this.at);
      if (/[\s()]/.test(c) || ends.includes(c) || (wild && c === ',')) break;
      this.at++;
      if (wild && (c === '*' || c === '?')) {
        if (literal !== '') pieces.push({ text: literal });
        literal = '';
        if (!(c === '*' && pieces.at(-1) === '*')) pieces.push(c);
        text += c;
        continue;
      }
      const kept = c === '\\' && !this.ended() ? this.text.charAt(this.at++) : c;
      literal += kept;
      text += kept;
    }
    const glob = pieces.length === 0 ? null : literal === '' ? pieces : [...pieces, { text: literal }];
    return { text, glob, quoted: false, at };
  }

  private quoted(): Scanned {
    const at = this.at++;
    let text = '';
    while (!this.ended()) {
      const c = this.text.charAt(this.at++);
      if (c === '"') return { text, glob: null, quoted: true, at };
      text += c === '\\' && !this.ended() ? this.text.charAt(this.at++) : c;
    }
    this.issue('syntax', at, this.at - at, 'This quotation mark is never closed.');
    return { text, glob: null, quoted: true, at };
  }

  private count<N extends Node>(node: N): N | null {
    if (++this.terms <= filterLimits.terms) return node;
    this.stop('too_many_terms', this.at, `A filter has at most ${filterLimits.terms} terms.`);
    return null;
  }

  private tooDeep(depth: number, at: number): boolean {
    if (depth <= filterLimits.depth) return false;
    this.stop('too_deep', at, `A filter is nested at most ${filterLimits.depth} deep.`);
    return true;
  }

  /** Gives up on the rest: what follows would only repeat the complaint. */
  private stop(code: FilterIssue['code'], at: number, message: string): void {
    if (!this.stopped) this.issue(code, at, 1, message);
    this.stopped = true;
    this.at = this.text.length;
  }

  private issue(code: FilterIssue['code'], at: number, length: number, message: string): void {
    this.issues.push({ code, at, length, message });
  }
  private ended(): boolean {
    return this.at >= this.text.length;
  }
  private peek(): string {
    return this.text.charAt(this.at);
  }
  private take(c: string): boolean {
    if (this.peek() !== c) return false;
    this.at++;
    return true;
  }
  private space(): void {
    blank.lastIndex = this.at;
    this.at += blank.exec(this.text)?.[0].length ?? 0;
  }
  /** Whether the word stands here on its own. Keywords are upper case, as `or` is a word people search for. */
  private sees(word: string): boolean {
    return this.text.startsWith(word, this.at) && /^$|[\s()]/.test(this.text.charAt(this.at + word.length));
  }
  private keyword(word: string): boolean {
    if (!this.sees(word)) return false;
    this.at += word.length;
    return true;
  }
}
