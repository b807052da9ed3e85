import { createHash } from 'node:crypto';
import { type AgentHeaders, defaultLimits, encodeReply, inspect, type Inspection, type Limits, type Refusal } from '@muster/protocols';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { findEnrolmentKey, type UsableKey } from '../access/index.ts';
import { hasScans, jobsFor } from './agent-scans.ts';
import { answerTo, noScans, type ScanWork, taskActions } from './conversation.ts';
import type { Pressure } from './pressure.ts';
import { noteContact } from './store-agents.ts';
import { Spool } from './spool.ts';
import { type Delivery, mustSendAll } from './store-inbox.ts';

declare module 'fastify' {
  interface FastifyRequest {
    enrolmentKey: UsableKey | null;
  }
}

const paths = ['/agent', '/agent/*', '/ocsinventory', '/ocsinventory/*'];

/** HTTP statuses of refusals. */
const refusalStatus: Record<Refusal['code'], number> = { empty: 400, too_large: 413, ratio: 413, too_deep: 422, doctype: 422 };

/** The endpoints that unmodified agents talk to. A request is answered only after its report is committed. */
export function mountAgents(scope: FastifyInstance, platform: Platform, pressure: Pressure): void {
  const desk = new Desk(platform);
  scope.decorateRequest('enrolmentKey', null);
  // Before the body is read: without a key nothing is received.
  scope.addHook('onRequest', async (request, reply) => {
    request.enrolmentKey = await keyOf(platform, request);
    if (request.enrolmentKey !== null) return;
    await reply.code(401).header('www-authenticate', 'Basic realm="Muster"').type('text/plain').send('The enrolment key is not known.\n');
  });
  scope.setErrorHandler(async (error: { code?: string }, request) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      await desk.noteRefusal(request, 'too_large', 'The body is larger than the server accepts.');
    throw error;
  });
  for (const url of paths) {
    scope.get(url, { config: { access: 'agent', label: url } }, (request, reply) => desk.get(request, reply));
    scope.post(url, { config: { access: 'agent', label: url } }, async (request, reply) => {
      const answered = pressure.enter();
      try {
        return await desk.post(request, reply);
      } finally {
        answered();
      }
    });
  }
}

/** The key: the path part behind the endpoint, else the password of HTTP Basic. */
async function keyOf(platform: Platform, request: FastifyRequest): Promise<UsableKey | null> {
  const part = (request.params as { '*'?: string })['*']?.split('/')[0] ?? '';
  const byPath = part === '' ? null : await findEnrolmentKey(platform, part);
  if (byPath) return byPath;
  const basic = /^Basic ([A-Za-z0-9+/=]{1,1000})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!basic) return null;
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? null : findEnrolmentKey(platform, text.slice(at + 1));
}

const one = (value: string | string[] | undefined, max = 300): string | null =>
  typeof value === 'string' ? value.slice(0, max) || null : (value?.[0]?.slice(0, max) ?? null);

