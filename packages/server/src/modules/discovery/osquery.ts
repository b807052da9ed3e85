import { createHash, randomBytes } from 'node:crypto';
import {
  type Answers,
  answersOfLog,
  answersOfWrite,
  contradicts,
  defaultLimits,
  distributedQueries,
  hardwareIn,
  type Json,
  type Limits,
  nodeKeyOf,
  openMessage,
  platformOf,
  readEnrolment,
} from '@muster/protocols';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { findEnrolmentKey } from '../access/index.ts';
import type { Pressure } from './pressure.ts';
import { Spool } from './spool.ts';
import { deleteNode, insertNode, noteAnswered, noteAsked, nodeByHash, type OsqueryNode } from './store-osquery.ts';

type Obj = { [key: string]: Json };
type Node = OsqueryNode & { force_full: boolean };

const HOUR_MS = 3_600_000;
/** Full detail once a day; a little less, so that the hour does not wander. */
const DETAIL_MS = 23.5 * HOUR_MS;
/** A host that was asked and has not answered, or whose answer could not be placed, is left alone for so long. */
const AGAIN_MS = 10 * 60_000;
const FORCED_MS = HOUR_MS;

/** Seconds. A read without work costs one look by key; idle hosts come every five minutes. */
const options = { distributed_interval: 300, logger_tls_period: 60, config_refresh: 3600, schedule_splay_percent: 10 };

/** Told in the body: osquery looks at no HTTP status, and takes any JSON object without these for success. */
const invalid = { error: 'The host is not enrolled, or its key was revoked.', node_invalid: true };
const failure = (error: string): Obj => ({ error });

/**
 * osquery's remote API. osqueryd ignores HTTP statuses and forgets lines after any JSON object that names no error, so each answer that
 * is no success says `error`, also when the server itself fails.
 */
export function mountOsquery(parent: FastifyInstance, platform: Platform, pressure: Pressure): void {
  void parent.register(async (scope) => {
    const desk = new OsqueryDesk(platform);
    scope.setErrorHandler(async (error: { code?: string; statusCode?: number }, request, reply) => {
      const tooLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
      if (!tooLarge) request.log.error({ err: error }, 'A request of osquery failed');
      return answer(reply, tooLarge ? 413 : 503, failure(tooLarge ? 'The body is larger than the server accepts.' : 'Try again later.'));
    });
    const handlers: Record<string, (request: FastifyRequest, reply: FastifyReply, message: Obj) => Promise<FastifyReply>> = {
      enroll: (request, reply, message) => desk.enroll(request, reply, message),
      config: (_request, reply, message) => desk.config(reply, message),
      log: (request, reply, message) => desk.log(request, reply, message),
      'distributed/read': (_request, reply, message) => desk.read(reply, message),
      'distributed/write': (request, reply, message) => desk.write(request, reply, message),
    };
    for (const base of ['/api/osquery', '/api/v1/osquery'])
      for (const [name, handler] of Object.entries(handlers)) {
        const url = `${base}/${name}`;
        scope.post(url, { config: { access: 'agent', label: url } }, async (request, reply) => {
          const answered = pressure.enter();
          try {
            if (!Buffer.isBuffer(request.body) || request.body.length === 0) return await answer(reply, 401, invalid);
            const opened = openMessage(request.body, desk.limits);
            if (opened === null) return await answer(reply, 400, failure('The body is no JSON object.'));
            if (!opened.ok) return await answer(reply, 413, failure(opened.message));
            return await handler(request, reply, opened.message);
          } finally {
            answered();
          }
        });
      }
  });
}

const answer = (reply: FastifyReply, status: number, body: Obj): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));

