/**
 * Evidence ids by a cheap string key, bounded in entries and bytes. Two generations instead of a list of uses: a hit in the old generation moves the
 * entry to the young one; when the young one is full the old one is dropped. What is used stays, and a hit costs one look-up.
 */
export class EvidenceCache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #youngBytes = 0;
  #oldBytes = 0;

  constructor(options: { maxEntries?: number; maxBytes?: number } = {}) {
    // Halves, because two generations live at once.
    this.#maxEntries = Math.max(1, Math.floor((options.maxEntries ?? 400_000) / 2));
    this.#maxBytes = Math.max(1, Math.floor((options.maxBytes ?? 96 * 1024 * 1024) / 2));
  }

  get(key: string): number | undefined {
    const found = this.#young.get(key);
    if (found !== undefined) return found;
    const older = this.#old.get(key);
    if (older === undefined) return undefined;
    this.#old.delete(key);
    this.#oldBytes -= sizeOf(key);
    this.set(key, older);
    return older;
  }

  set(key: string, id: number): void {
    if (this.#young.has(key)) return;
    const size = sizeOf(key);
    if (this.#young.size >= this.#maxEntries || this.#youngBytes + size > this.#maxBytes) {
      this.#old = this.#young;
      this.#oldBytes = this.#youngBytes;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, id);
    this.#youngBytes += size;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
  /** About what it holds in memory. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }
}

/** A string of the engine and a map entry; measured roughly. */
const sizeOf = (key: string): number => key.length * 2 + 64;