class Desk {
  readonly #platform: Platform;
  readonly #spool: Spool;
  readonly #limits: Limits;
  readonly #received: Counter<'family' | 'kind'>;
  readonly #refused: Counter<'code'>;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#spool = new Spool(platform);
    this.#limits = { ...defaultLimits, maxInflatedBytes: platform.config.maxReportMib * 1024 * 1024 };
    const registers = [platform.metrics];
    this.#received = new Counter({
      name: 'muster_agent_requests_total',
      help: 'Requests of agents by family and kind.',
      labelNames: ['family', 'kind'],
      registers,
    });
    this.#refused = new Counter({
      name: 'muster_reports_refused_total',
      help: 'Reports refused before anything was stored.',
      labelNames: ['code'],
      registers,
    });
  }

  get(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const action = one((request.query as { action?: string | string[] }).action);
    if (one(request.headers['glpi-request-id']) !== null && (action === null || !taskActions.has(action)))
      return reply.code(404).type('application/json').send('{"status":"error","message":"No answer waits for this request."}');
    return reply.type('application/json').send('{}');
  }

  async post(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const headers: AgentHeaders = {
      contentType: one(request.headers['content-type'], 100),
      userAgent: one(request.headers['user-agent']),
      agentId: one(request.headers['glpi-agent-id'], 100),
      requestId: one(request.headers['glpi-request-id'], 100),
    };
    const seen = inspect(body, headers, this.#limits);
    if (!seen.ok) {
      if (seen.code !== 'empty') await this.noteRefusal(request, seen.code, seen.message);
      return send(reply.code(refusalStatus[seen.code]), seen.message, headers, body);
    }
    this.#received.inc({ family: seen.family, kind: seen.kind });
    const asks = seen.family === 'glpi' && (seen.kind === 'prolog' || seen.kind === 'contact') && seen.deviceKey !== null;
    const talk = seen.kind === 'prolog' || seen.kind === 'contact' || seen.kind === 'get_params';
    const { deviceKey } = seen;
    if (talk && deviceKey !== null) await inTx(this.#platform.db, (tx) => noteContact(tx, deviceKey, this.#platform.now()));
    const sendAll = asks && (await mustSendAll(this.#platform.db, seen.deviceKey));
    const answer = answerTo(seen, sendAll, await this.#scans(request, seen, sendAll));
    if (answer.store) await this.#spool.store(this.#delivery(request, body, headers, seen));
    const target = {
      family: seen.family,
      dialect: answer.dialect ?? seen.dialect,
      encoding: seen.encoding,
      contentType: headers.contentType,
    };
    const encoded = encodeReply(answer.reply, target);
    return reply
      .code(answer.reply.type === 'error' ? 400 : 200)
      .header('content-type', encoded.contentType)
      .send(encoded.body);
  }

  /** Scans that wait for the agent. Credentials go only into an answer that the agent takes jobs from: to a PROLOG in XML. */
  async #scans(request: FastifyRequest, seen: Inspection, sendAll: boolean): Promise<ScanWork> {
    const talks = seen.kind === 'prolog' || seen.kind === 'contact';
    if (!talks || seen.deviceKey === null || (seen.family !== 'glpi' && seen.family !== 'fusioninventory')) return noScans;
    const takesJobs = seen.kind === 'prolog' && (seen.agentId === null || sendAll);
    const jobs = takesJobs ? await jobsFor(this.#platform, seen.deviceKey, request.enrolmentKey, request.ip) : [];
    return { waits: jobs.length > 0 || (await hasScans(this.#platform, seen.deviceKey)), jobs };
  }

  #delivery(request: FastifyRequest, body: Buffer, headers: AgentHeaders, seen: Inspection): Delivery {
    const bodyHash = createHash('sha256').update(body).digest();
    const unreadable = seen.kind === 'unknown' && !seen.readable;
    const foreign = seen.kind === 'unknown' && seen.readable && seen.bodyState !== 'damaged' && seen.bodyState !== 'truncated';
    return {
      reportId: newId(),
      receivedAt: this.#platform.now(),
      enrolmentKeyId: request.enrolmentKey?.id ?? '',
      family: seen.family,
      kind: seen.kind,
      deviceKey: seen.deviceKey ?? `${seen.family}:body:${bodyHash.toString('hex').slice(0, 32)}`,
      deviceId: seen.deviceId === null ? null : storable(seen.deviceId),
      bodyHash,
      body,
      inflatedBytes: seen.inflatedBytes,
      contentType: storable(headers.contentType),
      userAgent: storable(headers.userAgent),
      agentId: storable(seen.agentId),
      agentVersion: storable(seen.agentVersion),
      ip: request.ip,
      state: unreadable ? 'failed' : foreign ? 'ignored' : 'pending',
      warnings: unreadable
        ? [{ code: 'unreadable', path: '', message: 'It is neither XML nor JSON.' }]
        : foreign
          ? [{ code: 'unknown_kind', path: '', message: 'It is no kind of report that Muster knows; it is kept as it came.' }]
          : [],
      error: unreadable ? 'unreadable' : null,
    };
  }

  /** Notes in the audit log that a body was refused and nothing of it stored. */
  async noteRefusal(request: FastifyRequest, code: string, message: string): Promise<void> {
    this.#refused.inc({ code });
    const key = request.enrolmentKey;
    const actor: Actor = { kind: 'agent', id: key?.id ?? null, label: key?.name ?? 'agent', userId: null, personId: null, grants: [] };
    await inTx(this.#platform.db, (tx) =>
      audit(
        tx,
        { ...actor, requestId: request.id, ip: request.ip },
        {
          action: 'report.refused',
          resource: 'reports',
          summary: message,
          after: { code, userAgent: one(request.headers['user-agent']), contentType: one(request.headers['content-type'], 100) },
        },
      ),
    );
  }
}

/** PostgreSQL's text refuses NUL and half characters. */
const storable = (text: string | null | undefined): string | null => text?.replaceAll('\0', '').toWellFormed() || null;

function send(reply: FastifyReply, message: string, headers: AgentHeaders, body: Buffer): FastifyReply {
  const json = body[0] === 0x7b;
  const encoded = encodeReply(
    { type: 'error', message },
    { family: 'unknown', dialect: json ? 'json' : 'xml', encoding: 'plain', contentType: headers.contentType },
  );
  return reply.header('content-type', encoded.contentType).send(encoded.body);
}
