import { type IdentityKey, type KeyKind, sortKeys } from './keys.ts';

/** An asset that may be the reported thing. */
export interface Candidate {
  readonly assetId: string;
  /** Every key its observations have, with the quality stored for it (`shared` when it was demoted). */
  readonly keys: readonly IdentityKey[];
  /** The same source knows it by the same native id. */
  readonly sameNativeId: boolean;
  /** Something reports it. One entered by hand may be adopted by its tag. */
  readonly observed: boolean;
}

export interface Observed {
  readonly keys: readonly IdentityKey[];
  /** Only some sections were sent: may update, never create. */
  readonly partial: boolean;
  /** When nothing is known of it, it is held with this sentence instead of becoming an asset. */
  readonly holdUnknown?: string | null;
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
  /** The rule that decided, stable: `native_id`, `serial`, `uuid`, `imei`, `enclosure_serial`, `board_serial`, `agent_id`, `asset_tag`, `serial_by_hand`, `mac_and_model`, `mac_and_name`, `unknown`, `contradiction`, `partial_of_unknown`, `too_little_known`. */
  readonly rule: string;
  /** Sentences for people. */
  readonly reasons: string[];
  readonly compared: ComparedCandidate[];
  /** The candidate with the same native id is another machine: this report is a fork of it (clone or moved disk). */
  readonly forked: boolean;
  /** Values proven to be on two machines: they stop to identify. */
  readonly shared: { kind: KeyKind; value: string }[];
}

const words: Record<KeyKind, string> = {
  agent_id: 'agent id',
  serial: 'serial number',
  enclosure_serial: 'enclosure serial',
  board_serial: 'board serial',
  uuid: 'UUID',
  imei: 'IMEI',
  asset_tag: 'asset tag',
  mac: 'MAC address',
  disk_serial: 'disk serial',
  fqdn: 'FQDN',
  hostname: 'host name',
  model: 'model',
};

const bare = (value: string): string => value.slice(value.indexOf('|') + 1);
const say = (k: { kind: KeyKind; value: string }): string => `${words[k.kind]} ${k.kind.endsWith('serial') ? bare(k.value) : k.value}`;
const good = (keys: readonly IdentityKey[], kind: KeyKind): IdentityKey[] => keys.filter((k) => k.kind === kind && k.quality === 'good');

interface Comparison {
  readonly candidate: Candidate;
  /** Kinds whose values agree; good on both sides. */
  readonly agrees: Map<KeyKind, IdentityKey>;
  /** Kinds that agree though one side is weak. */
  readonly supports: Set<KeyKind>;
  readonly serialContradicts: [string, string] | null;
  readonly uuidContradicts: [string, string] | null;
}

function compare(observed: Observed, candidate: Candidate): Comparison {
  const agrees = new Map<KeyKind, IdentityKey>();
  const supports = new Set<KeyKind>();
  const theirs = new Map(candidate.keys.map((k) => [`${k.kind} ${k.value}`, k]));
  for (const k of observed.keys) {
    const other = theirs.get(`${k.kind} ${k.value}`);
    if (!other) continue;
    if (k.quality === 'good' && other.quality === 'good') {
      if (!agrees.has(k.kind)) agrees.set(k.kind, k);
    } else if (k.quality !== 'placeholder') supports.add(k.kind);
  }
  if (serialWithoutMaker(observed.keys, candidate.keys)) supports.add('serial');
  return {
    candidate,
    agrees,
    supports,
    serialContradicts: contradiction(observed.keys, candidate.keys, 'serial'),
    uuidContradicts: contradiction(observed.keys, candidate.keys, 'uuid'),
  };
}

/** The serial number agrees but one side does not say its maker, as people often leave it out. */
function serialWithoutMaker(a: readonly IdentityKey[], b: readonly IdentityKey[]): boolean {
  const serials = (keys: readonly IdentityKey[]): IdentityKey[] =>
    keys.filter((k) => k.kind === 'serial' && (k.quality === 'good' || k.quality === 'weak'));
  return serials(a).some((x) =>
    serials(b).some((y) => bare(x.value) === bare(y.value) && (x.value.startsWith('|') || y.value.startsWith('|'))),
  );
}

/** Both sides have good values of the kind and none is common. Serials are compared without their maker: its spelling changes. */
function contradiction(a: readonly IdentityKey[], b: readonly IdentityKey[], kind: KeyKind): [string, string] | null {
  const mine = good(a, kind)
    .map((k) => bare(k.value))
    .sort();
  const theirs = good(b, kind)
    .map((k) => bare(k.value))
    .sort();
  if (mine.length === 0 || theirs.length === 0 || mine.some((v) => theirs.includes(v))) return null;
  return [mine[0] as string, theirs[0] as string];
}

interface Rule {
  readonly name: string;
  readonly matches: (c: Comparison) => boolean;
  readonly why: (c: Comparison) => string;
}

const byKind = (kind: KeyKind, extra: (c: Comparison) => boolean = () => true): Rule => ({
  name: kind,
  matches: (c) => c.agrees.has(kind) && extra(c),
  why: (c) => `The ${say(c.agrees.get(kind) as IdentityKey)} is the same.`,
});

