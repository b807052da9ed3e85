import { ApiProblem, createClient } from '@muster/api/client';
import type { CallOf, ResponseOf, Route } from '@muster/api/route';
import { MutationCache, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import { sessionEnded } from './session-state.ts';

/** The typed client of this page: the session cookie speaks. */
export const call = createClient({ baseUrl: '' });

/** What a query of this route is remembered under. Give only the route to mean all its queries. */
export function keyOf(route: Route, input?: unknown): readonly unknown[] {
  return input === undefined ? [route.method, route.path] : [route.method, route.path, input];
}

/** A route and its input as a query: `useQuery(apiQuery(getAsset, { params: { id } }))`. */
export function apiQuery<X extends Route>(route: X, input: CallOf<X>) {
  return queryOptions({
    queryKey: keyOf(route, input),
    queryFn: async ({ signal }): Promise<ResponseOf<X>> => (await call(route, { ...input, signal })).data,
  });
}

/** As `apiQuery`, with the record's version for If-Match. */
export function recordQuery<X extends Route>(route: X, input: CallOf<X>) {
  return queryOptions({
    queryKey: [...keyOf(route, input), 'etag'],
    queryFn: async ({ signal }) => await call(route, { ...input, signal }),
  });
}

function onError(error: unknown): void {
  if (error instanceof ApiProblem && error.code === 'not_signed_in') sessionEnded();
}

function retry(failures: number, error: unknown): boolean {
  // A problem document is an answer; only a lost connection or an unready server is worth another try.
  if (error instanceof ApiProblem && error.code !== 'unavailable') return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { retry, staleTime: 10_000, refetchOnWindowFocus: true }, mutations: { retry: false } },
});

/** Everything that a change may have touched is read again. */
export async function refreshAll(): Promise<void> {
  await queryClient.invalidateQueries();
}
