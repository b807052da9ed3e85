import { Problem, errorCatalogue } from '@muster/api/errors';
import { permissions, roleNames, rolePermissions } from '@muster/api/permissions';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from './platform/ids.ts';
import { testApp, type TestApp } from './testing/index.ts';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(async () => t.close());

/** A request as it comes through a proxy, so that no rule for local callers applies. */
const outside = { 'x-forwarded-for': '203.0.113.7' };
const filled = (url: string): string => url.replace(/:\w+/g, newId()).replace('*', 'page');

describe('every mounted route', () => {
  test('declares what it needs, and refuses whoever comes without', async () => {
    expect(t.app.mountedRoutes.length).toBeGreaterThan(40);
    const wrong: string[] = [];
    for (const route of t.app.mountedRoutes) {
      const answer = await t.app.inject({ method: route.method as 'GET', url: filled(route.url), headers: outside });
      const label = `${route.method} ${route.url} (${route.access}) answered ${answer.statusCode}`;
      if (route.access === 'public' ? [401, 403].includes(answer.statusCode) && route.url !== '/api/v1/session' : answer.statusCode !== 401)
        wrong.push(label);
    }
    expect(wrong).toEqual([]);
  });

  test('refuses an employee what only others may, and never lets a permission through that the role lacks', async () => {
    const wrong: string[] = [];
    for (const role of ['employee', 'technician', 'finance', 'auditor'] as const) {
      const actor = await t.as(role);
      for (const route of t.app.mountedRoutes.filter((mounted) => !['public', 'agent'].includes(mounted.access))) {
        if (route.url === '/api/v1/session' && route.method === 'DELETE') continue;
        const may = (rolePermissions[role] as readonly string[]).includes(route.access);
        if (may && route.url.endsWith('/events')) continue;
        const answer = await actor.inject({ method: route.method, url: filled(route.url), headers: outside });
        const refused = answer.statusCode === 403 && (route.method === 'HEAD' || answer.body.includes(route.access));
        if (may === refused || answer.statusCode === 401 || answer.statusCode >= 500)
          wrong.push(`${role}: ${route.method} ${route.url} (${route.access}) answered ${answer.statusCode}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test('a role names only permissions there are', () => {
    for (const role of roleNames) for (const permission of rolePermissions[role]) expect(permissions).toContain(permission);
  });
});

describe('the OpenAPI document', () => {
  test('describes every API route with its permission and problems, and each operation has a name of its own', async () => {
    const document = (await t.app.inject({ url: '/api/openapi.json' })).json() as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; 'x-permission': string; responses: object }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation['x-permission']}`),
    );
    const mounted = t.app.mountedRoutes
      // What agents speak is theirs, not the API's: docs/guides/agents.md.
      .filter((route) => route.url.startsWith('/api/v1/') && route.access !== 'agent')
      .map((route) => `${route.method} ${route.url.replace(/:(\w+)/g, '{$1}')} ${route.access}`);
    expect(described.sort()).toEqual(mounted.sort());
  });

  test('can be browsed', async () => {
    const page = await t.app.inject({ url: '/api/docs/' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self' 'unsafe-inline'");
    expect((await t.app.inject({ url: '/api/docs/js/scalar.js' })).statusCode).toBe(200);
  });
});

describe('pages and probes', () => {
  test('every error code has its page', async () => {
    for (const code of Object.keys(errorCatalogue)) {
      const page = await t.app.inject({ url: `/docs/errors/${code}` });
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain(code);
    }
    expect((await t.app.inject({ url: '/docs/errors/toString' })).statusCode).toBe(404);
  });

  test('answers probes, measures requests, and gives figures to whoever may have them', async () => {
    expect((await t.app.inject({ url: '/healthz' })).json()).toEqual({ status: 'ok' });
    expect((await t.app.inject({ url: '/readyz' })).json()).toEqual({ status: 'ready' });
    const local = await t.app.inject({ url: '/metrics' });
    expect(local.body).toContain('muster_http_request_duration_seconds_bucket');
    expect(local.body).toContain('route="/healthz"');
    expect((await t.app.inject({ url: '/metrics', headers: outside })).statusCode).toBe(401);
    expect((await t.app.inject({ url: '/metrics', headers: { ...outside, authorization: `Bearer ${t.token}` } })).statusCode).toBe(200);
  });

  test('security headers hold on pages and API alike', async () => {
    for (const url of ['/', '/api/v1/setup']) {
      const { headers } = await t.app.inject({ url });
      expect(headers['content-security-policy']).toMatch(/default-src 'self';script-src 'self'[^;]*;/);
      expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*'unsafe/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });

  test.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/%00',
    '/%zz',
  ])('no path leads out of the pages: %s', async (url) => {
    const answer = await t.app.inject({ url });
    expect(answer.body).not.toContain('"workspaces"');
    expect(answer.statusCode).toBeLessThan(504);
  });
});

describe('the audit log', () => {
  test('cannot be altered through the application’s database role', async () => {
    await expect(sql`update audit_log set summary = 'nothing happened'`.execute(t.db)).rejects.toThrow(/append-only/);
    await expect(sql`delete from audit_log`.execute(t.db)).rejects.toThrow(/append-only/);
    await expect(sql`truncate audit_log`.execute(t.db)).rejects.toThrow(/append-only/);
  });

  test('has no route that changes it', () => {
    expect(t.app.mountedRoutes.filter((route) => route.url.includes('audit-log') && route.method !== 'GET')).toEqual([]);
  });
});

test('a Problem knows its status', () => {
  expect(new Problem('stale').status).toBe(412);
});
