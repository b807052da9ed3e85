import { bare, boardSwapped, type Comparison, compare, contradicted, doubtful, forks, stranger } from './compare.ts';
import { type IdentityKey, type KeyKind, sortKeys } from './keys.ts';
import { type DecideOptions, plainRules, type RuleKind } from './rules.ts';
import { say, words } from './words.ts';

/** An asset that may be the reported thing. */
export interface Candidate {
  readonly assetId: string;
  /** Every key its observations have, with the quality stored for it (`shared` when it was demoted). */
  readonly keys: readonly IdentityKey[];
  /** The same source knows it by the same native id. */
  readonly sameNativeId: boolean;
  /** Something reports it. One entered by hand may be adopted by its tag. */
  readonly observed: boolean;
  /** An agent on the machine reports it; taken for granted when absent. Only without one may a name lead to it. */
  readonly hasAgent?: boolean;
  /** Reports under the same native id that were held as `addresses_changed`. Absent when the caller keeps none: then none is held. */
  readonly doubts?: readonly Doubt[];
  /** Whole days since anything reported it, at the time of the report; absent when that is not known. */
  readonly silentDays?: number;
  /** Assets of which a person said that they are not this one. */
  readonly toldApart?: readonly string[];
}

/** A held report that may be of a copy of the asset's machine. */
export interface Doubt {
  readonly keys: readonly IdentityKey[];
  /** The asset's own report came after it: both machines are alive. */
  readonly refuted: boolean;
}

export interface Observed {
  readonly keys: readonly IdentityKey[];
  /** Only some sections were sent: may update, never create. */
  readonly partial: boolean;
  /** When nothing is known of it, it is held with this sentence instead of becoming an asset. */
  readonly holdUnknown?: string | null;
  /** An agent on the machine sent it; taken for granted when absent. */
  readonly hasAgent?: boolean;
}

export interface ComparedCandidate {
  readonly assetId: string;
  readonly agrees: string[];
  readonly contradicts: string[];
}

/**
 * - `same`: the source's own id leads to it and nothing contradicts.
 * - `link`: another key leads to an asset that exists.
 * - `create`: nothing is known of it.
 * - `conflict`: a decisive key agrees but another one contradicts; it becomes an asset of its own and waits for a person.
 * - `hold`: a partial report of a thing never seen in full; kept until a full one comes.
 */
export type Outcome = 'same' | 'link' | 'create' | 'hold' | 'conflict';

export interface Decision {
  readonly outcome: Outcome;
  readonly assetId: string | null;
  /** The rule that decided, stable; in their order in docs/guides/identity.md. */
  readonly rule: string;
  /** Sentences for people. */
  readonly reasons: string[];
  readonly compared: ComparedCandidate[];
  /** The candidate with the same native id is another machine: this report is a fork of it (clone or moved disk). The next report of that id is asked for under `forkNames`. */
  readonly forked: boolean;
  /** Values proven to be on two machines: they stop to identify. */
  readonly shared: { kind: KeyKind; value: string }[];
  /** What a person may want to do with the new asset; never applied by itself. */
  readonly proposal?: Proposal | null;
}

/**
 * - `board_swap`: the new asset may be the same machine with another board, or its disks in a spare one.
 * - `same_name`: one or more assets have its full name, but nothing proves that they are it.
 * - `told_apart`: what it agrees in is on several assets that a person told apart: it is one of them, or a further one.
 */
export interface Proposal {
  readonly kind: 'board_swap' | 'same_name' | 'told_apart';
  readonly assetIds: readonly string[];
}

const good = (keys: readonly IdentityKey[], kind: KeyKind): IdentityKey[] => keys.filter((k) => k.kind === kind && k.quality === 'good');

interface Rule {
  readonly name: string;
  /** The rule holds only where this kind may join by itself. */
  readonly kind: RuleKind;
  readonly matches: (c: Comparison) => boolean;
  readonly why: (c: Comparison) => string;
}

const agreement = (kind: RuleKind, extra: (c: Comparison) => boolean = () => true): Rule => ({
  name: kind,
  kind,
  matches: (c) => c.agrees.has(kind) && !stranger(c, kind) && extra(c),
  why: (c) => `The ${say(c.agrees.get(kind) as IdentityKey)} is the same.`,
});
/** Another board's UUID. */
const oneUuid = (c: Comparison): boolean => c.uuidContradicts === null;
const moved = (c: Comparison): boolean => c.apart.has('mac') && c.apart.has('hostname');
const alike = (c: Comparison): boolean => c.supports.has('model') || c.supports.has('hostname') || c.agrees.has('mac');
/** Adapters wander between machines: where others differ, a common one and a common model are not enough under another name. */
const ownMacs = (c: Comparison): boolean => !(c.macsDiverge && c.apart.has('hostname'));

