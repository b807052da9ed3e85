import { isObject, textOf } from '../inventory/values.ts';
import type { Warnings } from '../inventory/warnings.ts';
import type { Json } from '../report.ts';

export type Obj = { [key: string]: Json };

/** What one command printed. `ended` is `end` only when the command came to its own end; `code` is its exit status. */
export interface LoginOutput {
  readonly name: string;
  readonly text: string;
  readonly ended: string;
  readonly code: number | null;
}

/** Outputs by name, and how to read them. A command that failed has no output: its program is not installed, or the user may not read it. */
export class Outputs {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #warnings: Warnings;

  constructor(outputs: readonly LoginOutput[], warnings: Warnings) {
    this.#texts = new Map(outputs.filter((one) => one.ended === 'end' && one.code === 0).map((one) => [one.name, one.text]));
    this.#warnings = warnings;
  }

  has(name: string): boolean {
    return this.#texts.has(name);
  }

  /** Without what surrounds it; null when there is none. */
  text(name: string): string | null {
    return this.#texts.get(name)?.trim() || null;
  }

  lines(name: string): string[] {
    return (this.#texts.get(name) ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  }

  /** `KEY=value` or `Key: value`, the first of each key. Quotes around a value are taken off. */
  pairs(name: string, separator: '=' | ':'): Map<string, string> {
    const found = new Map<string, string>();
    for (const line of this.lines(name)) {
      const at = line.indexOf(separator);
      const key = line.slice(0, at).trim();
      const value = line
        .slice(at + 1)
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2');
      if (at > 0 && value !== '' && !found.has(key)) found.set(key, value);
    }
    return found;
  }

  /** Objects of a JSON output: of a list, of one object, or under a key of it. What is no JSON is a warning. */
  rows(name: string, key?: string): Obj[] | null {
    const text = this.#texts.get(name)?.replace(/^\ufeff/, '');
    if (text === undefined) return null;
    if (text.trim() === '') return [];
    try {
      const read = JSON.parse(text) as Json;
      const wanted = key !== undefined && isObject(read) ? (read[key] ?? []) : read;
      return (Array.isArray(wanted) ? wanted : [wanted]).filter(isObject);
    } catch {
      this.#warnings.add('bad_json', name, 'The output is no JSON; its section is left out.');
      return null;
    }
  }
}

/** Without what is absent or empty. */
export const known = (row: Record<string, Json | undefined>): Obj =>
  Object.fromEntries(Object.entries(row).filter((e): e is [string, Json] => e[1] !== undefined && e[1] !== null && e[1] !== ''));

/** A positive number, else undefined. */
export function positive(value: Json | undefined): number | undefined {
  const number = Number(textOf(value) ?? '');
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

export function megabytes(bytes: Json | undefined): number | undefined {
  const number = positive(bytes);
  return number === undefined ? undefined : Math.max(1, Math.round(number / 1_048_576));
}

/** Volumes of `df -P -k`, with `-T` a column more; what is no place for files of its own is left out. */
export function volumesOf(lines: readonly string[], withType: boolean): Obj[] {
  return lines.slice(1).flatMap((line) => {
    const m = (withType ? /^(\S+)\s+(\S+)\s+(\d+)\s+\d+\s+(\d+)\s+\S+\s+(\/.*)$/ : /^(\S+)\s+()(\d+)\s+\d+\s+(\d+)\s+\S+\s+(\/.*)$/).exec(
      line,
    );
    if (!m || !m[1]?.startsWith('/dev/') || m[3] === '0') return [];
    const mb = (kilobytes: string | undefined): number => Math.round(Number(kilobytes) / 1024);
    return [known({ volumn: m[1], filesystem: m[2], total: mb(m[3]), free: mb(m[4]), type: m[5] })];
  });
}

/** Who is logged in, each once. */
export function usersOf(lines: readonly string[]): Obj[] {
  const names = new Set(lines.flatMap((line) => /^(\S+)\s/.exec(line)?.[1] ?? []));
  return [...names].map((login) => ({ login }));
}

export const isoSeconds = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
