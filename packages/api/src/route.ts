import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { RouteAccess } from './permissions.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One route of the API, described once. The server ties it to a verb, the client and the UI call it by this object, the
 * OpenAPI document is made from it.
 */
export interface Route<
  P extends z.ZodType | undefined = z.ZodType | undefined,
  Q extends z.ZodType | undefined = z.ZodType | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  R extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly method: Method;
  /** With parameters as `:name`, for example `/api/v1/assets/:id`. */
  readonly path: string;
  /** A short verb phrase; the OpenAPI summary. */
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: RouteAccess;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Absent: 204 without a body, or a stream (`produces`). */
  readonly response?: R;
  /** The success status; 200 unless said, 204 without a response. */
  readonly status?: 200 | 201 | 202 | 204;
  /** For streams and files: the media type. */
  readonly produces?: string;
  /** For an uploaded file: its media type. The handler reads the body from `request.body`, a stream that nobody has read. */
  readonly consumes?: string;
  /** A write on a single record that must send If-Match. */
  readonly ifMatch?: boolean;
  readonly errors?: readonly ErrorCode[];
}

/** Describes a route; keeps the literal types for the typed client and server. */
export function defineRoute<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType | undefined = undefined,
>(route: Route<P, Q, B, R>): Route<P, Q, B, R> {
  return route;
}

type Out<S> = S extends z.ZodType ? z.output<S> : undefined;
type In<S> = S extends z.ZodType ? z.input<S> : undefined;
/** What a handler gets. */
export type ParamsOf<X> = X extends Route<infer P, infer _Q, infer _B, infer _R> ? Out<P> : never;
export type QueryOf<X> = X extends Route<infer _P, infer Q, infer _B, infer _R> ? Out<Q> : never;
export type BodyOf<X> = X extends Route<infer _P, infer _Q, infer B, infer _R> ? Out<B> : never;
/** What a handler returns, and what the client gets. */
export type ResponseOf<X> = X extends Route<infer _P, infer _Q, infer _B, infer R> ? Out<R> : never;

type Part<K extends string, S> = S extends z.ZodType ? { [k in K]: In<S> } : { [k in K]?: undefined };
/** What a caller gives to the typed client. */
export type CallOf<X> =
  X extends Route<infer P, infer Q, infer B, infer _R>
    ? Part<'params', P> &
        (Q extends z.ZodType ? { query?: In<Q> } : { query?: undefined }) &
        Part<'body', B> & { ifMatch?: string; idempotencyKey?: string; signal?: AbortSignal }
    : never;