/** In the order in which evidence decides; the first rule with an uncontradicted candidate wins. */
const rules: readonly Rule[] = [
  agreement('instance_id'),
  agreement('serial'),
  {
    name: 'stack_member',
    kind: 'member_serial',
    matches: (c) => c.stackMember !== null,
    why: (c) => `Its serial number ${c.stackMember} is that of a member of the stack.`,
  },
  agreement('uuid'),
  agreement('imei'),
  agreement('udid'),
  agreement('enclosure_serial', (c) => oneUuid(c) && !c.apart.has('mac')),
  agreement('board_serial', oneUuid),
  {
    name: 'serial_of_other_type',
    kind: 'serial',
    matches: (c) => c.candidate.observed && c.serialOfOtherType !== null && oneUuid(c) && alike(c),
    why: (c) =>
      `The serial number ${c.serialOfOtherType} is the same, though of another type or maker, and so is what else is known of it.`,
  },
  agreement('agent_id', (c) => oneUuid(c) && !moved(c)),
  {
    ...agreement('asset_tag', (c) => !c.candidate.observed),
    why: (c) => `The ${say(c.agrees.get('asset_tag') as IdentityKey)} is that of an asset entered by hand.`,
  },
  {
    name: 'serial_by_hand',
    kind: 'serial',
    matches: (c) => !c.candidate.observed && c.supports.has('serial'),
    why: () => 'The serial number is that of an asset entered by hand.',
  },
  {
    name: 'mac_and_model',
    kind: 'mac',
    matches: (c) => c.agrees.has('mac') && c.supports.has('model') && oneUuid(c) && ownMacs(c),
    why: (c) => `The ${say(c.agrees.get('mac') as IdentityKey)} and the model are the same.`,
  },
  {
    name: 'mac_and_name',
    kind: 'mac',
    matches: (c) => c.agrees.has('mac') && c.supports.has('hostname') && oneUuid(c),
    why: (c) => `The ${say(c.agrees.get('mac') as IdentityKey)} and the host name are the same.`,
  },
];

/**
 * Decides which asset a report is about. Pure: the same keys and candidates give the same decision in any order. Two different good
 * serial numbers are never one asset, whatever else agrees; host names alone and IP addresses never decide. The keys of both sides come as
 * the rules in force see them.
 */
export function decide(report: Observed, candidates: readonly Candidate[], options: DecideOptions = plainRules.options): Decision {
  const observed = { ...report, keys: sortKeys(report.keys) };
  const comparisons = [...candidates].sort((a, b) => (a.assetId < b.assetId ? -1 : 1)).map((c) => compare(observed, c));
  const base = {
    compared: comparisons.map(describe),
    forked: comparisons.some((c) => forks(c, observed)),
    shared: sharedValues(comparisons, observed),
    proposal: null,
  };
  const native = comparisons.find((c) => c.candidate.sameNativeId && !forks(c, observed));
  if (native && doubtful(native, observed))
    return {
      ...base,
      outcome: 'hold',
      assetId: null,
      rule: 'addresses_changed',
      reasons: ['All its addresses are new: it got another adapter, or it is a copy whose original goes on. Its next report tells.'],
    };
  if (native)
    return {
      ...base,
      outcome: 'same',
      assetId: native.candidate.assetId,
      rule: 'native_id',
      reasons: ['The source knows it by the same id, and no serial number contradicts.'],
    };
  const possible = comparisons.filter((c) => !contradicted(c) && !forks(c, observed));
  return linked(base, possible, options) ?? named(base, observed, comparisons, options) ?? unlinked(base, observed, comparisons, options);
}

type Base = Pick<Decision, 'compared' | 'forked' | 'shared' | 'proposal'>;

function linked(base: Base, possible: readonly Comparison[], options: DecideOptions): Decision | null {
  for (const rule of rules) {
    if (!options.joins(rule.kind)) continue;
    const hits = possible.filter((c) => rule.matches(c));
    if (hits.length === 0 || (hits.length > 1 && (rule.name !== 'serial' || anyToldApart(hits)))) continue;
    const hit = hits[0] as Comparison;
    const reasons = [rule.why(hit)];
    if (hits.length > 1) reasons.push(`${hits.length} assets have it; the oldest was taken.`);
    if (hit.uuidContradicts)
      reasons.push(
        `The UUID differs (${hit.uuidContradicts[0]} here, ${hit.uuidContradicts[1]} before): the board may have been replaced.`,
      );
    return { ...base, outcome: 'link', assetId: hit.candidate.assetId, rule: rule.name, reasons };
  }
  return null;
}

const anyToldApart = (hits: readonly Comparison[]): boolean =>
  hits.some((a) => hits.some((b) => a.candidate.toldApart?.includes(b.candidate.assetId)));

