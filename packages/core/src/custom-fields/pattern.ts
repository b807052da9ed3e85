/**
 * Patterns that a value must match as a whole, in time bounded by length of value times states, whatever the pattern. JavaScript's own
 * regular expressions backtrack and can take for ever on a short hostile value, so a pattern is run as a Thompson automaton instead
 * (K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968). What an automaton cannot do is refused when it is defined.
 */
export interface Pattern {
  /** Whether the whole value matches. */
  readonly test: (value: string) => boolean;
}

/** Why a pattern is refused; the message says where and what to write instead. */
export class PatternError extends Error {
  override name = 'PatternError';
}

export const patternLimits = { length: 200, states: 2000, repeat: 200 } as const;

type CharTest = (char: string) => boolean;
type Node =
  | { kind: 'char'; test: CharTest }
  | { kind: 'seq'; parts: Node[] }
  | { kind: 'alt'; parts: Node[] }
  | { kind: 'repeat'; part: Node; min: number; max: number | null };

/**
 * Reads a pattern: literals, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {m,n}`; `^` at the beginning and `$` at the
 * end are allowed and mean nothing, as the whole value must match.
 * @throws PatternError for look-around, back-references, named groups, flags, and what would need more than 2,000 states.
 */
export function readPattern(text: string): Pattern {
  if (text.length > patternLimits.length) throw new PatternError(`A pattern has at most ${patternLimits.length} characters.`);
  const body = text.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  const states = new Automaton(new Reader(body).read());
  return { test: (value) => states.run(value) };
}

class Reader {
  private at = 0;
  private readonly chars: string[];
  constructor(text: string) {
    this.chars = Array.from(text);
  }

  read(): Node {
    const node = this.alternatives();
    if (this.at < this.chars.length) throw this.wrong('a “)” without its “(”');
    return node;
  }

  private wrong(what: string): PatternError {
    return new PatternError(`The pattern has ${what} at character ${this.at + 1}.`);
  }

  private alternatives(): Node {
    const parts = [this.sequence()];
    while (this.chars[this.at] === '|') {
      this.at += 1;
      parts.push(this.sequence());
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'alt', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    for (let char = this.chars[this.at]; char !== undefined && char !== '|' && char !== ')'; char = this.chars[this.at])
      parts.push(this.repeated(this.one()));
    return { kind: 'seq', parts };
  }

  private one(): Node {
    const char = this.chars[this.at] ?? '';
    this.at += 1;
    if (char === '(') return this.group();
    if (char === '[') return { kind: 'char', test: this.characterClass() };
    if (char === '.') return { kind: 'char', test: (c) => c !== '\n' && c !== '\r' };
    if (char === '\\') return { kind: 'char', test: this.escape() };
    if ('*+?{'.includes(char)) throw this.wrong(`nothing to repeat before “${char}”`);
    if (char === '^' || char === '$') throw this.wrong(`“${char}” inside; the whole value must match anyway`);
    return { kind: 'char', test: (c) => c === char };
  }

  private group(): Node {
    if (this.chars[this.at] === '?') {
      if (this.chars[this.at + 1] !== ':') throw this.wrong('look-around or a named group, which are not supported');
      this.at += 2;
    }
    const node = this.alternatives();
    if (this.chars[this.at] !== ')') throw this.wrong('a “(” without its “)”');
    this.at += 1;
    return node;
  }

  private escape(): CharTest {
    const char = this.chars[this.at];
    this.at += 1;
    if (char === undefined) throw this.wrong('a “\\” with nothing after it');
    const known = shorthand[char];
    if (known) return known;
    if (/[0-9]/.test(char)) throw this.wrong('a back-reference, which is not supported');
    if (/[a-zA-Z]/.test(char)) throw this.wrong(`“\\${char}”, which is not supported`);
    return (c) => c === char;
  }

  private characterClass(): CharTest {
    const negated = this.chars[this.at] === '^';
    if (negated) this.at += 1;
    const tests: CharTest[] = [];
    for (let char = this.chars[this.at]; char !== ']'; char = this.chars[this.at]) {
      if (char === undefined) throw this.wrong('a “[” without its “]”');
      const from = this.classMember();
      if (this.chars[this.at] === '-' && this.chars[this.at + 1] !== ']' && this.chars[this.at + 1] !== undefined) {
        this.at += 1;
        const to = this.classMember();
        if (typeof from !== 'string' || typeof to !== 'string' || from > to) throw this.wrong('a range that goes nowhere');
        tests.push((c) => c >= from && c <= to);
      } else tests.push(typeof from === 'string' ? (c) => c === from : from);
    }
    this.at += 1;
    return (c) => tests.some((test) => test(c)) !== negated;
  }

  private classMember(): string | CharTest {
    const char = this.chars[this.at] ?? '';
    this.at += 1;
    if (char !== '\\') return char;
    const escaped = this.chars[this.at] ?? '';
    if (/[^a-zA-Z0-9]/.test(escaped)) {
      this.at += 1;
      return escaped;
    }
    return this.escape();
  }

  private repeated(part: Node): Node {
    const char = this.chars[this.at];
    const bounds = char === '{' ? this.braces() : char === '*' ? [0, null] : char === '+' ? [1, null] : char === '?' ? [0, 1] : null;
    if (!bounds) return part;
    if (char !== '{') this.at += 1;
    // Lazy and greedy are the same when the whole value must match.
    if (this.chars[this.at] === '?') this.at += 1;
    if ('*+{'.includes(this.chars[this.at] ?? ' ')) throw this.wrong('two repetitions in a row');
    return { kind: 'repeat', part, min: bounds[0] ?? 0, max: bounds[1] ?? null };
  }

  private braces(): [number, number | null] {
    const found = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.chars.slice(this.at, this.at + 12).join(''));
    if (!found) throw this.wrong('a “{” that is no repetition; write “\\{” for the character');
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? null : Number(found[3]);
    if (max !== null && max < min) throw this.wrong('a repetition from more to fewer');
    if (Math.max(min, max ?? 0) > patternLimits.repeat) throw this.wrong(`a repetition of more than ${patternLimits.repeat}`);
    this.at += found[0].length;
    return [min, max];
  }
}

