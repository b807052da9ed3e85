/**
 * How many agents wait for an answer at this moment, shared between the thread that answers and the one that processes. What is stored can
 * wait; an agent that waits too long sends everything again.
 */
export class Pressure {
  readonly memory: SharedArrayBuffer;
  readonly #waiting: Int32Array;

  /** `memory` is that of the other thread's. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#waiting = new Int32Array(memory);
  }

  /** An agent waits; call what is returned when it was answered. */
  enter(): () => void {
    Atomics.add(this.#waiting, 0, 1);
    return () => void Atomics.sub(this.#waiting, 0, 1);
  }

  /** Resolves when only a few agents wait, or after a while: an endless rush must not stop processing. */
  async relief(): Promise<void> {
    for (let waited = 0; waited < LONGEST_MS && Atomics.load(this.#waiting, 0) >= MANY; waited += STEP_MS)
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/** With fewer than this the machine has time for both. */
const MANY = 4;
const STEP_MS = 25;
const LONGEST_MS = 1500;
