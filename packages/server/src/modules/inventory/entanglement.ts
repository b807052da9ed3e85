/**
 * Which observations may ever meet in an asset, whatever the rules: those that share a value directly or through others. Holds 20 bytes
 * for each observation, so that a history of millions fits; everything else is read component by component.
 */
export class Entanglement {
  readonly #ids: Buffer;
  readonly #parents: Int32Array;
  readonly size: number;

  /** @param ids of observations, packed 16 bytes each in ascending order. @param extra how many more things get numbers after them. */
  constructor(ids: Buffer, extra: number) {
    this.#ids = ids;
    this.size = ids.length / idBytes + extra;
    this.#parents = Int32Array.from({ length: this.size }, (_, i) => i);
  }

  /** The number of an observation; null when it came after the ids were read. */
  numberOf(id: string): number | null {
    const wanted = packId(id);
    let low = 0;
    let high = this.#ids.length / idBytes - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.#ids.compare(wanted, 0, idBytes, middle * idBytes, (middle + 1) * idBytes);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  idOf(number: number): string {
    const hex = this.#ids.toString('hex', number * idBytes, (number + 1) * idBytes);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA !== rootB) this.#parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  /** The numbers of those that are not alone, the ones of a component beside each other. */
  entangled(): Int32Array {
    const sizes = new Int32Array(this.size);
    for (let i = 0; i < this.size; i++) {
      const root = this.#root(i);
      sizes[root] = (sizes[root] ?? 0) + 1;
    }
    let count = 0;
    for (let i = 0; i < this.size; i++) if ((sizes[this.#root(i)] ?? 0) > 1) count++;
    const found = new Int32Array(count);
    for (let i = 0, at = 0; i < this.size; i++) if ((sizes[this.#root(i)] ?? 0) > 1) found[at++] = i;
    return found.sort((a, b) => this.#root(a) - this.#root(b) || a - b);
  }

  together(a: number, b: number): boolean {
    return this.#root(a) === this.#root(b);
  }

  #root(of: number): number {
    let root = of;
    let parent = this.#parents[root] ?? root;
    while (parent !== root) {
      // Halves the way for the next one that asks.
      const above = this.#parents[parent] ?? parent;
      this.#parents[root] = above;
      root = above;
      parent = this.#parents[root] ?? root;
    }
    return root;
  }
}

export const idBytes = 16;

/** An id as it is compared. */
export function packId(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}
