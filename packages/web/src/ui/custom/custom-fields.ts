import { ApiProblem } from '@muster/api/client';
import { listAssetClasses } from '@muster/api/asset-classes';
import { type CustomField, customFieldsOf, type CustomResource, type CustomValues, listFieldOf } from '@muster/api/custom-fields';
import type { Ref, Resource } from '@muster/api/fields';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { apiQuery } from '../../app/api.ts';

/** The custom fields in force of a resource, in their order; empty until they are read. */
export function useCustomFields(resource: CustomResource | null): readonly CustomField[] {
  const query = useQuery({
    ...apiQuery(customFieldsOf, { params: { resource: resource ?? 'assets' } }),
    enabled: resource !== null,
    staleTime: 60_000,
  });
  return query.data?.items ?? none;
}
const none: readonly CustomField[] = [];

/** The resource with its custom fields as if they were its own: columns, filters and facets then know them. */
export function useWithCustomFields<R extends Resource>(resource: R): R {
  const fields = useCustomFields(resource.custom ? (resource.name as CustomResource) : null);
  return useMemo(() => {
    if (fields.length === 0) return resource;
    const custom = Object.fromEntries(fields.map((field) => [`custom.${field.key}`, listFieldOf(field)]));
    return { ...resource, fields: { ...resource.fields, ...custom } };
  }, [resource, fields]);
}

/** The fields that an asset or model of this class has: those of its class and of the classes above it. */
export function useFieldsOfClass(resource: CustomResource, classKey: string | null): readonly CustomField[] {
  const fields = useCustomFields(resource);
  const hasClasses = fields.some((field) => field.class !== null);
  const classes = useQuery({ ...apiQuery(listAssetClasses, {}), enabled: hasClasses });
  return useMemo(() => {
    const parents = new Map((classes.data?.items ?? []).map((one) => [one.key, one.parent]));
    const line = new Set<string>();
    for (let at = classKey; at && !line.has(at); at = parents.get(at) ?? null) line.add(at);
    return fields.filter((field) => field.class === null || line.has(field.class));
  }, [fields, classes.data, classKey]);
}

/** What a form holds while it is filled in: as on the wire, references with their labels. */
export type CustomDraft = Record<string, unknown>;

/** The draft as it is sent: an empty input is null. */
export function sentValues(fields: readonly CustomField[], draft: CustomDraft): CustomValues {
  const values = fields
    .filter((field) => field.type !== 'encrypted' && field.key in draft)
    .map((field): [string, CustomValues[string]] => [field.key, sent(field, draft[field.key])]);
  return Object.fromEntries(values);
}

function sent(field: CustomField, value: unknown): CustomValues[string] {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  if (field.type === 'person' || field.type === 'place' || field.type === 'asset') return (value as Ref).id;
  if (field.type === 'money') return (value as { amount: string }).amount === '' ? null : (value as { amount: string; currency: string });
  return value as CustomValues[string];
}

/** What a problem says about custom values, by key. `within` is the part of the body they stand in. */
export function customErrors(error: unknown, within: 'custom' | 'assetCustom' = 'custom'): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {};
  const found = (error.errors ?? []).flatMap((one) => {
    const key = new RegExp(`^(?:body\\.)?${within}\\.([a-z0-9_]+)`).exec(one.field)?.[1];
    return key === undefined ? [] : [[key, one.message] as const];
  });
  return Object.fromEntries(found);
}
