import { errorCatalogue, problemSchema, type ErrorCode } from '@muster/api/errors';
import type { Route } from '@muster/api/route';
import { z } from 'zod';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the routes; deterministic, so that the committed copy can be compared. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  const sorted = routes.toSorted((a, b) => (a.path === b.path ? a.method.localeCompare(b.method) : a.path.localeCompare(b.path)));
  for (const route of sorted) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster API',
      version,
      description:
        'Every error is a problem document (RFC 9457); clients switch on `code`, never on text. Lists share one query: `q`, `filter`, `sort`, `fields`, `limit`, `cursor`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(sorted.map((route) => route.tag))].toSorted().map((name) => ({ name })),
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token, `mst_...`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'muster_session',
          description: 'The browser’s session. Changes also need the header `x-muster-request: 1`.',
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...(route.ifMatch
      ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' }, description: 'The ETag of the version you edit.' }]
      : []),
    ...(route.method === 'POST' && route.access !== 'public'
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: { type: 'string' },
            description: 'A repeat with the same key and body gets the first answer.',
          },
        ]
      : []),
  ];
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: [route.description, accessSentence(route)].filter(Boolean).join('\n\n'),
    tags: [route.tag],
    'x-permission': route.access,
    ...(route.access === 'public' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }
      : route.consumes
        ? { requestBody: { required: true, content: { [route.consumes]: { schema: { type: 'string', format: 'binary' } } } } }
        : {}),
    responses: { ...success(route), ...problems(route) },
  };
}

function accessSentence(route: Route): string {
  if (route.access === 'public') return 'Needs no credentials.';
  if (route.access === 'self') return 'Needs a signed-in user or a token.';
  return `Needs the permission \`${route.access}\`.`;
}

/** `GET /api/v1/assets/:id/timeline` -> `get_assets_id_timeline`: stable as long as the path is. */
function operationId(route: Route): string {
  const words = route.path
    .replace('/api/v1/', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return [route.method.toLowerCase(), ...words].join('_');
}

function success(route: Route): Json {
  const status = route.status ?? (route.response || route.produces ? 200 : 204);
  if (route.produces) return { [status]: { description: 'The content', content: { [route.produces]: { schema: { type: 'string' } } } } };
  if (!route.response) return { [status]: { description: 'Done' } };
  return { [status]: { description: 'The answer', content: { 'application/json': { schema: schemaOf(route.response, 'output') } } } };
}

/** What every route can answer besides its own errors. */
function problems(route: Route): Json {
  const codes = new Set<ErrorCode>(route.errors);
  if (route.params || route.query || route.body) codes.add('validation_failed');
  if (route.body) codes.add('body_not_readable').add('too_large').add('unsupported_media');
  if (route.access !== 'public' && route.access !== 'agent') codes.add('not_signed_in').add('forbidden');
  if (route.access !== 'public' && route.method !== 'GET') codes.add('csrf');
  if (route.access !== 'public' && route.method === 'POST') codes.add('idempotency_mismatch');
  if (route.ifMatch) codes.add('stale').add('if_match_required');
  codes.add('too_many_requests').add('internal');
  const byStatus = Map.groupBy([...codes].toSorted(), (code) => errorCatalogue[code].status);
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      { description: list.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('; '), content },
    ]),
  );
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const json = schemaOf(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(json.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || (json.required?.includes(name) ?? false),
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Json;
  return json;
}
