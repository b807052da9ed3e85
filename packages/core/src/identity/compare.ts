import type { Candidate, Doubt, Observed } from './decide.ts';
import type { IdentityKey, KeyKind } from './keys.ts';

/** What a report and a candidate have in common, and what tells them apart. */
export interface Comparison {
  readonly candidate: Candidate;
  /** Kinds whose values agree; good on both sides. */
  readonly agrees: ReadonlyMap<KeyKind, IdentityKey>;
  /** Kinds that agree though one side is weak. */
  readonly supports: ReadonlySet<KeyKind>;
  readonly serialContradicts: readonly [string, string] | null;
  readonly uuidContradicts: readonly [string, string] | null;
  readonly instanceContradicts: readonly [string, string] | null;
  /** Kinds both sides speak of without one value in common. Alone none of them says much: adapters, disks and names change. */
  readonly apart: ReadonlySet<KeyKind>;
  /** Neither side has an address of the other, even among those that software made up. */
  readonly noMacInCommon: boolean;
  /** Two agents were installed: another one than the candidate's. */
  readonly otherAgent: boolean;
  /** Both are virtual machines, whose serial number is copied with their files. */
  readonly virtual: boolean;
  /** Both sides tell their operating system, and it is not the same family. */
  readonly otherSystem: boolean;
  /** Both sides have board addresses that the other has not, though one may be common. */
  readonly macsDiverge: boolean;
  /** A serial number that agrees although its type or the spelling of its maker does not. */
  readonly serialOfOtherType: string | null;
  /** The report is of another member of the same stack. */
  readonly stackMember: string | null;
}

/** The value of a serial number without its maker. */
export const bare = (value: string): string => value.slice(value.indexOf('|') + 1);

type Values = ReadonlyMap<KeyKind, readonly IdentityKey[]>;

const byKind = (keys: readonly IdentityKey[]): Values => {
  const found = new Map<KeyKind, IdentityKey[]>();
  for (const k of keys) {
    const list = found.get(k.kind);
    if (list) list.push(k);
    else found.set(k.kind, [k]);
  }
  return found;
};

const none: readonly IdentityKey[] = [];
const good = (values: Values, kind: KeyKind): string[] =>
  (values.get(kind) ?? none).filter((k) => k.quality === 'good').map((k) => (kind.endsWith('serial') ? bare(k.value) : k.value));
const usable = (values: Values, kind: KeyKind): string[] =>
  (values.get(kind) ?? none)
    .filter((k) => k.quality === 'good' || k.quality === 'weak')
    .map((k) => (kind.endsWith('serial') ? bare(k.value) : k.value));
const common = (a: readonly string[], b: readonly string[]): string | null => a.find((v) => b.includes(v)) ?? null;

/** Compares a report, whose keys are sorted, with a candidate. */
export function compare(observed: Observed, candidate: Candidate): Comparison {
  const mine = byKind(observed.keys);
  const theirs = byKind(candidate.keys);
  const agrees = new Map<KeyKind, IdentityKey>();
  const supports = new Set<KeyKind>();
  for (const k of observed.keys) {
    const other = best(theirs.get(k.kind) ?? none, k.value);
    if (!other) continue;
    if (k.quality === 'good' && other.quality === 'good') {
      if (!agrees.has(k.kind)) agrees.set(k.kind, k);
    } else if (k.quality !== 'placeholder') supports.add(k.kind);
  }
  if (serialWithoutMaker(mine, theirs)) supports.add('serial');
  const serialOfOtherType = agrees.has('serial') ? null : otherType(mine, theirs);
  const macs = [good(mine, 'mac'), good(theirs, 'mac')] as const;
  return {
    candidate,
    agrees,
    supports,
    serialContradicts: serialContradiction(mine, theirs),
    uuidContradicts: contradiction(good(mine, 'uuid'), good(theirs, 'uuid')),
    instanceContradicts: instanceContradiction(good(mine, 'instance_id'), good(theirs, 'instance_id')),
    apart: new Set([
      ...(['mac', 'uuid', 'board_serial'] as const).filter((kind) => contradiction(good(mine, kind), good(theirs, kind))),
      ...(['disk_serial', 'hostname'] as const).filter((kind) => contradiction(usable(mine, kind), usable(theirs, kind))),
    ]),
    noMacInCommon: contradiction(usable(mine, 'mac'), usable(theirs, 'mac')) !== null,
    otherAgent: contradiction(good(mine, 'agent_id'), good(theirs, 'agent_id')) !== null,
    virtual: usable(mine, 'model').some(isVirtual) && usable(theirs, 'model').some(isVirtual),
    otherSystem: contradiction(usable(mine, 'os_family'), usable(theirs, 'os_family')) !== null,
    macsDiverge: macs[0].some((m) => !macs[1].includes(m)) && macs[1].some((m) => !macs[0].includes(m)),
    serialOfOtherType,
    stackMember: stackMember(mine, theirs),
  };
}

