import type { Tx } from '../../platform/db/types.ts';

/** Gives a free tag to an asset of this class and org unit; null when no sequence applies. */
export type TagGiver = (tx: Tx, asset: { classKey: string; orgUnitId: string | null }) => Promise<string | null>;

let giver: TagGiver = async () => null;

/** Who numbers assets registers here, so that this module need not know it. The last one counts. */
export function registerTagGiver(next: TagGiver): void {
  giver = next;
}

/** What is entered, with a tag of the sequence that applies when it has none. */
export async function withTag<T extends { class: string; tag?: string | undefined; orgUnit?: string | undefined }>(
  tx: Tx,
  entered: T,
): Promise<T> {
  if (entered.tag !== undefined) return entered;
  const tag = await giver(tx, { classKey: entered.class, orgUnitId: entered.orgUnit ?? null });
  return tag === null ? entered : { ...entered, tag };
}
