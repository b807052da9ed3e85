import type { ScanLogLine } from '@muster/api/scans';

const MOST_WAITING = 1000;
const MOST_AT_ONCE = 200;

/** Lines of a run that wait to be sent with its next message. What does not fit is counted and said. */
export class RunLog {
  readonly #say: (line: string) => void;
  #lines: ScanLogLine[] = [];
  #dropped = 0;
  #seq: number;

  constructor(firstSeq: number, say: (line: string) => void) {
    this.#seq = firstSeq;
    this.#say = say;
  }

  /** The number of the next line. */
  get seq(): number {
    return this.#seq;
  }

  add(level: ScanLogLine['level'], message: string): void {
    this.#say(message);
    if (this.#lines.length >= MOST_WAITING) this.#dropped++;
    else this.#lines.push({ seq: this.#seq++, at: new Date().toISOString(), level, message: message.slice(0, 1000) });
  }

  /** Takes out the next lines, oldest first. */
  take(): ScanLogLine[] {
    const taken = this.#lines.splice(0, MOST_AT_ONCE);
    if (this.#dropped > 0 && this.#lines.length === 0 && taken.length < MOST_AT_ONCE) {
      taken.push({
        seq: this.#seq++,
        at: new Date().toISOString(),
        level: 'warning',
        message: `${this.#dropped} more lines were left out.`,
      });
      this.#dropped = 0;
    }
    return taken;
  }

  get waiting(): number {
    return this.#lines.length;
  }
}
