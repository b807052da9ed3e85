import { createHash, randomBytes } from 'node:crypto';
import settings from '../../../../../content/osquery/settings.json' with { type: 'json' };
import {
  answersOfLog,
  answersOfWrite,
  defaultLimits,
  distributedQueries,
  type Enrolment,
  type Json,
  type Limits,
  nodeKeyOf,
  openMessage,
  platformOf,
  readEnrolment,
  readLog,
  scheduledQueries,
} from '@muster/protocols';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { findEnrolmentKey } from '../access/index.ts';
import { OsqueryIntake } from './osquery-intake.ts';
import type { Pressure } from './pressure.ts';
import { noteContact } from './store-agents.ts';
import { addLines } from './store-osquery-lines.ts';
import { insertNode, isForked, type KnownNode, noteAsked, noteChanged, nodeByHash } from './store-osquery.ts';

type Obj = { [key: string]: Json };

const HOUR_MS = 3_600_000;
/** Full detail once a day; a little less, so that the hour does not wander. */
const DETAIL_MS = 23.5 * HOUR_MS;
/** A host that was asked and has not answered, or whose answer could not be placed, is left alone for so long. */
const AGAIN_MS = 10 * 60_000;
const FORCED_MS = HOUR_MS;

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
      config: (request, reply, message) => desk.config(request, reply, message),
      log: (request, reply, message) => desk.log(request, reply, message),
      'distributed/read': (request, reply, message) => desk.read(request, reply, message),
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

/** A contact without a report is noted so often. */
const CONTACT_MS = 6 * HOUR_MS;

class OsqueryDesk {
  readonly #platform: Platform;
  readonly #intake: OsqueryIntake;
  readonly limits: Limits;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#intake = new OsqueryIntake(platform);
    this.limits = { ...defaultLimits, maxInflatedBytes: platform.config.maxReportMib * 1024 * 1024 };
  }

  /** Gives a host a node key of its own. The same host keeps its device key, so that it stays one source of one machine. */
  async enroll(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const said = readEnrolment(message);
    const key = await findEnrolmentKey(this.#platform, said.secret);
    if (!key) return answer(reply, 401, { error: 'The enrolment key is not known.', node_invalid: true });
    const { uuid, serial } = said.hardware;
    const nodeKey = `mnk_${randomBytes(32).toString('base64url')}`;
    const actor: Actor = { kind: 'agent', id: key.id, label: key.name, userId: null, personId: null, grants: [] };
    await inTx(this.#platform.db, async (tx) => {
      const deviceId = await deviceIdOf(tx, said);
      await insertNode(tx, {
        key_hash: this.#platform.secrets.hash(nodeKey),
        device_id: deviceId,
        enrolment_key_id: key.id,
        host_identifier: said.hostIdentifier,
        platform_type: said.platformType,
        version: said.version,
        uuid,
        serial,
        name: said.name,
        details: said.details,
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

  async config(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    await this.#intake.introduceSilent(node, request.ip);
    const schedule = scheduledQueries(platformOf(node.platform_type), settings.changesInterval);
    return answer(reply, 200, { options: settings.options, schedule, node_invalid: false });
  }

  /** Snapshots of our own questions are answers; a difference of our own says that something changed; every other line is kept to be read. */
  async log(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    const { lines, changed } = readLog(message, settings.lines.mostPerMessage);
    const now = this.#platform.now();
    if (lines.length > 0 || changed)
      await inTx(this.#platform.db, async (tx) => {
        await addLines(tx, node.device_id, lines, settings.lines.mostPerHost, now);
        if (changed) await noteChanged(tx, node.key_hash, now);
      });
    if (message['log_type'] !== 'result') return answer(reply, 200, { node_invalid: false });
    return this.#answered(reply, await this.#intake.take(node, answersOfLog(message), request.ip));
  }

  /** Asks only for what is due. */
  async read(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    await this.#intake.introduceSilent(node, request.ip);
    const now = this.#platform.now();
    if (!isDue(node, now.getTime())) {
      if (node.contact_at !== null && now.getTime() - node.contact_at.getTime() >= CONTACT_MS)
        await inTx(this.#platform.db, (tx) => noteContact(tx, `osquery:${node.device_id}`, now));
      return answer(reply, 200, { queries: {}, node_invalid: false });
    }
    await inTx(this.#platform.db, (tx) => noteAsked(tx, node.key_hash, now));
    return answer(reply, 200, { ...distributedQueries(platformOf(node.platform_type)), node_invalid: false });
  }

  async write(request: FastifyRequest, reply: FastifyReply, message: Obj): Promise<FastifyReply> {
    const node = await this.#node(message);
    if (!node) return answer(reply, 401, invalid);
    return this.#answered(reply, await this.#intake.take(node, answersOfWrite(message), request.ip));
  }

  #answered(reply: FastifyReply, taken: boolean): FastifyReply {
    return taken ? answer(reply, 200, { node_invalid: false }) : answer(reply, 401, invalid);
  }

  async #node(message: Obj): Promise<KnownNode | undefined> {
    const key = nodeKeyOf(message);
    if (key === '' || key.length > 200) return undefined;
    return nodeByHash(this.#platform.db, this.#platform.secrets.hash(key), this.#platform.now());
  }
}

const shortHash = (values: readonly string[], length: number): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, length);

/** The same for the same host. Under one that several machines had, the name and osquery's own id tell them apart. */
async function deviceIdOf(db: Db, said: Enrolment): Promise<string> {
  const { uuid, serial } = said.hardware;
  const id = `${said.hostIdentifier || 'host'}-${shortHash([said.hostIdentifier, uuid, serial], 16)}`;
  return (await isForked(db, id)) ? `${id}-${shortHash([said.name, said.instanceId], 8)}` : id;
}

function isDue(node: KnownNode, nowMs: number): boolean {
  const since = (at: Date | null): number => (at === null ? Infinity : nowMs - at.getTime());
  if (since(node.asked_at) < AGAIN_MS) return false;
  if (node.force_full && since(node.asked_at) >= FORCED_MS) return true;
  if (node.changed_at !== null && since(node.changed_at) < since(node.answered_at)) return true;
  return since(node.answered_at) >= DETAIL_MS;
}
