import { setTimeout as pause } from 'node:timers/promises';
import { collectorPaths, type HostResult, type ScanEnd, type ScanProgress, type ScanWork } from '@muster/api/collector';
import { allowedRanges } from './allowed-ranges.ts';
import { Checkpoint } from './checkpoint.ts';
import type { Outbox } from './outbox.ts';
import { canPing } from './probe.ts';
import { RateGate } from './rate.ts';
import { RunLog } from './run-log.ts';
import { type HostFindings, scanHost } from './scan-host.ts';
import { isOpen } from './window.ts';

export interface SweepOptions {
  readonly outbox: Outbox;
  readonly checkpoints: string;
  /** Ranges that this collector may scan at most, whatever the server says; empty: what the server says. */
  readonly only: readonly string[];
  readonly collector: HostResult['collector'];
  readonly say: (line: string) => void;
  /** Aborted when the run was ended at the server, or the collector stops. */
  readonly signal: AbortSignal;
  /** Whether the signal says that the run is over, and not just this process. */
  readonly cancelled: () => boolean;
}

const SAVE_MS = 1000;
const PROGRESS_MS = 2000;

/** Does one run. Resolves to false when it is not finished: the process stops, or its time of day is over; it goes on from its checkpoint. */
export async function sweep(work: ScanWork, options: SweepOptions): Promise<boolean> {
  const checkpoint = await Checkpoint.open(options.checkpoints, work);
  const log = new RunLog(checkpoint.logSeq, (line) => options.say(`${work.name}: ${line}`));
  // The server has checked the same; a collector does not scan what it was not meant to because a server was taken over or wrong.
  const { addresses, faults } = allowedRanges(work, options.only);
  if (faults.length > 0) {
    for (const fault of faults) log.add('error', `Refused: ${fault.message}`);
    return finish('failed', `The ranges were refused: ${faults[0]?.message ?? ''}`);
  }
  const total = Number(addresses.count);
  const run = new Run(work, options, checkpoint, log, total);
  log.add('info', checkpoint.probed > 0 ? `Goes on at ${checkpoint.probed} of ${total} addresses.` : `Starts with ${total} addresses.`);
  const state = await run.all((number) => addresses.at(number));
  if (options.cancelled()) return finish('cancelled', 'Stopped.');
  if (state !== 'done') {
    log.add(
      'info',
      state === 'closed' ? 'The time of day for this network is over; it goes on tomorrow.' : 'The collector stops; it goes on from here.',
    );
    checkpoint.logSeq = log.seq;
    await checkpoint.save();
    await options.outbox.add(collectorPaths.progress(work.runId), run.progress());
    return false;
  }
  return finish('done', null);

  async function finish(outcome: ScanEnd['outcome'], message: string | null): Promise<boolean> {
    const figures = {
      total: Math.min(Number(addresses.count), 2_000_000),
      probed: checkpoint.probed,
      up: checkpoint.up,
      walked: checkpoint.walked,
    };
    if (outcome === 'done') log.add('info', `Done: ${figures.up} of ${figures.total} addresses answered, ${figures.walked} were read.`);
    while (log.waiting > 200) await options.outbox.add(collectorPaths.progress(work.runId), { ...figures, log: log.take() });
    await options.outbox.add(collectorPaths.end(work.runId), { ...figures, log: log.take(), outcome, message } satisfies ScanEnd);
    await checkpoint.remove();
    return true;
  }
}

class Run {
  readonly #work: ScanWork;
  readonly #options: SweepOptions;
  readonly #checkpoint: Checkpoint;
  readonly #log: RunLog;
  readonly #total: number;
  readonly #gate: RateGate;
  #canPing = false;
  #closed = false;

  constructor(work: ScanWork, options: SweepOptions, checkpoint: Checkpoint, log: RunLog, total: number) {
    this.#work = work;
    this.#options = options;
    this.#checkpoint = checkpoint;
    this.#log = log;
    this.#total = total;
    this.#gate = new RateGate(work.ratePerSecond);
  }

  progress(): ScanProgress {
    const { probed, up, walked } = this.#checkpoint;
    return { total: this.#total, probed, up, walked, log: this.#log.take() };
  }

  /** Looks at every address that is not done; `closed` when the time of day ended first. */
  async all(addressOf: (number: number) => string): Promise<'done' | 'closed' | 'stopped'> {
    this.#canPing = this.#work.ping && (await canPing());
    if (this.#work.ping && !this.#canPing) this.#log.add('warning', 'This machine has no ping program; hosts are looked for without it.');
    const numbers = this.#checkpoint.open(this.#total);
    const ended = new AbortController();
    const reporting = this.#report(ended.signal);
    const lane = async (): Promise<void> => {
      for (const number of numbers) {
        if (this.#options.signal.aborted) return;
        this.#closed ||= !isOpen(this.#work.window, new Date());
        if (this.#closed) return;
        await this.#one(addressOf(number), number);
      }
    };
    try {
      const lanes = await Promise.allSettled(Array.from({ length: this.#work.concurrency }, lane));
      const broken = lanes.find((one) => one.status === 'rejected');
      if (broken && !this.#options.signal.aborted) throw broken.reason;
    } finally {
      ended.abort();
      await reporting;
    }
    if (this.#checkpoint.probed >= this.#total) return 'done';
    return this.#closed ? 'closed' : 'stopped';
  }

  async #one(address: string, number: number): Promise<void> {
    const { signal } = this.#options;
    const found = await scanHost(address, {
      work: this.#work,
      canPing: this.#canPing,
      turn: async () => this.#gate.take(signal),
      signal,
    });
    // Half a host is none: after the stop it is looked at again.
    if (signal.aborted) return;
    if (found) await this.#keep(address, found);
    this.#checkpoint.done(number);
  }

  /** On disk first, then counted: a crash in between means that the host is looked at again, and the server keeps one. */
  async #keep(address: string, found: HostFindings): Promise<void> {
    const { outbox, collector } = this.#options;
    const { runId, rangeId } = this.#work;
    const { notes, ...host } = found;
    const result: HostResult = { format: 'muster-host-1', runId, rangeId, address, seenAt: new Date().toISOString(), ...host, collector };
    await outbox.add(collectorPaths.host(runId), result);
    this.#checkpoint.up++;
    if (found.snmp ?? found.login) this.#checkpoint.walked++;
    for (const note of notes) this.#log.add(note.level, note.message);
    for (const missing of [...(found.snmp?.missing ?? []), ...(found.login?.missing ?? [])])
      this.#log.add('warning', `${address}: ${missing}`);
  }

  /** Saves how far it is, and tells the server when it takes messages: of a server that is away nobody needs every step. */
  async #report(ended: AbortSignal): Promise<void> {
    let told = -Infinity;
    while (!ended.aborted) {
      await pause(SAVE_MS, undefined, { signal: ended }).catch(() => undefined);
      this.#checkpoint.logSeq = this.#log.seq;
      await this.#checkpoint.save();
      if (performance.now() - told < PROGRESS_MS || this.#options.outbox.count > 0) continue;
      told = performance.now();
      await this.#options.outbox.add(collectorPaths.progress(this.#work.runId), this.progress());
    }
  }
}
