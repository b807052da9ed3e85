import { SaxesParser } from 'saxes';
import type { Json } from '../report.ts';
import { shown, type Warnings } from './warnings.ts';

/** A request as read from its text, before its sections get the names and types of the format. */
export interface RawReport {
  /** First-level values other than the content, in lower case: `deviceid`, `query`, `action`, `itemtype`, `partial`, `tag`, ... */
  readonly head: { [key: string]: Json };
  readonly content: { [key: string]: Json };
  /** The text stopped early: sections that may be incomplete were left out. */
  readonly truncated: boolean;
}

type Obj = { [key: string]: Json };
interface Frame {
  readonly name: string;
  text: string;
  value: Obj | null;
}

const chunkLength = 65_536;
/** Longest text that is kept once, and how many are. */
const mostShared = 40;
const mostTexts = 4096;

/**
 * Reads `<REQUEST>` by streaming. Attributes count as child elements, repeated elements become arrays. When the text stops early or
 * breaks, sections that were complete are kept; the last one, which may lack rows, is left out with a warning.
 */
export function readXml(text: string | Iterable<string>, warnings: Warnings, maxDepth: number): RawReport {
  const reader = new Reader(warnings, maxDepth);
  for (const chunk of typeof text === 'string' ? slices(text) : text) {
    if (reader.stopped) break;
    reader.write(chunk);
  }
  return reader.end();
}

function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += chunkLength) yield text.slice(at, at + chunkLength);
}

class Reader {
  stopped = false;
  readonly #parser = new SaxesParser({});
  readonly #warnings: Warnings;
  readonly #stack: Frame[] = [];
  readonly #head: Obj = {};
  readonly #content: Obj = {};
  #lastSection: string | null = null;
  #rootClosed = false;
  readonly #texts = new Map<string, string>();
  #errors = 0;

  constructor(warnings: Warnings, maxDepth: number) {
    this.#warnings = warnings;
    this.#parser.on('doctype', () => {
      this.stopped = true;
      warnings.add('doctype', '', 'A document type declaration is refused.');
    });
    this.#parser.on('opentag', (tag) => {
      if (this.#stack.length >= maxDepth) {
        this.stopped = true;
        warnings.add('too_deep', '', `Nested deeper than ${maxDepth} elements; the rest is dropped.`);
        return;
      }
      const frame: Frame = { name: tag.name.toLowerCase(), text: '', value: null };
      for (const [name, value] of Object.entries(tag.attributes)) put((frame.value ??= {}), name.toLowerCase(), value);
      this.#stack.push(frame);
      if (this.#stack.length === 3 && this.#stack[1]?.name === 'content') this.#lastSection = frame.name;
    });
    const append = (part: string): void => {
      const top = this.#stack.at(-1);
      if (top) top.text += part;
    };
    this.#parser.on('text', append);
    this.#parser.on('cdata', append);
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('error', (error) => {
      this.#errors++;
      if (this.#errors <= 5) warnings.add('bad_xml', '', shown(error.message));
    });
  }

  write(chunk: string): void {
    try {
      this.#parser.write(chunk);
    } catch (error) {
      this.stopped = true;
      this.#warnings.add('bad_xml', '', `Reading stopped: ${shown((error as Error).message)}`);
    }
  }

  end(): RawReport {
    const truncated = !this.#rootClosed;
    if (truncated) {
      this.#warnings.add('truncated_body', '', 'The text ends early; complete sections are kept and the report counts as partial.');
      if (this.#lastSection !== null && this.#stack[1]?.name === 'content') {
        delete this.#content[this.#lastSection];
        this.#warnings.add('section_incomplete', this.#lastSection, 'The section may lack rows; it was left out.');
      }
    }
    return { head: this.#head, content: this.#content, truncated };
  }

  /** Large answers repeat few short texts in every row; each is kept once. */
  #once(text: string): string {
    if (text.length > mostShared) return text;
    const there = this.#texts.get(text);
    if (there !== undefined) return there;
    if (this.#texts.size < mostTexts) this.#texts.set(text, text);
    return text;
  }

  #close(): void {
    const frame = this.#stack.pop();
    if (!frame || this.stopped) return;
    const value: Json = frame.value === null ? this.#once(frame.text.trim()) : frame.value;
    const depth = this.#stack.length;
    if (depth === 0) this.#rootClosed = true;
    else if (depth === 1) {
      if (frame.name !== 'content') put(this.#head, frame.name, value);
    } else if (depth === 2 && this.#stack[1]?.name === 'content') put(this.#content, frame.name, value);
    else {
      const parent = this.#stack.at(-1) as Frame;
      put((parent.value ??= {}), frame.name, value);
    }
  }
}

/** Adds a value under a name; the second of the same name makes an array. */
function put(target: Obj, name: string, value: Json): void {
  if (name === '__proto__') return;
  const there = Object.hasOwn(target, name) ? target[name] : undefined;
  if (there === undefined) target[name] = value;
  else if (Array.isArray(there)) there.push(value);
  else target[name] = [there, value];
}
