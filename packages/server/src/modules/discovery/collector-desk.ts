import { collectorHelloSchema, hostResultSchema, scanEndSchema, scanProgressSchema } from '@muster/api/collector';
import { Problem } from '@muster/api/errors';
import { defaultLimits, openBody } from '@muster/protocols';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Platform } from '../../platform/context.ts';
import { findEnrolmentKey, type UsableKey } from '../access/index.ts';
import type { Pressure } from './pressure.ts';
import { storeHost, takeEnd, takeProgress, workFor } from './scan-runs.ts';

declare module 'fastify' {
  interface FastifyRequest {
    collectorKey: UsableKey | null;
  }
}

const paramsSchema = z.object({ id: z.uuid() });

/** The endpoints of collectors. An enrolment key of the kind `collector` comes as bearer token; without it nothing is received. */
export function mountCollectors(scope: FastifyInstance, platform: Platform, pressure: Pressure): void {
  scope.decorateRequest('collectorKey', null);
  scope.addHook('onRequest', async (request) => {
    const secret = /^Bearer (\S{1,200})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    request.collectorKey = await findEnrolmentKey(platform, secret, 'collector');
    if (request.collectorKey === null) throw new Problem('unknown_key', 'This is no key of a collector.');
  });
  const route = (url: string, answer: (request: FastifyRequest, key: UsableKey) => Promise<unknown>): void => {
    scope.post(url, { config: { access: 'agent', label: url } }, async (request, reply) => {
      const answered = pressure.enter();
      try {
        const result = await answer(request, request.collectorKey as UsableKey);
        return await reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(result));
      } finally {
        answered();
      }
    });
  };
  route('/collector/work', async (request, key) => {
    read(platform, request, collectorHelloSchema);
    return { runs: await workFor(platform, key, request.ip) };
  });
  route('/collector/runs/:id/hosts', async (request, key) => {
    const { value, body, inflatedBytes } = read(platform, request, hostResultSchema);
    return storeHost(platform, key, runOf(request), {
      result: value,
      body,
      inflatedBytes,
      contentType: 'application/json',
      userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
      ip: request.ip,
    });
  });
  route('/collector/runs/:id/progress', async (request, key) => ({
    state: await takeProgress(platform, key, runOf(request), read(platform, request, scanProgressSchema).value),
  }));
  route('/collector/runs/:id/end', async (request, key) => ({
    state: await takeEnd(platform, key, runOf(request), read(platform, request, scanEndSchema).value),
  }));
}

function runOf(request: FastifyRequest): string {
  const params = paramsSchema.safeParse(request.params);
  if (!params.success) throw new Problem('not_found', 'There is no such scan for this collector.');
  return params.data.id;
}

/** The body as the schema says, unwrapped within the limits. Problems `body_not_readable`, `too_large`, `validation_failed`. */
function read<S extends z.ZodType>(
  platform: Platform,
  request: FastifyRequest,
  schema: S,
): { value: z.output<S>; body: Buffer; inflatedBytes: number } {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const open = openBody(body, { ...defaultLimits, maxInflatedBytes: platform.config.maxReportMib * 1024 * 1024 }, { salvage: false });
  if (!open.ok) throw new Problem(open.code === 'too_large' || open.code === 'ratio' ? 'too_large' : 'body_not_readable', open.message);
  const parsed = schema.safeParse(jsonOf(open.bytes));
  if (parsed.success) return { value: parsed.data, body, inflatedBytes: open.bytes.length };
  const errors = parsed.error.issues.map((issue) => ({ field: `body.${issue.path.join('.')}`, code: issue.code, message: issue.message }));
  throw new Problem('validation_failed', undefined, { errors: errors.slice(0, 50) });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Problem('body_not_readable', 'The body is no JSON in UTF-8.', { cause });
  }
}
