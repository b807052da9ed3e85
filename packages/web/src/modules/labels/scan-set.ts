import { type ResolvedCode, resolveCode, type ScannedAsset } from '@muster/api/codes';
import { useSyncExternalStore } from 'react';
import { call } from '../../app/api.ts';

/** One thing scanned, however often and by whichever of its codes. */
export interface Scanned {
  /** The code as it was scanned first. */
  code: string;
  count: number;
  state: 'looking' | 'found' | 'several' | 'sticker' | 'unknown' | 'failed';
  asset: ScannedAsset | null;
  candidates: ResolvedCode['candidates'];
}

export interface ScanSet {
  items: readonly Scanned[];
  /** Codes are gathered instead of each opening its asset. */
  keep: boolean;
}

let current: ScanSet = { items: [], keep: false };
const listeners = new Set<() => void>();

function change(next: Partial<ScanSet>): void {
  current = { ...current, ...next };
  for (const listener of listeners) listener();
}

export function useScanSet(): ScanSet {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

export const scanSet = (): ScanSet => current;
export const setKeepScanning = (keep: boolean): void => change({ keep });
export const clearScanSet = (): void => change({ items: [] });
export const removeScanned = (code: string): void => change({ items: current.items.filter((one) => one.code !== code) });

/** Decides between several candidates. */
export function chooseCandidate(code: string, asset: ScannedAsset): void {
  settle(code, { state: 'found', asset });
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What the server says of a code. */
export async function lookUp(code: string): Promise<ResolvedCode> {
  return (await call(resolveCode, { params: { code } })).data;
}

/** Adds a scan to the set: a code or an asset that is there already is counted. Resolves when it is known what it is. */
export async function addScan(code: string, known?: ResolvedCode): Promise<void> {
  const there = current.items.find((one) => same(one.code, code));
  if (there) {
    change({ items: current.items.map((one) => (one === there ? { ...one, count: one.count + 1 } : one)) });
    return;
  }
  change({ items: [{ code, count: 1, state: 'looking', asset: null, candidates: [] }, ...current.items] });
  try {
    const answer = known ?? (await lookUp(code));
    const { asset, candidates, sticker } = answer;
    settle(code, { asset, candidates, state: asset ? 'found' : candidates.length > 0 ? 'several' : sticker ? 'sticker' : 'unknown' });
  } catch {
    settle(code, { state: 'failed' });
  }
}

/** Writes what was found; another code of an asset in the set counts there. */
function settle(code: string, found: Partial<Scanned>): void {
  const other = found.asset ? current.items.find((one) => one.asset?.id === found.asset?.id && one.code !== code) : undefined;
  const mine = current.items.find((one) => one.code === code);
  if (!mine) return;
  change({
    items: other
      ? current.items.filter((one) => one !== mine).map((one) => (one === other ? { ...one, count: one.count + mine.count } : one))
      : current.items.map((one) => (one === mine ? { ...one, ...found } : one)),
  });
}
