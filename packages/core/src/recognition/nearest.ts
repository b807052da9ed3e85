import { distance } from 'fastest-levenshtein';
import { cleanName } from './clean.ts';

/** A product that may be meant by an unrecognised title. */
export interface Candidate {
  readonly key: string;
  readonly name: string;
  readonly publisher: string;
}

/**
 * The products whose name is nearest to a cleaned title, best first, with a likeness from 0 to 1: shared words weigh most, spelling breaks ties,
 * a known same publisher helps. Only likenesses of 0.35 and more are worth showing.
 */
export function nearestProducts<T extends Candidate>(
  cleaned: string,
  publisher: string | null,
  candidates: readonly T[],
  limit = 3,
): { product: T; similarity: number }[] {
  const words = wordsOf(cleaned);
  if (words.size === 0) return [];
  const scored: { product: T; similarity: number }[] = [];
  for (const product of candidates) {
    const name = cleanName(product.name, null).name;
    const others = wordsOf(`${name} ${cleanName(product.publisher, null).name}`);
    let shared = 0;
    for (const word of words) if (others.has(word)) shared++;
    const samePublisher = publisher !== null && publisher === product.publisher;
    if (shared === 0 && Math.abs(name.length - cleaned.length) > 4) continue;
    const overlap = shared / Math.max(words.size, wordsOf(name).size);
    const spelling = 1 - distance(name, cleaned) / Math.max(name.length, cleaned.length, 1);
    const similarity = Math.min(1, overlap * 0.6 + Math.max(0, spelling) * 0.4 + (samePublisher ? 0.1 : 0));
    if (similarity >= 0.35) scored.push({ product, similarity: Math.round(similarity * 100) / 100 });
  }
  return scored.sort((a, b) => b.similarity - a.similarity || (a.product.key < b.product.key ? -1 : 1)).slice(0, limit);
}

function wordsOf(name: string): Set<string> {
  return new Set(name.split(/[^\p{L}\p{N}+#]+/u).filter((word) => word.length > 1 || /\d/.test(word)));
}
