import { Problem } from '@muster/api/errors';
import { type ConnectorScope, connectorKind } from '@muster/api/connector-kinds';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { inTx } from '../../platform/db/pool.ts';
import { type ConnectorSession, VendorError } from './connector.ts';
import { openers } from './kinds.ts';
import { RunLog } from './run-log.ts';
import { type Cell, endListing, takePage } from './take-page.ts';
import { connectorById, type ConnectorRow, noteOutcome } from './store.ts';
import { dropDetails } from './store-items.ts';
import { beginRun, cellsOf, checkpoint, finishCell, finishRun, type RunCell, runById, type RunRow } from './store-runs.ts';
import { VendorHttp, type VendorLimits, vendorLimits } from './vendor-http.ts';

/** A system that gives pages for ever is stopped here. */
const MOST_PAGES = 100_000;

/**
 * Runs a connector: one listing after the other, a transaction for each page that holds its reports and the place to go on. After a crash
 * or a stop the queue delivers the job again, and it goes on there. A listing that fails is written down and hurts no other.
 */
export function runJob(limits: VendorLimits = vendorLimits): JobKind<{ runId: string }> {
  return {
    kind: 'integrations.run',
    handler: async (job) => {
      const run = await runById(job.platform.db, job.data.runId);
      const connector = run && (await connectorById(job.platform.db, run.connector_id));
      if (!run || !connector || run.finished_at !== null) return { state: run?.state ?? 'gone' };
      return new Sync(job, run, connector, limits).all();
    },
  };
}

class Sync {
  readonly #job: JobRun<{ runId: string }>;
  readonly #run: RunRow;
  readonly #connector: ConnectorRow;
  readonly #limits: VendorLimits;
  readonly #log: RunLog;
  readonly #scopes: readonly ConnectorScope[];
  #done = 0;

  constructor(job: JobRun<{ runId: string }>, run: RunRow, connector: ConnectorRow, limits: VendorLimits) {
    this.#job = job;
    this.#run = run;
    this.#connector = connector;
    this.#limits = limits;
    this.#log = new RunLog(job.platform, run.id);
    this.#scopes = connectorKind(connector.kind).scopes;
    this.#done = run.devices + run.people;
  }

