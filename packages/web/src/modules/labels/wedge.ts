/** Keys of one scan follow each other this closely; nobody types so fast. */
const gapMs = 50;
/** Before the closing Enter some scanners pause a little. */
const enterGapMs = 120;
/** Shorter runs are chance. */
const shortest = 4;
/** From here on it is a scan, not a quick pair of shortcut keys. */
const certain = 3;

/** What the keys so far are: nothing, surely a scan under way, or a whole code. */
export type WedgeState = { kind: 'none' } | { kind: 'scanning' } | { kind: 'code'; code: string };

/**
 * Tells a wedge scanner, which types its code as a keyboard and ends with Enter, from a person: by the pace alone. Feed it every key with
 * its time in milliseconds.
 */
export class Wedge {
  #keys = '';
  #at = Number.NEGATIVE_INFINITY;

  feed(key: string, atMs: number): WedgeState {
    const gap = atMs - this.#at;
    // A scanner sends capitals and signs with the Shift key.
    if (key === 'Shift') return { kind: this.#keys.length >= certain && gap <= gapMs ? 'scanning' : 'none' };
    if (key === 'Enter') {
      const code = this.#keys;
      this.reset();
      return code.length >= shortest && gap <= enterGapMs ? { kind: 'code', code } : { kind: 'none' };
    }
    // Names of keys that type nothing are longer than a character.
    if (key.length !== 1) {
      this.reset();
      return { kind: 'none' };
    }
    this.#keys = gap <= gapMs ? this.#keys + key : key;
    this.#at = atMs;
    return { kind: this.#keys.length >= certain ? 'scanning' : 'none' };
  }

  reset(): void {
    this.#keys = '';
    this.#at = Number.NEGATIVE_INFINITY;
  }
}