const digit: CharTest = (c) => c >= '0' && c <= '9';
const word: CharTest = (c) => /^\w$/.test(c);
const space: CharTest = (c) => /^\s$/.test(c);
const shorthand: Record<string, CharTest | undefined> = {
  d: digit,
  D: (c) => !digit(c),
  w: word,
  W: (c) => !word(c),
  s: space,
  S: (c) => !space(c),
};

interface State {
  test: CharTest | null;
  next: number[];
}

class Automaton {
  private readonly states: State[] = [];
  private readonly start: number;
  private readonly end: number;

  constructor(node: Node) {
    this.end = this.add(null, []);
    this.start = this.build(node, this.end);
  }

  private add(test: CharTest | null, next: number[]): number {
    if (this.states.length >= patternLimits.states) throw new PatternError('The pattern is too large: its repetitions multiply.');
    this.states.push({ test, next });
    return this.states.length - 1;
  }

  /** The state from which the node leads to `to`. */
  private build(node: Node, to: number): number {
    if (node.kind === 'char') return this.add(node.test, [to]);
    if (node.kind === 'seq') return node.parts.reduceRight((next, part) => this.build(part, next), to);
    if (node.kind === 'alt')
      return this.add(
        null,
        node.parts.map((part) => this.build(part, to)),
      );
    let next = to;
    if (node.max === null) {
      const loop = this.add(null, [to]);
      this.states[loop]?.next.push(this.build(node.part, loop));
      next = loop;
    } else for (let i = node.min; i < node.max; i++) next = this.add(null, [to, this.build(node.part, next)]);
    for (let i = 0; i < node.min; i++) next = this.build(node.part, next);
    return next;
  }

  run(value: string): boolean {
    let current = this.reach([this.start]);
    for (const char of value) {
      const next: number[] = [];
      for (const at of current) {
        const state = this.states[at];
        if (state?.test?.(char)) next.push(...state.next);
      }
      if (next.length === 0) return false;
      current = this.reach(next);
    }
    return current.has(this.end);
  }

  private reach(from: readonly number[]): Set<number> {
    const seen = new Set<number>();
    const open = [...from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const state = this.states[at];
      if (state && state.test === null) open.push(...state.next);
    }
    return seen;
  }
}
