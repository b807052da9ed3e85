import { lineOf } from '@muster/core/authority';

/** A class and every class below it. */
export function classesBelow(classKey: string, parents: Readonly<Record<string, string | null>>): string[] {
  const map = new Map(Object.entries(parents));
  return Object.keys(parents).filter((key) => lineOf(key, map).includes(classKey));
}
