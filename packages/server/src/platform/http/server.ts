import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import { Problem } from '@muster/api/errors';
import type { RouteAccess } from '@muster/api/permissions';
import scalar from '@scalar/fastify-api-reference';
import { fastify as createFastify, LogController, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Module, Platform } from '../context.ts';
import { newId } from '../ids.ts';
import type { Authenticate } from './authentication.ts';
import { mountHealth, type Readiness } from './health.ts';
import { measureRequests } from './metrics.ts';
import { mountRoutes } from './mount-routes.ts';
import { openApiDocument } from './openapi.ts';
import { inlineScriptHashes, mountPages, type PageFolders } from './pages.ts';
import { asProblem, problemDocument } from './problems.ts';

export interface HttpOptions {
  platform: Platform;
  modules: readonly Module[];
  authenticate: Authenticate;
  readiness: Readiness;
  folders: PageFolders;
  version: string;
  /** Requests a minute from one address to the API; a guard against runaway clients, not a quota. */
  requestsPerMinute?: number;
}

/** What is mounted and what it asks for; the test that walks all routes reads this. */
export interface MountedRoute {
  method: string;
  url: string;
  access: RouteAccess;
}

declare module 'fastify' {
  interface FastifyInstance {
    mountedRoutes: MountedRoute[];
  }
}

/** Bytes of a JSON body; agent reports and imports have routes of their own with their own limits. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** The HTTP server with everything mounted, ready to listen or to be injected into. A route that declares no access stops the start. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { platform } = options;
  const server = createFastify({
    loggerInstance: platform.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (raw) => requestId(raw.headers['x-request-id']),
    bodyLimit: BODY_LIMIT,
    trustProxy: platform.config.trustProxy,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
  }) as unknown as FastifyInstance;
  server.decorate('mountedRoutes', []);
  server.decorate('openStreams', new Set<() => void>());
  server.decorateRequest('authenticated', null);
  server.addHook('onRoute', (route) => {
    if (route.url.startsWith('/api/docs')) route.config = { ...route.config, access: 'public', label: '/api/docs' };
    const access = route.config?.access;
    if (access === undefined) throw new Error(`${String(route.method)} ${route.url} declares no access`);
    for (const method of [route.method].flat()) server.mountedRoutes.push({ method, url: route.url, access });
  });
  server.addHook('preClose', (done) => {
    for (const end of server.openStreams) end();
    done();
  });
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  logRequests(server, platform.log);
  measureRequests(server, platform.metrics);
  server.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  server.setNotFoundHandler((request, reply) => sendProblem(new Problem('not_found', 'There is no such route.'), request, reply));
  // A sample without a measurement counts as endless, so one must be longer than a pause that is still all right.
  await server.register(underPressure, { maxEventLoopDelay: 5000, sampleInterval: 5000, retryAfter: 5, pressureHandler: underLoad });
  await server.register(cookie);
  mountHealth(server, platform, options.authenticate, options.readiness);
  for (const module of options.modules) if (module.mount) await server.register(rawScope(module, platform));
  await server.register(async (scope) => mountWeb(scope, options));
  await server.register(async (scope) => mountDocs(scope, options));
  return server;
}

/** API, documentation and web UI: cookies, security headers, compression and the request limit hold here and not for agents. */
async function mountWeb(scope: FastifyInstance, options: HttpOptions): Promise<void> {
  const { platform } = options;
  await scope.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The reader of scanned codes is WebAssembly, compiled from a file of ours; it opens no way for script.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'", ...inlineScriptHashes(options.folders.web)],
        // Mantine and ECharts set style attributes and tags at run time.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    ...transport(platform),
    referrerPolicy: { policy: 'same-origin' },
  });
  await scope.register(compress, { threshold: 1024, encodings: ['gzip', 'deflate', 'identity'] });
  await scope.register(rateLimit, {
    max: options.requestsPerMinute ?? 60_000,
    timeWindow: 60_000,
    keyGenerator: (request) => request.ip,
    errorResponseBuilder: (_request, context) => new Problem('too_many_requests', `Try again in ${context.after}.`),
  });
  const routes = options.modules.flatMap((module) => module.routes);
  mountRoutes(scope, platform, options.authenticate, routes);
  const document = openApiDocument(
    routes.map((handled) => handled.route),
    options.version,
  );
  scope.get('/api/openapi.json', { config: { access: 'public' } }, async () => document);
  await mountPages(scope, options.folders);
}

/** The browsable documentation brings its own inline script, so its pages have a looser policy than the application's. */
async function mountDocs(scope: FastifyInstance, options: HttpOptions): Promise<void> {
  const directives = {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "'unsafe-inline'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    frameAncestors: ["'none'"],
  };
  await scope.register(helmet, { ...transport(options.platform), contentSecurityPolicy: { useDefaults: false, directives } });
  await scope.register(compress, { threshold: 1024, encodings: ['gzip', 'deflate', 'identity'] });
  await scope.register(scalar, {
    routePrefix: '/api/docs',
    configuration: { url: '/api/openapi.json', withDefaultFonts: false, hideClientButton: true, telemetry: false },
  });
}

/** The security headers that only make sense once the application is reached over TLS. */
function transport(platform: Platform): {
  hsts: false | { maxAge: number };
  crossOriginOpenerPolicy: false | { policy: 'same-origin' };
  originAgentCluster: false;
} {
  const secure = platform.config.baseUrl.startsWith('https:');
  return {
    hsts: secure ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: secure ? { policy: 'same-origin' } : false,
    originAgentCluster: false,
  };
}

/** A scope for foreign protocols: any body is bytes, nothing is parsed, compressed or limited by us. */
function rawScope(module: Module, platform: Platform): (scope: FastifyInstance) => Promise<void> {
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    // An agent may send a content type that is none; its body is read all the same.
    scope.addHook('onRequest', (request, _reply, done) => {
      if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+/.test(request.headers['content-type'] ?? ''))
        request.headers['content-type'] = 'application/octet-stream';
      done();
    });
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: platform.config.maxReportMib * 1024 * 1024 }, (_request, body, done) =>
      done(null, body),
    );
    await module.mount?.(scope, platform);
  };
}

const requestId = (given: string | string[] | undefined): string =>
  typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : newId();

function underLoad(_request: FastifyRequest, reply: FastifyReply, type: string): void {
  reply.header('retry-after', '5');
  throw new Problem('unavailable', `The server is overloaded (${type}); try again in a few seconds.`);
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = asProblem(error);
  if (problem.code === 'internal') request.log.error({ err: problem.cause, actor: request.authenticated?.actor.label }, 'A request failed');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemDocument(problem, request.id)));
}

/** One line a request, after it: what was asked, by whom, what came of it. Agents, files and probes only at debug level, as there are many. */
function logRequests(server: FastifyInstance, log: Platform['log']): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { access, label } = request.routeOptions.config;
    const quiet = reply.statusCode < 400 && (access === 'agent' || access === 'public');
    const level = reply.statusCode >= 500 ? 'error' : quiet ? 'debug' : 'info';
    if (log.isLevelEnabled(level)) {
      const entry = {
        method: request.method,
        route: label ?? request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ip: request.ip,
        ...(request.authenticated ? { actor: request.authenticated.actor.label } : {}),
      };
      request.log[level](entry, 'request');
    }
    done();
  });
}
