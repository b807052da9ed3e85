import { ApiProblem } from '@muster/api/client';
import type { Resource, Row } from '@muster/api/fields';
import type { Facets, ListQueryInput, Page } from '@muster/api/listing';
import type { Route } from '@muster/api/route';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call, keyOf } from '../../app/api.ts';
import { type ListState, splitFilter } from './list-state.ts';

export type AnyRow = Record<string, unknown>;
/** A row of the resource with every field possible and none sure, as columns are chosen. */
export type RowOf<R extends Resource> = Partial<Row<R>>;

/** Where a table's rows come from: the three list routes, with path parameters where the list belongs to a record. */
export interface RowSource {
  list: Route;
  facets?: Route;
  export?: Route;
  params?: Record<string, string>;
  query?: Record<string, string>;
}

type LooseCall = (route: Route, input: { params?: unknown; query?: unknown; signal?: AbortSignal }) => Promise<{ data: unknown }>;
// The table serves every resource: the route's own types are given back by the caller's resource.
const looseCall = call as unknown as LooseCall;
const pageSize = 100;

/** The query of the list without paging: what the facets and the export share with it. */
export function queryOf(
  state: ListState,
  fixedFilter: string | undefined,
  defaultSort: string,
): Pick<ListQueryInput, 'q' | 'filter' | 'sort'> {
  const { q, filter } = splitFilter(state.filter);
  const both = fixedFilter && filter ? `${fixedFilter} AND (${filter})` : fixedFilter || filter;
  return { ...(q ? { q } : {}), ...(both ? { filter: both } : {}), sort: state.sort || defaultSort };
}

/** Pages by cursor; the total comes with the first page only. */
export function useRows(source: RowSource, query: Pick<ListQueryInput, 'q' | 'filter' | 'sort'>, fields: string) {
  const result = useInfiniteQuery({
    queryKey: [...keyOf(source.list, { params: source.params, query: { ...source.query, ...query } }), fields],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const paging = pageParam ? { cursor: pageParam, total: 'none' } : { total: 'estimate' };
      const answer = await looseCall(source.list, {
        ...(source.params ? { params: source.params } : {}),
        query: { ...source.query, ...query, fields, limit: pageSize, ...paging },
        signal,
      });
      return answer.data as Page<AnyRow>;
    },
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.items) ?? [], [result.data]);
  const first = result.data?.pages[0];
  const filterProblem = result.error instanceof ApiProblem && result.error.code === 'bad_filter' ? result.error : null;
  return { ...result, rows, total: first?.total ?? null, isEstimate: first?.totalIsEstimate ?? false, filterProblem };
}

export function useFacets(source: RowSource, query: Pick<ListQueryInput, 'q' | 'filter'>, enabled: boolean) {
  const { facets } = source;
  // Counts are as of the same time as the rows.
  const asOf = source.query?.['as_of'] === undefined ? {} : { as_of: source.query['as_of'] };
  return useQuery({
    queryKey: [...keyOf(source.list, { facets: true, params: source.params, query: { ...asOf, ...query } })],
    enabled: enabled && facets !== undefined,
    queryFn: async ({ signal }) => {
      if (!facets) return { facets: [] };
      const answer = await looseCall(facets, {
        ...(source.params ? { params: source.params } : {}),
        query: { ...asOf, ...query },
        signal,
      });
      return answer.data as Facets;
    },
    placeholderData: keepPreviousData,
  });
}
