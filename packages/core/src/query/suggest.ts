import { findField, type Field, type Resource, snake } from '@muster/api/fields';
import { distance } from 'fastest-levenshtein';

/** At most three of `candidates` that are near `typed`, nearest first. */
export function nearest(typed: string, candidates: Iterable<string>): string[] {
  const wanted = typed.toLowerCase().slice(0, 64);
  const scored = [...candidates].map((name) => {
    const lower = name.toLowerCase();
    const inside = wanted.length >= 3 && (lower.includes(wanted) || wanted.includes(lower));
    return { name, score: inside ? Math.min(1, distance(wanted, lower)) : distance(wanted, lower) };
  });
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const best = Math.min(...scored.map(({ score }) => score));
  return (
    scored
      // A near miss of one letter leaves no doubt; further off, show the runners-up too.
      .filter(({ score }) => score <= limit && (best > 1 || score === best))
      .sort((a, b) => a.score - b.score || a.name.localeCompare(b.name))
      .slice(0, 3)
      .map(({ name }) => name)
  );
}

/** The names of fields near `typed`, as people type them, among those that `allowed` admits. */
export function nearestFields(resource: Resource, typed: string, allowed: (field: Field) => boolean): string[] {
  const names = new Map<string, string>();
  for (const [key, field] of Object.entries(resource.fields)) {
    if (!allowed(field)) continue;
    for (const name of [snake(key), key, ...(field.aliases ?? [])]) if (!names.has(name)) names.set(name, snake(key));
  }
  return [...new Set(nearest(typed, names.keys()).map((name) => names.get(name) ?? name))];
}

/** A custom field read by key: text until a definition says otherwise. */
export type CustomField = (key: string) => Field | undefined;

/** The field meant by a name: the resource's own, or `custom.<key>` where the resource has custom fields. Its name is canonical. */
export function resolveField(resource: Resource, name: string, customField: CustomField | undefined): [string, Field] | undefined {
  const own = findField(resource, name);
  if (own || !customField) return own;
  const key = /^custom\.([a-z][a-z0-9_]{0,62})$/i.exec(name)?.[1]?.toLowerCase();
  const field = key === undefined ? undefined : customField(key);
  return field && [`custom.${key}`, field];
}
