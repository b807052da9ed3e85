import { extractKeys, nothingTold } from './keys.ts';
import type { PlaceholderLists } from './lists.ts';

/** What assets that may be one have in common. */
export type DuplicateReason = 'serial' | 'tag' | 'mac' | 'name_and_model';

/** A common value with what else the assets say, from which its worth is judged. */
export interface CommonValue {
  readonly reason: DuplicateReason;
  readonly value: string;
  readonly name: string | null;
  readonly model: string | null;
  readonly manufacturer: string | null;
}

/**
 * Whether a value that several records have is a sign that they are one thing, and not a placeholder: as the identity of reports judges it
 * (`extractKeys`). A serial number may come without its maker here, as people often leave it out. Addresses are judged where they are read.
 */
export function meansSomething({ reason, value, name, model, manufacturer }: CommonValue, lists: PlaceholderLists): boolean {
  if (reason === 'mac') return true;
  const facts = { ...nothingTold, name: reason === 'name_and_model' ? value : name, model, manufacturer: manufacturer ?? 'unknown maker' };
  const keys = extractKeys({ ...facts, serial: reason === 'serial' ? value : null, assetTag: reason === 'tag' ? value : null }, lists);
  const good = (kinds: readonly string[], qualities: readonly string[]): boolean =>
    keys.some((k) => kinds.includes(k.kind) && qualities.includes(k.quality));
  if (reason === 'serial') return good(['serial', 'uuid'], ['good']);
  if (reason === 'tag') return good(['asset_tag'], ['good']);
  return good(['hostname'], ['weak']);
}