const isVirtual = (model: string): boolean => /VIRTUAL|VMWARE|STANDARD PC \(|KVM|BOCHS|HVM DOMU/.test(model);

function best(keys: readonly IdentityKey[], value: string): IdentityKey | null {
  let found: IdentityKey | null = null;
  for (const k of keys) if (k.value === value && (found === null || k.quality === 'good')) found = k;
  return found;
}

/** The serial number agrees but one side does not say its maker, as people often leave it out. */
function serialWithoutMaker(a: Values, b: Values): boolean {
  const serials = (values: Values): IdentityKey[] =>
    (values.get('serial') ?? none).filter((k) => k.quality === 'good' || k.quality === 'weak');
  const [mine, theirs] = [serials(a), serials(b)];
  return mine.some((x) => theirs.some((y) => bare(x.value) === bare(y.value) && (x.value.startsWith('|') || y.value.startsWith('|'))));
}

const types: readonly KeyKind[] = ['serial', 'enclosure_serial', 'board_serial'];

/** One source sends the system's serial number where another sends the board's or the enclosure's; or spells the maker in another way. */
function otherType(mine: Values, theirs: Values): string | null {
  const all = (values: Values): string[] => types.flatMap((kind) => usable(values, kind));
  return common(usable(mine, 'serial'), all(theirs)) ?? common(all(mine), usable(theirs, 'serial'));
}

/** Both sides have good values and none is common. */
function contradiction(mine: readonly string[], theirs: readonly string[]): [string, string] | null {
  if (mine.length === 0 || theirs.length === 0 || common(mine, theirs) !== null) return null;
  return [[...mine].sort()[0] as string, [...theirs].sort()[0] as string];
}

/**
 * Serials are compared without their maker, whose spelling changes, and with every serial number the other side has of itself: another
 * source may have taken that of the board, and a stack reports that of whichever member leads it.
 */
function serialContradiction(mine: Values, theirs: Values): [string, string] | null {
  const differ = contradiction(good(mine, 'serial'), good(theirs, 'serial'));
  if (differ === null) return null;
  const own = (values: Values): string[] => [...types, 'member_serial' as const].flatMap((kind) => good(values, kind));
  return common(good(mine, 'serial'), own(theirs)) === null && common(own(mine), good(theirs, 'serial')) === null ? differ : null;
}

/** Two ids that one cloud account or one hypervisor gave are two machines; ids of different givers say nothing about each other. */
function instanceContradiction(mine: readonly string[], theirs: readonly string[]): [string, string] | null {
  if (common(mine, theirs) !== null) return null;
  const giver = (value: string): string => value.slice(0, value.lastIndexOf('|'));
  for (const a of mine) for (const b of theirs) if (giver(a) === giver(b)) return [a, b];
  return null;
}

/** Its serial number is that of a known member, and the lists of members share the old leader or two members: one may have moved elsewhere. */
function stackMember(mine: Values, theirs: Values): string | null {
  const members = [good(mine, 'member_serial'), good(theirs, 'member_serial')] as const;
  const leader = common(good(mine, 'serial'), members[1]);
  if (leader === null) return null;
  const shared = members[0].filter((m) => members[1].includes(m));
  return shared.length >= 2 || common(good(theirs, 'serial'), members[0]) !== null ? leader : null;
}

const identifying: readonly KeyKind[] = ['instance_id', 'imei', 'udid', 'board_serial', 'agent_id', 'mac'];

/**
 * The kind agrees and so much else differs, with nothing in common, that the value must be on two machines: a maker that gives one serial
 * number or UUID to a whole batch, a cloned virtual machine, a container that shows its host. Where a serial number agrees it takes three
 * differences or another agent, because a machine that two sources know may show each of them another adapter and name.
 */
export function stranger(c: Comparison, kind: KeyKind): boolean {
  if (!c.agrees.has(kind) || c.candidate.sameNativeId || !c.apart.has('mac')) return false;
  if (identifying.some((other) => other !== kind && c.agrees.has(other))) return false;
  if (c.supports.has('hostname') || c.supports.has('disk_serial') || c.supports.has('fqdn')) return false;
  return c.apart.size >= (c.agrees.has('serial') && !c.otherAgent ? 3 : 2);
}

/**
 * The source's own id leads here, but it is on two machines: the serial numbers or the ids a cloud gave contradict; or there is no serial
 * number of hardware, and the addresses differ together with the UUID or with the name; or they are those of a report that was doubted
 * and that the asset's own report followed.
 */
export function forks(c: Comparison, observed: Observed): boolean {
  if (!c.candidate.sameNativeId) return false;
  if (contradicted(c)) return true;
  if (!c.virtual && (c.agrees.has('serial') || c.serialOfOtherType !== null || c.agrees.has('board_serial'))) return false;
  if (c.agrees.has('instance_id') || !c.noMacInCommon) return false;
  if (c.uuidContradicts || doubtAbout(c, observed)?.refuted) return true;
  return (c.virtual || c.apart.has('mac')) && c.apart.has('hostname') && !c.supports.has('disk_serial');
}

/**
 * All addresses of a virtual machine changed and nothing else: it got another adapter, or it is a copy of which the original goes on
 * reporting. The next report tells. Only asked by callers that keep doubts.
 */
export function doubtful(c: Comparison, observed: Observed): boolean {
  if (!c.candidate.sameNativeId || c.candidate.doubts === undefined || !c.virtual || !c.noMacInCommon) return false;
  return !c.agrees.has('instance_id') && doubtAbout(c, observed) === null;
}

function doubtAbout(c: Comparison, observed: Observed): Doubt | null {
  const macs = new Set(usable(byKind(observed.keys), 'mac'));
  return c.candidate.doubts?.find((d) => d.keys.some((k) => k.kind === 'mac' && macs.has(k.value))) ?? null;
}

/** Never one machine, whatever else agrees. A hypervisor gives a new id to a machine registered again; its addresses then stay. */
export function contradicted(c: Comparison): boolean {
  return c.serialContradicts !== null || (c.instanceContradicts !== null && !c.agrees.has('mac'));
}

/** Name, disks and agent are the same in another chassis: a replaced board, or disks moved to a spare. People tell which. */
export function boardSwapped(c: Comparison): boolean {
  if (!c.serialContradicts && !c.uuidContradicts) return false;
  if (c.agrees.has('serial') || c.agrees.has('instance_id')) return false;
  const agent = c.candidate.sameNativeId || c.agrees.has('agent_id');
  return agent && c.supports.has('hostname') && c.supports.has('disk_serial');
}
