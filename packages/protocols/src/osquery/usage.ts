import { isObject, textOf } from '../inventory/values.ts';
import type { Json } from '../report.ts';

type Obj = { [key: string]: Json };

/** The day, in UTC, of a number of seconds since 1970: it is enough, and the list stays the same for as long as it lasts. */
export function dayOfSeconds(seconds: Json | undefined): string | undefined {
  const number = Number(textOf(seconds) ?? '');
  return number > 0 && number < 4_102_444_800 ? new Date(number * 1000).toISOString().slice(0, 10) : undefined;
}

/** Windows writes these folders by their id (KNOWNFOLDERID of the Windows SDK: ProgramFilesX64, ProgramFilesX86). */
const knownFolders: readonly [RegExp, string][] = [
  [/^\{6d809377-6af0-444b-8957-a3773f02200e\}/i, 'c:\\program files'],
  [/^\{7c5a40ef-a0fb-4bfc-874a-c0f2e0b9fa8e\}/i, 'c:\\program files (x86)'],
];

export interface Uses {
  /** Lower-case path of a program, and the day it was last started. Sorted by path. */
  readonly paths: readonly (readonly [string, string])[];
}

/** Which programs were started from the desktop, and when last. */
export function lastUses(rows: readonly Json[]): Uses {
  const paths = rows.filter(isObject).flatMap((row: Obj): [string, string][] => {
    const [path, used] = [textOf(row['path'])?.toLowerCase(), dayOfSeconds(row['last_execution_time'])];
    if (path === undefined || used === undefined) return [];
    const folder = knownFolders.find(([id]) => id.test(path));
    return [[folder ? path.replace(folder[0], folder[1]) : path, used]];
  });
  return { paths: paths.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) };
}

/** The last day anything under the folder was started; undefined when nothing is known of it, or it is a folder of many programs. */
export function usedSince(uses: Uses, folder: string | null): string | undefined {
  const root = folder?.toLowerCase().replaceAll('"', '').replace(/\\+$/, '') ?? '';
  if (root.split('\\').length < 3 || uses.paths.length === 0) return undefined;
  const prefix = `${root}\\`;
  // The first path that is not before the folder: what lies in it follows.
  let [low, high] = [0, uses.paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((uses.paths[middle]?.[0] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  let latest: string | undefined;
  for (let i = low; uses.paths[i]?.[0].startsWith(prefix) === true; i++) {
    const used = uses.paths[i]?.[1];
    if (used !== undefined && (latest === undefined || used > latest)) latest = used;
  }
  return latest;
}