  async all(): Promise<unknown> {
    const { platform, signal } = this.#job;
    await inTx(platform.db, (tx) =>
      beginRun(
        tx,
        this.#run,
        this.#scopes.map((s) => s.key),
        platform.now(),
      ),
    );
    this.#log.note('info', null, this.#run.started_at === null ? 'The run begins.' : 'The run goes on after an interruption.');
    let session: ConnectorSession | null = null;
    try {
      session = this.#open();
      for (const cell of await cellsOf(platform.db, this.#run.id)) {
        const scope = this.#scopes.find((s) => s.key === cell.scope);
        if (scope && cell.result === null) await this.#list(session, scope, cell);
      }
    } catch (error) {
      // Stopped: the job runs again and goes on. Cancelled: this was the end of it.
      if ((signal.reason as Error | undefined)?.name === 'JobCancelled') await this.#cancelled();
      throw error;
    } finally {
      await session?.close?.().catch(() => undefined);
      await this.#log.flush();
    }
    return this.#finish();
  }

  #open(): ConnectorSession {
    const { platform, signal } = this.#job;
    const secrets = JSON.parse(platform.secrets.decrypt(this.#connector.sealed)) as Record<string, string>;
    const hidden = Object.values(secrets).filter((secret) => secret.length >= 4);
    const redact = (text: string): string => hidden.reduce((out, secret) => out.replaceAll(secret, '•••'), text);
    return openers[this.#connector.kind]({
      connectorId: this.#connector.id,
      settings: this.#connector.settings,
      secrets,
      signal,
      http: (options) =>
        new VendorHttp(options, {
          signal,
          limits: this.#limits,
          redact,
          onRequest: () => this.#log.countRequest(),
          onWait: async (message) => {
            this.#log.note('warning', null, message);
            await this.#log.flush();
          },
        }),
    });
  }

  async #list(session: ConnectorSession, scope: ConnectorScope, cell: RunCell): Promise<void> {
    const { platform } = this.#job;
    const where: Cell = { connectorId: this.#connector.id, connectorKind: this.#connector.kind, runId: this.#run.id, scope };
    try {
      const rows = await this.#pages(session, where, cell);
      const missing = await inTx(platform.db, async (tx) => {
        await finishCell(tx, this.#run.id, scope.key, { result: 'ok', missingPermission: null, message: null, at: platform.now() });
        return endListing(tx, where, platform.now());
      });
      this.#log.note(
        'info',
        scope.key,
        `Complete: ${rows} rows.${missing > 0 ? ` ${missing} that were listed before are not any more.` : ''}`,
      );
    } catch (error) {
      if (!(error instanceof VendorError) || this.#job.signal.aborted) throw error;
      const missingPermission = error.result === 'denied' && !error.atSignIn ? scope.permission : null;
      await inTx(platform.db, async (tx) => {
        await finishCell(tx, this.#run.id, scope.key, {
          result: error.result,
          missingPermission,
          message: error.message.slice(0, 1000),
          at: platform.now(),
        });
        await dropDetails(tx, { connectorId: where.connectorId, scope: scope.key, runId: where.runId });
      });
      this.#log.note('error', scope.key, missingPermission === null ? error.message : `${error.message} It needs ${missingPermission}.`);
    }
    await this.#log.flush();
  }

  async #pages(session: ConnectorSession, where: Cell, cell: RunCell): Promise<number> {
    const { platform, signal, progress } = this.#job;
    let cursor = cell.cursor;
    let rows = cell.rows;
    for (let pages = cell.pages; ; pages++) {
      signal.throwIfAborted();
      if (pages >= MOST_PAGES) throw new VendorError('failed', `It gave ${MOST_PAGES} pages and no end.`);
      const page = await session.page(where.scope.key, cursor);
      if (page.next !== null && page.next === cursor) throw new VendorError('failed', 'It named the same page as the next one.');
      const taken = await inTx(platform.db, async (tx) => {
        const counts = await takePage(tx, where, page.items, platform.now());
        await checkpoint(tx, this.#run.id, where.scope.key, { cursor: page.next, ...counts });
        return counts;
      });
      for (const warning of page.warnings ?? []) this.#log.note('warning', where.scope.key, warning);
      rows += taken.rows;
      this.#done += taken.devices + taken.people;
      await progress(this.#done, null, `${where.scope.label}: ${rows}${page.total ? ` of ${page.total}` : ''}`);
      await this.#log.flush();
      if (page.next === null) return rows;
      cursor = page.next;
    }
  }

  async #cancelled(): Promise<void> {
    const { platform } = this.#job;
    this.#log.note('warning', null, 'The run was cancelled.');
    await inTx(platform.db, (tx) => finishRun(tx, this.#run.id, { state: 'cancelled', message: null, at: platform.now() }));
  }

  async #finish(): Promise<unknown> {
    const { platform } = this.#job;
    const cells = await cellsOf(platform.db, this.#run.id);
    const complete = cells.filter((c) => c.result === 'ok').length;
    const state = complete === cells.length ? 'ok' : complete > 0 ? 'partly' : 'failed';
    const wrong = cells.filter((c) => c.result !== 'ok').map((c) => `${c.scope}: ${c.result ?? 'not tried'}`);
    const message = wrong.length === 0 ? null : wrong.join('; ');
    const run = await runById(platform.db, this.#run.id);
    await inTx(platform.db, async (tx) => {
      await finishRun(tx, this.#run.id, { state, message, at: platform.now() });
      await noteOutcome(tx, this.#connector.id, { state, at: platform.now(), devices: run?.devices ?? 0 });
    });
    if (state === 'failed') throw new Problem('unavailable', `No listing was complete: ${cells[0]?.message ?? message ?? ''}`);
    return { state, devices: run?.devices ?? 0, people: run?.people ?? 0, message };
  }
}
