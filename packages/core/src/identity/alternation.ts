import { compare, type Comparison } from './compare.ts';
import { type ComparedCandidate, describe, sharable } from './decide.ts';
import type { IdentityKey, KeyKind } from './keys.ts';
import { say } from './words.ts';

/** When an agent was heard of first and last, on one scale for both agents: milliseconds, or the count of reports. */
export interface Heard {
  readonly first: number;
  readonly last: number;
}

/**
 * Whether two agents keep reporting by turns, asked when the later one reports again: it came after the other (A, B), the other came back (A),
 * and now it comes back itself (B). An agent that replaced another, and one that a restored backup brought back for good, never do.
 * `newcomer` is what was known before this report.
 */
export const byTurns = (newcomer: Heard, other: Heard): boolean => other.first < newcomer.first && other.last > newcomer.last;

/**
 * - `one`: something that cannot be copied is common, or nothing that tells machines apart differs: two agents on one machine, or two
 *   operating systems of it.
 * - `unclear`: something differs, and not enough. A person tells.
 * - `two`: what belongs to the hardware has nothing in common: machines with copied or careless firmware.
 */
export type Verdict = 'one' | 'unclear' | 'two';

export interface Alternation {
  readonly verdict: Verdict;
  /** For people. */
  readonly reason: string;
  /** Values that agree although they are on two machines; only when they are `two`. */
  readonly shared: { kind: KeyKind; value: string }[];
  /** What agrees and what differs; without the ids of assets, which the caller knows. */
  readonly compared: Omit<ComparedCandidate, 'assetId'>;
}

/**
 * Tells whether two agents of one source that report by turns on one asset are on two machines. What a copy or a careless maker repeats
 * (serial number, UUID, board serial, tag) is no evidence that they are one. `others` are the keys of each agent that alternates with it; when
 * one of them is on its machine, it stays. Pure and in any order of the others. Source of the rule: reports of hosts that overwrite each other,
 * fleetdm/fleet#18645 and #50612.
 */
export function judgeAlternation(newcomer: readonly IdentityKey[], others: readonly (readonly IdentityKey[])[]): Alternation {
  const judged = others.map((keys) => {
    const c = compare({ keys: newcomer, partial: false }, { assetId: '', keys, sameNativeId: false, observed: true });
    return { c, verdict: verdictOf(c) };
  });
  const decisive =
    judged.find((j) => j.verdict === 'one') ?? judged.find((j) => j.verdict === 'two') ?? judged.find((j) => j.verdict === 'unclear');
  if (!decisive)
    return { verdict: 'one', reason: 'No other agent reports by turns with it.', shared: [], compared: { agrees: [], contradicts: [] } };
  const { verdict, c } = decisive;
  const shared = verdict === 'two' ? judged.flatMap((j) => sharedOf(j.c)) : [];
  return {
    verdict,
    reason: reasonOf(verdict, c),
    shared: [...new Map(shared.map((k) => [`${k.kind} ${k.value}`, k])).values()].sort((a, b) =>
      a.kind + a.value < b.kind + b.value ? -1 : 1,
    ),
    compared: comparedOf(c),
  };
}

/** What no copy has: an address on board, an id that a cloud, a modem or a directory gave. The agent's id is copied with the disk. */
const own: readonly KeyKind[] = ['mac', 'instance_id', 'imei', 'udid'];

function verdictOf(c: Comparison): Verdict {
  if (own.some((kind) => c.agrees.has(kind))) return 'one';
  // Hypervisors give the disks of all machines the same serial numbers, and copy them.
  if (!c.virtual && c.supports.has('disk_serial')) return 'one';
  const [disks, name] = [!c.virtual && c.apart.has('disk_serial'), c.apart.has('hostname')];
  const addresses = c.apart.has('mac') || (c.noMacInCommon && (c.virtual || disks));
  if (!addresses) return disks && name ? 'unclear' : 'one';
  // Two systems on one machine may use an adapter each, and have a name each.
  const maybeSystems = c.otherSystem && !disks;
  return (disks || name || c.apart.has('board_serial')) && !maybeSystems ? 'two' : 'unclear';
}

const sharedOf = (c: Comparison): { kind: KeyKind; value: string }[] =>
  sharable.flatMap((kind) => {
    const k = c.agrees.get(kind);
    return k ? [{ kind, value: k.value }] : [];
  });

const differing: readonly [KeyKind, string][] = [
  ['mac', 'MAC addresses'],
  ['disk_serial', 'disks'],
  ['hostname', 'host names'],
  ['board_serial', 'board serials'],
];

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function differencesOf(c: Comparison): string[] {
  return differing.flatMap(([kind, word]) => (c.apart.has(kind) || (kind === 'mac' && c.noMacInCommon) ? [word] : []));
}

function comparedOf(c: Comparison): Alternation['compared'] {
  const { agrees, contradicts } = describe(c);
  return { agrees, contradicts: [...contradicts, ...differencesOf(c).map((word) => `no ${word} in common`)] };
}

function reasonOf(verdict: Verdict, c: Comparison): string {
  const turns = 'Two agents of one source report by turns';
  if (verdict === 'one') return `${turns}, and what they tell is of one machine.`;
  const common = listed(sharedOf(c).map(say));
  const lead = common === '' ? turns : `${turns} under the ${common}`;
  const differ = `the ${listed(differencesOf(c))} of one are not those of the other`;
  return verdict === 'two'
    ? `${lead}, and each came back after the other. As ${differ}, they are on two machines, one of them a clone, or of a maker that repeats what should be unique.`
    : `${lead}, and each came back after the other; ${differ}. That may be one machine with two systems, or a machine and its clone.`;
}

/** Whether another source's report is of the newcomer's machine and not of one of those that stay: it has an address of it, and none of theirs. */
export function goesAlong(
  keys: readonly IdentityKey[],
  newcomer: readonly IdentityKey[],
  staying: readonly (readonly IdentityKey[])[],
): boolean {
  const macs = new Set(keys.filter((k) => k.kind === 'mac' && k.quality === 'good').map((k) => k.value));
  const has = (of: readonly IdentityKey[]): boolean => of.some((k) => k.kind === 'mac' && k.quality === 'good' && macs.has(k.value));
  return has(newcomer) && !staying.some(has);
}
