import { createHash } from 'node:crypto';
import { type Answers, answersOfEnrolment, areTwo, contradicts, coreQueries, detailPrefix, hardwareIn, traitsIn } from '@muster/protocols';
import { audit } from '../../platform/audit/audit.ts';
import { type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { Spool } from './spool.ts';
import { deleteNode, forkNodes, type KnownNode, noteAnswered, noteIntroduced, siblings } from './store-osquery.ts';

/** An answer is that of a machine that is alive for so long. */
const ALIVE_MS = 3 * 86_400_000;
/** So long after its enrolment a host may take to answer before its enrolment speaks for it. */
const PATIENCE_MS = 10 * 60_000;

/** Takes what osquery hosts answer into the inbox, and tells copies of one machine apart. */
export class OsqueryIntake {
  readonly #platform: Platform;
  readonly #spool: Spool;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#spool = new Spool(platform);
  }

  /**
   * Stores answers in the inbox, before they are acknowledged. False: the node key, or the device id behind it, is on two machines, and
   * whoever asked has to enrol again.
   */
  async take(node: KnownNode, answers: Answers, ip: string): Promise<boolean> {
    if (Object.keys(answers.queries).length === 0) return true;
    const now = this.#platform.now();
    const [hardware, traits] = [hardwareIn(answers), traitsIn(answers)];
    if (contradicts(hardware, node)) {
      await inTx(this.#platform.db, (tx) => deleteNode(tx, node.key_hash));
      return false;
    }
    const others = traits.macs.length === 0 ? [] : await siblings(this.#platform.db, node, new Date(now.getTime() - ALIVE_MS));
    if ([node, ...others].some((other) => areTwo(traits, other))) {
      await this.#fork(node, now);
      return false;
    }
    if (!node.placed && node.introduced_at === null && !isComplete(answers)) await this.#introduce(node, answers, ip, now);
    await this.#store(node, answers, false, ip, now);
    await inTx(this.#platform.db, (tx) => noteAnswered(tx, node.key_hash, hardware, traits, now));
    return true;
  }

  /** A host that enrolled and does not answer becomes an asset by what its enrolment told; once. */
  async introduceSilent(node: KnownNode, ip: string): Promise<void> {
    const now = this.#platform.now();
    if (node.placed || node.introduced_at !== null || node.answered_at !== null) return;
    if (now.getTime() - node.enrolled_at.getTime() < PATIENCE_MS) return;
    await this.#introduce(node, { queries: {}, statuses: {}, messages: {} }, ip, now);
  }

  /** Who the host is, as a report of its own: what may fail afterwards then has an asset to fail on. */
  async #introduce(node: KnownNode, answers: Answers, ip: string, now: Date): Promise<void> {
    const told = answersOfEnrolment(node.details).queries;
    const ids = coreQueries.map((name) => `${detailPrefix}${name}`);
    const given = Object.entries(answers.queries).filter(([id, rows]) => ids.includes(id) && Array.isArray(rows) && rows.length > 0);
    const queries = { ...told, ...Object.fromEntries(given) };
    if (ids.every((id) => queries[id] !== undefined)) await this.#store(node, { queries, statuses: {}, messages: {} }, true, ip, now);
    await inTx(this.#platform.db, (tx) => noteIntroduced(tx, node.key_hash, now));
  }

  async #fork(node: KnownNode, now: Date): Promise<void> {
    await inTx(this.#platform.db, async (tx) => {
      await forkNodes(tx, node.device_id, now);
      await audit(tx, systemActor, {
        action: 'osquery.forked',
        resource: 'reports',
        summary: `Two machines report as ${node.host_identifier || node.device_id}: other addresses and another name; both have to enrol again`,
        after: { deviceId: node.device_id },
      });
    });
  }

  async #store(node: KnownNode, answers: Answers, introduction: boolean, ip: string, now: Date): Promise<void> {
    // Without the node key, which is a secret.
    const kept = {
      action: 'inventory',
      deviceid: node.device_id,
      version: node.version,
      ...(introduction ? { introduction } : {}),
      osquery: answers,
    };
    const body = Buffer.from(JSON.stringify(kept));
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
      ip,
      state: 'pending',
      warnings: [],
      error: null,
    });
  }
}

/** Everything that was asked was answered, and it tells who the host is. */
function isComplete(answers: Answers): boolean {
  const rows = (name: string): unknown => answers.queries[`${detailPrefix}${name}`];
  return (
    coreQueries.every((name) => Array.isArray(rows(name)) && (rows(name) as unknown[]).length > 0) &&
    Object.values(answers.statuses).every((status) => status === 0 || status === '0')
  );
}