function named(base: Base, observed: Observed, comparisons: readonly Comparison[], options: DecideOptions): Decision | null {
  const namesakes = comparisons.filter((c) => c.supports.has('fqdn'));
  const only = namesakes.length === 1 ? (namesakes[0] as Comparison) : null;
  if (only === null || !options.joins('fqdn') || contradicted(only) || forks(only, observed) || !byName(observed, only)) return null;
  const { silentDays } = only.candidate;
  if (silentDays !== undefined && options.nameWithinDays !== null && silentDays >= options.nameWithinDays) return null;
  return {
    ...base,
    outcome: 'link',
    assetId: only.candidate.assetId,
    rule: 'fqdn_and_system',
    reasons: [`No other asset has its FQDN, the operating system is the same, and no more than one of the two is reported by an agent.`],
  };
}

/** Two agents of one name are two machines or a machine and its successor; and a cloud gives the name of an instance to the next one. */
function byName(observed: Observed, c: Comparison): boolean {
  const agents = [observed.hasAgent ?? true, c.candidate.hasAgent ?? true].filter(Boolean).length;
  const clouded = [...observed.keys, ...c.candidate.keys].some((k) => k.kind === 'instance_id');
  return agents <= 1 && c.supports.has('os_family') && oneUuid(c) && !c.apart.has('mac') && !clouded;
}

function unlinked(base: Base, observed: Observed, comparisons: readonly Comparison[], options: DecideOptions): Decision {
  if (observed.partial) {
    return {
      ...base,
      outcome: 'hold',
      assetId: null,
      rule: 'partial_of_unknown',
      reasons: ['It sent only what changed, and nothing is known of it yet. It is kept until it sends everything.'],
    };
  }
  if (observed.holdUnknown) return { ...base, outcome: 'hold', assetId: null, rule: 'too_little_known', reasons: [observed.holdUnknown] };
  const swapped = comparisons.filter(boardSwapped);
  if (swapped.length > 0) {
    return {
      ...base,
      outcome: 'conflict',
      assetId: null,
      rule: 'board_swap',
      reasons: swapped.map(swap),
      proposal: { kind: 'board_swap', assetIds: swapped.map((c) => c.candidate.assetId) },
    };
  }
  const refused = comparisons.flatMap((c) => refusal(c, observed) ?? []);
  if (refused.length > 0) return { ...base, outcome: 'conflict', assetId: null, rule: 'contradiction', reasons: refused };
  const apart = ambiguous(comparisons);
  if (apart !== null) return { ...base, outcome: 'conflict', assetId: null, rule: 'told_apart', ...apart };
  const namesakes = options.proposeSameName ? comparisons.filter((c) => c.supports.has('fqdn')).map((c) => c.candidate.assetId) : [];
  return {
    ...base,
    outcome: 'create',
    assetId: null,
    rule: 'unknown',
    reasons: [
      newReason(observed.keys),
      ...(namesakes.length > 0
        ? [`Its FQDN is that of ${namesakes.length === 1 ? 'an asset' : `${namesakes.length} assets`}, which proves nothing.`]
        : []),
    ],
    proposal: namesakes.length > 0 ? { kind: 'same_name', assetIds: namesakes } : null,
  };
}

/** What it agrees in with assets that a person told apart, and which those are. */
function ambiguous(comparisons: readonly Comparison[]): Pick<Decision, 'reasons' | 'proposal'> | null {
  for (const kind of telling) {
    const hits = comparisons.filter((c) => c.agrees.has(kind) && !stranger(c, kind));
    const key = hits[0]?.agrees.get(kind);
    if (key === undefined || !anyToldApart(hits)) continue;
    return {
      reasons: [`The ${say(key)} is on ${hits.length} assets that a person told apart: which of them it is, if any, it does not tell.`],
      proposal: { kind: 'told_apart', assetIds: hits.map((c) => c.candidate.assetId) },
    };
  }
  return null;
}

function swap(c: Comparison): string {
  const what = c.serialContradicts ? 'serial number' : 'UUID';
  const [mine, theirs] = c.serialContradicts ?? c.uuidContradicts ?? ['unknown', 'unknown'];
  return `Host name, disks and agent are those of an asset whose ${what} is ${theirs}, and this one is ${mine}: its board was replaced, or its disks were moved to another machine.`;
}

/** What should be on one machine only. A tag, a MAC address or an enclosure may well be on two: docks move, blades share a chassis. */
const telling: readonly KeyKind[] = ['serial', 'uuid', 'imei', 'udid', 'board_serial', 'agent_id'];