/** In the order in which evidence decides; the first rule with an uncontradicted candidate wins. */
const rules: readonly Rule[] = [
  byKind('serial'),
  byKind('uuid'),
  byKind('imei'),
  byKind('enclosure_serial', (c) => !c.uuidContradicts),
  byKind('board_serial', (c) => !c.uuidContradicts),
  byKind('agent_id', (c) => !c.uuidContradicts),
  {
    ...byKind('asset_tag', (c) => !c.candidate.observed),
    why: (c) => `The ${say(c.agrees.get('asset_tag') as IdentityKey)} is that of an asset entered by hand.`,
  },
  {
    name: 'serial_by_hand',
    matches: (c) => !c.candidate.observed && c.supports.has('serial'),
    why: () => 'The serial number is that of an asset entered by hand.',
  },
  {
    name: 'mac_and_model',
    matches: (c) => c.agrees.has('mac') && c.supports.has('model') && !c.uuidContradicts,
    why: (c) => `The ${say(c.agrees.get('mac') as IdentityKey)} and the model are the same.`,
  },
  {
    name: 'mac_and_name',
    matches: (c) => c.agrees.has('mac') && c.supports.has('hostname') && !c.uuidContradicts,
    why: (c) => `The ${say(c.agrees.get('mac') as IdentityKey)} and the host name are the same.`,
  },
];

/**
 * Decides which asset a report is about. Pure: the same keys and candidates give the same decision in any order. Two different good
 * serial numbers are never one asset, whatever else agrees; host names and IP addresses never decide.
 */
export function decide(report: Observed, candidates: readonly Candidate[]): Decision {
  const observed = { ...report, keys: sortKeys(report.keys) };
  const comparisons = [...candidates].sort((a, b) => (a.assetId < b.assetId ? -1 : 1)).map((c) => compare(observed, c));
  const compared = comparisons.map(describe);
  const forkOf = comparisons.find((c) => c.candidate.sameNativeId && c.serialContradicts);
  const base = { compared, forked: forkOf !== undefined, shared: sharedValues(comparisons) };

  const native = comparisons.find((c) => c.candidate.sameNativeId && !c.serialContradicts);
  if (native)
    return {
      ...base,
      outcome: 'same',
      assetId: native.candidate.assetId,
      rule: 'native_id',
      reasons: ['The source knows it by the same id, and no serial number contradicts.'],
    };

  for (const rule of rules) {
    const hits = comparisons.filter((c) => rule.matches(c) && !c.serialContradicts);
    if (hits.length === 0) continue;
    if (hits.length > 1 && rule.name !== 'serial') continue;
    const hit = hits[0] as Comparison;
    const reasons = [rule.why(hit)];
    if (hits.length > 1) reasons.push(`${hits.length} assets have it; the oldest was taken.`);
    if (hit.uuidContradicts)
      reasons.push(
        `The UUID differs (${hit.uuidContradicts[0]} here, ${hit.uuidContradicts[1]} before): the board may have been replaced.`,
      );
    return { ...base, outcome: 'link', assetId: hit.candidate.assetId, rule: rule.name, reasons };
  }

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
  const refused = comparisons.filter(
    (c) => c.serialContradicts && (c.candidate.sameNativeId || telling.some((kind) => c.agrees.has(kind))),
  );
  if (refused.length > 0) {
    return { ...base, outcome: 'conflict', assetId: null, rule: 'contradiction', reasons: refused.map(refusal) };
  }
  return { ...base, outcome: 'create', assetId: null, rule: 'unknown', reasons: [newReason(observed.keys)] };
}

/** What should be on one machine only. A tag, a MAC address or an enclosure may well be on two: docks move, blades share a chassis. */
const telling: readonly KeyKind[] = ['uuid', 'imei', 'board_serial', 'agent_id'];

function refusal(c: Comparison): string {
  const [mine, theirs] = c.serialContradicts as [string, string];
  const what = c.candidate.sameNativeId
    ? "the source's own id"
    : `the ${say(telling.flatMap((kind) => c.agrees.get(kind) ?? [])[0] as IdentityKey)}`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} agrees with an asset, but its serial number is ${theirs} and this one is ${mine}: two machines, one of them a clone or a moved disk.`;
}

const namedFirst: readonly KeyKind[] = ['serial', 'uuid', 'imei', 'enclosure_serial', 'board_serial', 'asset_tag', 'mac'];

function newReason(keys: readonly IdentityKey[]): string {
  const decisive = namedFirst.flatMap((kind) => good(keys, kind));
  if (decisive.length > 0) return `No asset has its ${decisive.slice(0, 3).map(say).join(', ')}.`;
  const bad = keys.filter((k) => k.quality === 'placeholder' && (k.kind === 'serial' || k.kind === 'uuid'));
  const because = bad.map((k) => `its ${say(k)} is ${k.reason ?? 'a placeholder'}`).join(', ');
  return `Nothing but the source's own id identifies it${because ? `: ${because}` : ''}.`;
}

function describe(c: Comparison): ComparedCandidate {
  const contradicts: string[] = [];
  if (c.serialContradicts) contradicts.push(`serial number ${c.serialContradicts[0]} is not ${c.serialContradicts[1]}`);
  if (c.uuidContradicts) contradicts.push(`UUID ${c.uuidContradicts[0]} is not ${c.uuidContradicts[1]}`);
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

/** A UUID, MAC or board serial that agrees between two things whose serial numbers contradict is on both: it identifies neither. */
function sharedValues(comparisons: readonly Comparison[]): { kind: KeyKind; value: string }[] {
  const found = new Map<string, { kind: KeyKind; value: string }>();
  for (const c of comparisons) {
    if (!c.serialContradicts) continue;
    for (const kind of ['uuid', 'mac', 'enclosure_serial', 'board_serial', 'imei', 'asset_tag'] as const) {
      const k = c.agrees.get(kind);
      if (k) found.set(`${kind} ${k.value}`, { kind, value: k.value });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, v]) => v);
}