class OsqueryDesk {
  readonly #platform: Platform;
  readonly #spool: Spool;
  readonly limits: Limits;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#spool = new Spool(platform);
    this.limits = { ...defaultLimits, maxInflatedBytes: platform.config.maxReportMib * 1024 * 1024 };
  }

  /** Gives a host a node key of its own. The same host keeps its device key, so that it stays one source of one machine. */
  async enroll(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const said = readEnrolment(message);
    const key = await findEnrolmentKey(this.#platform, said.secret);
    if (!key) return answer(reply, 401, { error: 'The enrolment key is not known.', node_invalid: true });
    const { uuid, serial } = said.hardware;
    const mark = createHash('sha256')
      .update(JSON.stringify([said.hostIdentifier, uuid, serial]))
      .digest('hex')
      .slice(0, 16);
    const nodeKey = `mnk_${randomBytes(32).toString('base64url')}`;
    const actor: Actor = { kind: 'agent', id: key.id, label: key.name, userId: null, personId: null, grants: [] };
    const deviceId = `${said.hostIdentifier || 'host'}-${mark}`;
    await inTx(this.#platform.db, async (tx) => {
      await insertNode(tx, {
        key_hash: this.#platform.secrets.hash(nodeKey),
        device_id: deviceId,
        enrolment_key_id: key.id,
        host_identifier: said.hostIdentifier,
        platform_type: said.platformType,
        version: said.version,
        uuid,
        serial,
        enrolled_at: this.#platform.now(),
      });
      await audit(
        tx,
        { ...actor, requestId: request.id, ip: request.ip },
        {
          action: 'osquery.enrolled',
          resource: 'reports',
          summary: `osquery on ${said.hostIdentifier || 'a host'} was enrolled`,
          after: { deviceId, platformType: said.platformType, version: said.version },
        },
      );
    });
    return answer(reply, 200, { node_key: nodeKey, node_invalid: false });
  }

  async config(reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    if (!(await this.#node(message))) return answer(reply, 401, invalid);
    return answer(reply, 200, { options, schedule: {}, node_invalid: false });
  }

  /** Snapshots of our own questions are read; the daemon's status lines and others' queries are taken and not kept. */
  async log(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    return this.#take(request, reply, node, message['log_type'] === 'result' ? answersOfLog(message) : { queries: {}, statuses: {} });
  }

  /** Asks only for what is due. */
  async read(reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    const now = this.#platform.now();
    if (!isDue(node, now.getTime())) return answer(reply, 200, { queries: {}, node_invalid: false });
    await inTx(this.#platform.db, (tx) => noteAsked(tx, node.key_hash, now));
    return answer(reply, 200, { ...distributedQueries(platformOf(node.platform_type)), node_invalid: false });
  }

  async write(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    return this.#take(request, reply, node, answersOfWrite(message));
  }

  async #node(message: Obj): Promise<Node | undefined> {
    const key = nodeKeyOf(message);
    if (key === '' || key.length > 200) return undefined;
    return nodeByHash(this.#platform.db, this.#platform.secrets.hash(key), this.#platform.now());
  }

  /** Stores answers in the inbox, before they are acknowledged. Two machines on one node key both have to enrol again. */
  async #take(request: FastifyRequest, reply: FastifyReply, node: Node, answers: Answers): Promise<FastifyReply> {
    if (Object.keys(answers.queries).length === 0) return answer(reply, 200, { node_invalid: false });
    const hardware = hardwareIn(answers);
    if (contradicts(hardware, node)) {
      await inTx(this.#platform.db, (tx) => deleteNode(tx, node.key_hash));
      return answer(reply, 401, invalid);
    }
    // Without the node key, which is a secret.
    const kept = { action: 'inventory', deviceid: node.device_id, version: node.version, osquery: answers };
    const body = Buffer.from(JSON.stringify(kept));
    const now = this.#platform.now();
    await this.#spool.store({
      reportId: newId(),
      receivedAt: now,
      enrolmentKeyId: node.enrolment_key_id,
      family: 'osquery',
      kind: 'inventory',
      deviceKey: `osquery:${node.device_id}`,
      deviceId: node.device_id,
      bodyHash: createHash('sha256').update(body).digest(),
      body,
      inflatedBytes: body.length,
      contentType: 'application/json',
      userAgent: `osquery/${node.version ?? '0'}`,
      agentId: null,
      agentVersion: node.version,
      ip: request.ip,
      state: 'pending',
      warnings: [],
      error: null,
    });
    await inTx(this.#platform.db, (tx) => noteAnswered(tx, node.key_hash, hardware, now));
    return answer(reply, 200, { node_invalid: false });
  }
}

function isDue(node: Node, nowMs: number): boolean {
  const since = (at: Date | null): number => (at === null ? Infinity : nowMs - at.getTime());
  if (since(node.asked_at) < AGAIN_MS) return false;
  if (node.force_full && since(node.asked_at) >= FORCED_MS) return true;
  return since(node.answered_at) >= DETAIL_MS;
}
