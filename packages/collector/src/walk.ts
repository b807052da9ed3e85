import type { SnmpWalk, Subtree } from '@muster/api/collector';
import { compareOids, isBelow, isException, rowOf, sortedRows } from './oid.ts';
import type { SnmpSession } from './snmp-session.ts';
import { enterpriseSubtree, isWanted, type WantedSubtree, wantedSubtrees } from './subtrees.ts';

export interface WalkLimits {
  /** Most values of the device. */
  readonly maxRows: number;
  /** `performance.now()` at which the device's time is over. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

type Ended = Subtree['ended'];
export type WalkResult = Pick<SnmpWalk, 'subtrees' | 'missing' | 'rows'>;

/** Values asked for at once; fewer after each request without an answer, because some devices drop what they cannot fill. */
const BATCHES = [25, 5, 1] as const;
/** How often the smallest request is repeated before a device counts as silent. */
const REPEATS = 2;
const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';

/** Reads the parts of the MIB that tell what a device is. A device that loops, stalls or never ends ends with what it gave, and what is missing. */
export async function walkDevice(
  session: SnmpSession,
  limits: WalkLimits,
  wanted: readonly WantedSubtree[] = wantedSubtrees,
): Promise<WalkResult> {
  const values = new Map<string, string>();
  const subtrees: Subtree[] = [];
  const walker = new Walker(session, limits, values);
  const read = async (tree: WantedSubtree): Promise<void> => {
    const before = values.size;
    const ended = await walker.read(tree);
    subtrees.push({ name: tree.name, oid: tree.oid, values: values.size - before, ended });
  };
  const objectId = (): string | null => values.get(SYS_OBJECT_ID)?.split('|')[2] ?? null;
  const valuesOf = (oid: string): number => subtrees.find((tree) => tree.oid === oid)?.values ?? 0;
  for (const tree of wanted) if (isWanted(tree, objectId(), valuesOf)) await read(tree);
  const own = enterpriseSubtree(objectId());
  if (own) await read(own);
  return { subtrees, missing: subtrees.flatMap(sentenceOf), rows: sortedRows(values) };
}

const reasons: Record<Exclude<Ended, 'end'>, string> = {
  loop: 'the device answered with an earlier OID than it was asked for, so reading stopped there',
  too_many: 'it holds more values than are taken',
  too_slow: 'the time for one device was over',
  no_answer: 'the device stopped answering',
  error: 'the device answered with an error',
  not_reached: 'it was not asked for, because the device had used up its time, its values or its silence',
};

const sentenceOf = ({ name, values, ended }: Subtree): string[] =>
  ended === 'end' ? [] : [`${name}: ${reasons[ended]} (${values} values read)`];

class Walker {
  readonly #session: SnmpSession;
  readonly #limits: WalkLimits;
  readonly #values: Map<string, string>;
  /** The place in BATCHES: what a device could not answer once is not tried again. */
  #batch = 0;
  #silent = false;

  constructor(session: SnmpSession, limits: WalkLimits, values: Map<string, string>) {
    this.#session = session;
    this.#limits = limits;
    this.#values = values;
  }

  async read(tree: WantedSubtree): Promise<Ended> {
    if (this.#silent || this.#late() || this.#values.size >= this.#limits.maxRows) return 'not_reached';
    let at = tree.oid;
    let count = 0;
    let repeats = 0;
    for (;;) {
      if (this.#late()) return 'too_slow';
      const answer = await this.#session.after(at, BATCHES[this.#batch] as number);
      if (answer.kind === 'ended') return 'end';
      if (answer.kind === 'error') return 'error';
      if (answer.kind !== 'values') {
        if (this.#batch < BATCHES.length - 1) {
          this.#batch++;
          continue;
        }
        if (answer.kind === 'no_answer' && repeats++ < REPEATS) continue;
        this.#silent = answer.kind === 'no_answer';
        return this.#silent ? 'no_answer' : 'error';
      }
      repeats = 0;
      for (const varbind of answer.values) {
        if (isException(varbind)) return 'end';
        if (compareOids(varbind.oid, at) <= 0) return 'loop';
        if (!isBelow(varbind.oid, tree.oid)) return 'end';
        if (count >= tree.most || this.#values.size >= this.#limits.maxRows) return 'too_many';
        at = varbind.oid;
        // A part may lie within another one; a value is taken once.
        if (!this.#values.has(at)) {
          this.#values.set(at, rowOf(varbind));
          count++;
        }
      }
    }
  }

  #late(): boolean {
    return performance.now() >= this.#limits.deadline || (this.#limits.signal?.aborted ?? false);
  }
}
