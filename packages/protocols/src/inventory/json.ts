import type { Json } from '../report.ts';
import { isObject } from './values.ts';
import { shown, type Warnings } from './warnings.ts';
import type { RawReport } from './xml.ts';

type Obj = { [key: string]: Json };

/** Reads a JSON request. When it breaks or stops early, complete sections are kept and the report counts as partial. */
export function readJson(text: string, warnings: Warnings, maxDepth: number): RawReport {
  let root: Json;
  let truncated = false;
  try {
    root = JSON.parse(text) as Json;
  } catch (error) {
    warnings.add('bad_json', '', shown((error as Error).message));
    const saved = new Salvage(text, maxDepth).read();
    root = saved.value;
    truncated = true;
    warnings.add('truncated_body', '', 'The text breaks off; complete sections are kept and the report counts as partial.');
    for (const path of saved.incomplete) warnings.add('section_incomplete', path, 'The section is not complete; it was left out.');
  }
  if (!isObject(root)) {
    warnings.add('wrong_type', '', `Expected an object; dropped ${shown(root)}.`);
    return { head: {}, content: {}, truncated };
  }
  const head: Obj = {};
  let content: Obj = {};
  for (const [rawKey, value] of Object.entries(root)) {
    const key = rawKey.toLowerCase();
    if (key === '__proto__') continue;
    if (key !== 'content') head[key] = value;
    else if (isObject(value)) content = value;
    else warnings.add('wrong_type', 'content', `Expected an object; dropped ${shown(value)}.`);
  }
  return { head, content, truncated };
}

/** Marks a value that does not end: nothing of it may be used. */
const broken = Symbol('broken');
type Part = Json | typeof broken;

/**
 * A JSON reader for texts that break off. At the first and second level (the request, its content) it keeps the members that are
 * complete; deeper, a value is complete or it is nothing, since half a list of software would look like removals.
 */
class Salvage {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #incomplete: string[] = [];
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(): { value: Json; incomplete: string[] } {
    const value = this.#value(0, '');
    return { value: value === broken ? null : value, incomplete: this.#incomplete };
  }

  #space(): void {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
  }

  #value(depth: number, path: string): Part {
    this.#space();
    const c = this.#text[this.#at];
    if (depth > this.#maxDepth) return broken;
    if (c === '{') return this.#object(depth, path);
    if (c === '[') return this.#array(depth);
    if (c === '"') return this.#string();
    const m = /(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]}])/y;
    m.lastIndex = this.#at;
    const token = m.exec(this.#text)?.[0];
    if (token === undefined) return broken;
    this.#at += token.length;
    return JSON.parse(token) as Json;
  }

  #string(): Part {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) return broken;
    const slice = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(slice) as Json;
    } catch {
      // A raw control character or a bad escape: keep what is between the quotes.
      return slice.slice(1, -1);
    }
  }

  #array(depth: number): Part {
    this.#at++;
    const out: Json[] = [];
    for (;;) {
      this.#space();
      const c = this.#text[this.#at];
      if (c === ']') {
        this.#at++;
        return out;
      }
      if (c === ',') {
        this.#at++;
        continue;
      }
      const value = this.#value(depth + 1, '');
      if (value === broken) return broken;
      out.push(value);
    }
  }

  #object(depth: number, path: string): Part {
    this.#at++;
    const out: Obj = {};
    const forgiving = depth === 0 || (depth === 1 && path === 'content');
    for (;;) {
      this.#space();
      const c = this.#text[this.#at];
      if (c === '}') {
        this.#at++;
        return out;
      }
      if (c === ',') {
        this.#at++;
        continue;
      }
      const key = c === '"' ? this.#string() : broken;
      this.#space();
      if (typeof key !== 'string' || this.#text[this.#at] !== ':') return forgiving ? out : broken;
      this.#at++;
      const value = this.#value(depth + 1, key);
      if (value === broken) {
        if (forgiving) this.#incomplete.push(key);
        return forgiving ? out : broken;
      }
      if (key !== '__proto__') out[key] = value;
    }
  }
}