/** Why a candidate that shares something telling is another machine, or null. */
function refusal(c: Comparison, observed: Observed): string | null {
  const agreed = telling.flatMap((kind) => c.agrees.get(kind) ?? []);
  const parted = contradicted(c) || forks(c, observed) || agreed.some((k) => stranger(c, k.kind));
  if (!parted || (!c.candidate.sameNativeId && agreed.length === 0)) return null;
  const what = c.candidate.sameNativeId ? "the source's own id" : `the ${say(agreed[0] as IdentityKey)}`;
  const differ = c.serialContradicts ?? c.instanceContradicts ?? c.uuidContradicts;
  const kind = c.serialContradicts ? 'serial number' : c.instanceContradicts ? 'instance id' : 'UUID';
  const but = differ
    ? `its ${kind} is ${differ[1]} and this one is ${differ[0]}`
    : `${[...c.apart]
        .sort()
        .map((k) => words[k])
        .join(' and ')} are others`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} agrees with an asset, but ${but}: two machines, one of them a clone or a moved disk.`;
}

const namedFirst: readonly KeyKind[] = [
  'instance_id',
  'serial',
  'uuid',
  'imei',
  'udid',
  'enclosure_serial',
  'board_serial',
  'asset_tag',
  'mac',
];

function newReason(keys: readonly IdentityKey[]): string {
  const decisive = namedFirst.flatMap((kind) => good(keys, kind));
  if (decisive.length > 0) return `No asset has its ${decisive.slice(0, 3).map(say).join(', ')}.`;
  const bad = keys.filter((k) => k.quality === 'placeholder' && (k.kind === 'serial' || k.kind === 'uuid'));
  const because = bad.map((k) => `its ${say(k)} is ${k.reason ?? 'a placeholder'}`).join(', ');
  return `Nothing but the source's own id identifies it${because ? `: ${because}` : ''}.`;
}

/** A comparison as it is kept with the decision. */
export function describe(c: Comparison): ComparedCandidate {
  const contradicts: string[] = [];
  if (c.serialContradicts) contradicts.push(`serial number ${c.serialContradicts[0]} is not ${c.serialContradicts[1]}`);
  if (c.uuidContradicts) contradicts.push(`UUID ${c.uuidContradicts[0]} is not ${c.uuidContradicts[1]}`);
  if (c.instanceContradicts) contradicts.push(`instance id ${c.instanceContradicts[0]} is not ${c.instanceContradicts[1]}`);
  return {
    assetId: c.candidate.assetId,
    agrees: [
      ...(c.candidate.sameNativeId ? ["the source's own id"] : []),
      ...[...c.agrees.values()].map(say),
      ...[...c.supports].sort().map((k) => `${words[k]} (supports only)`),
    ],
    contradicts,
  };
}

/** Kinds of which a value may turn out to be on several machines. */
export const sharable: readonly KeyKind[] = [
  'serial',
  'uuid',
  'mac',
  'enclosure_serial',
  'board_serial',
  'imei',
  'udid',
  'agent_id',
  'asset_tag',
];

/**
 * What agrees between two things that cannot be one machine is on both: it identifies neither. A replaced board is no proof, as long as
 * nobody has said that it is two machines; nor is anything else needed once a person has.
 */
function sharedValues(comparisons: readonly Comparison[], observed: Observed): { kind: KeyKind; value: string }[] {
  const found = new Map<string, { kind: KeyKind; value: string }>();
  for (const c of comparisons) {
    const two = contradicted(c) || forks(c, observed);
    for (const kind of sharable) {
      const k = c.agrees.get(kind);
      if (!k || !(two ? !(kind === 'agent_id' && boardSwapped(c)) : stranger(c, kind))) continue;
      found.set(`${kind} ${k.value}`, { kind, value: k.value });
    }
  }
  for (const c of comparisons) {
    const others = comparisons.filter((other) => c.candidate.toldApart?.includes(other.candidate.assetId));
    for (const kind of others.length > 0 ? sharable : []) {
      const k = c.agrees.get(kind);
      if (k && others.some((other) => other.agrees.get(kind)?.value === k.value)) found.set(`${kind} ${k.value}`, { kind, value: k.value });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, v]) => v);
}

/**
 * The names under which a source's own id goes on when it turned out to be on two machines: one for each value that may tell them apart, in
 * the order in which they are asked for. A fork takes the first that the other machine does not have.
 */
export function forkNames(nativeId: string, keys: readonly IdentityKey[]): string[] {
  const macs = good(keys, 'mac');
  // A virtual machine may have none but those its hypervisor made up.
  const addresses = macs.length > 0 ? macs : keys.filter((k) => k.kind === 'mac' && k.quality === 'weak').slice(0, 4);
  const others = (['serial', 'instance_id', 'uuid'] as const).flatMap((kind) => good(keys, kind));
  return [...others, ...addresses].map((k) => `${nativeId}#${bare(k.value)}`);
}
