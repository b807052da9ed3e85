import type { Warning } from '../report.ts';

/** Collects what was dropped or changed. Bounded: a report of 100,000 bad rows must not make 100,000 warnings. */
export class Warnings {
  readonly #list: Warning[] = [];
  readonly #max: number;
  #more = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(code: string, path: string, message: string): void {
    if (this.#list.length < this.#max) this.#list.push({ code, path: clean(path), message: clean(message) });
    else this.#more++;
  }

  /** Everything collected, and how much more there was. */
  list(): Warning[] {
    if (this.#more === 0) return this.#list;
    return [...this.#list, { code: 'more_warnings', path: '', message: `${this.#more} more warnings are not listed.` }];
  }
}

/** A value as a warning shows it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Warnings are stored too, so what PostgreSQL refuses must not be in them. */
// oxlint-disable-next-line no-control-regex
const clean = (text: string): string => text.replaceAll('\0', '').slice(0, 300).toWellFormed();
