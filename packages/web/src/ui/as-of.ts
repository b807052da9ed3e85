import type { Field, Resource } from '@muster/api/fields';
import { useNavigate, useSearch } from '@tanstack/react-router';

/** The time in the past that the page shows, in its address; undefined is now. */
export function useAsOf(): [string | undefined, (day: string | undefined) => void] {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (day: string | undefined): void => {
    const next = Object.fromEntries(Object.entries({ ...search, as_of: day }).filter(([, value]) => value));
    void navigate({ to: '.', search: next as never });
  };
  return [search['as_of'] || undefined, change];
}

/** The resource as it can be shown of the past: without the fields whose past is not kept, sorted by its title where it was by one of them. */
export function inThePast<R extends Resource>(resource: R): R {
  const fields = Object.fromEntries(Object.entries<Field>(resource.fields).filter(([, field]) => !field.noHistory));
  const sorted = resource.defaultSort.replace(/^-/, '') in fields;
  return { ...resource, fields, defaultSort: sorted ? resource.defaultSort : resource.titleField };
}
