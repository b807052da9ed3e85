/** One source's value of one field. */
export interface SourcedValue {
  /** `manual` or the source's key, for example `glpi`. */
  readonly source: string;
  readonly value: string | number | null;
  /** Milliseconds since the epoch: when the source first said this value. */
  readonly observedAtMs: number;
  /** Milliseconds since the epoch: when the source last reported at all. Equal to `observedAtMs` for a manual value. */
  readonly seenAtMs: number;
}

/** A source and for how long its silence is overlooked. */
export interface SourceTrust {
  readonly source: string;
  /** Silent for longer, it gives way to a fresher source below it. */
  readonly ttlDays: number;
}

export interface AuthorityRule {
  /** Absent: any class. */
  readonly classKey?: string;
  /** Absent: any field. */
  readonly field?: string;
  /** The most believed first. A source that is not named comes after all that are. */
  readonly order: readonly SourceTrust[];
  /** For a source that is not named. */
  readonly otherTtlDays: number;
}

/** Who is believed; made by `authorityOf`. */
export interface Authority {
  /** The rule for a field of a class: the most specific one. */
  readonly ruleFor: (classKey: string, field: string) => AuthorityRule;
}

export interface Resolved {
  readonly winner: SourcedValue | null;
  readonly reason: string | null;
  readonly losing: (SourcedValue & { reason: string })[];
}

/** What speaks from inside a machine or manages it, against what looks at it from outside. */
const agents = 'glpi fusioninventory ocs osquery intune jamf kandji google sccm proxmox vmware lansweeper rest entra ldap ssh winrm'.split(
  ' ',
);
const scans = ['netinventory', 'snmp', 'netdiscovery'];

type WeightOf = (v: SourcedValue) => number;

const dayMs = 86_400_000;
const nobody: AuthorityRule = { order: [], otherTtlDays: 30 };

/**
 * Who is believed for what. Of the rules that fit, that of the nearest class wins, first with the field, then without; then that of the
 * field for any class, then the general one. A class has the rules of the classes above it until it has its own.
 */
export function authorityOf(rules: readonly AuthorityRule[], parents: ReadonlyMap<string, string | null>): Authority {
  const byKey = new Map(rules.map((r) => [`${r.classKey ?? ''} ${r.field ?? ''}`, r]));
  const found = new Map<string, AuthorityRule>();
  return {
    ruleFor: (classKey, field) => {
      const key = `${classKey} ${field}`;
      let rule = found.get(key);
      if (!rule) {
        rule = search(byKey, lineOf(classKey, parents), field);
        found.set(key, rule);
      }
      return rule;
    },
  };
}

function search(byKey: ReadonlyMap<string, AuthorityRule>, line: readonly string[], field: string): AuthorityRule {
  for (const one of [...line, '']) {
    const rule = byKey.get(`${one} ${field}`) ?? byKey.get(`${one} `);
    if (rule) return rule;
  }
  return nobody;
}

/** A class and those above it, the nearest first; a circle ends where it closes. */
export function lineOf(classKey: string, parents: ReadonlyMap<string, string | null>): string[] {
  const line: string[] = [];
  for (let at: string | null | undefined = classKey; at && !line.includes(at); at = parents.get(at)) line.push(at);
  return line;
}

/**
 * Chooses a field's value. A manual value wins until it is released. Otherwise fresh sources before silent ones, each by its own time to
 * live, then the order of the rule, then the one that reported last, then the source's key so that the choice never depends on the order of the input.
 */
export function resolveField(
  classKey: string,
  field: string,
  values: readonly SourcedValue[],
  nowMs: number,
  authority: Authority,
): Resolved {
  const rule = authority.ruleFor(classKey, field);
  const place = (v: SourcedValue): number => {
    const at = rule.order.findIndex((t) => t.source === v.source);
    return at < 0 ? rule.order.length : at;
  };
  const ttl: WeightOf = (v) => rule.order.find((t) => t.source === v.source)?.ttlDays ?? rule.otherTtlDays;
  const silent = (v: SourcedValue): number => (v.source !== 'manual' && nowMs - v.seenAtMs > ttl(v) * dayMs ? 1 : 0);
  const first = (sources: readonly string[]): number => rule.order.findIndex((o) => sources.includes(o.source));
  // Where agents are believed first, a scan from outside never takes their place, not even of one that has been silent.
  const agentStands = values.some((v) => agents.includes(v.source)) && first(agents) >= 0 && first(agents) < first(scans);
  const outside = (v: SourcedValue): number => (agentStands && scans.includes(v.source) ? 1 : 0);
  const manual = (v: SourcedValue): number => (v.source === 'manual' ? 0 : 1);
  const sorted = [...values].sort(
    (a, b) =>
      manual(a) - manual(b) ||
      outside(a) - outside(b) ||
      silent(a) - silent(b) ||
      place(a) - place(b) ||
      b.seenAtMs - a.seenAtMs ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0),
  );
  const winner = sorted[0];
  if (!winner) return { winner: null, reason: null, losing: [] };
  const why = (v: SourcedValue): string => {
    if (winner.source === 'manual') return 'A value set by hand stands until it is released.';
    if (outside(v) > outside(winner)) return 'A network scan does not take the place of an agent.';
    if (silent(v) > silent(winner)) return `It has been silent for more than ${ttl(v)} days.`;
    if (place(v) > place(winner)) return `${sourceName(winner.source)} is believed before ${sourceName(v.source)} for this field.`;
    return `${sourceName(winner.source)} reported later.`;
  };
  return {
    winner,
    reason: winReason(winner, sorted, { silent, outside, ttl }),
    losing: sorted.slice(1).map((v) => ({ ...v, reason: why(v) })),
  };
}

const sourceNames: Record<string, string> = {
  glpi: 'GLPI Agent',
  fusioninventory: 'FusionInventory',
  ocs: 'OCS Inventory',
  netinventory: 'SNMP inventory',
  netdiscovery: 'Network discovery',
  snmp: 'SNMP walk',
  ssh: 'SSH',
  winrm: 'WinRM',
  intune: 'Intune',
  jamf: 'Jamf Pro',
  entra: 'Entra ID',
  ldap: 'LDAP',
};

/** A source as people write its name; one without a name of its own stays as it is. */
export function sourceName(source: string): string {
  return sourceNames[source] ?? source;
}

interface Weights {
  readonly silent: WeightOf;
  readonly outside: WeightOf;
  readonly ttl: WeightOf;
}

function winReason(winner: SourcedValue, sorted: readonly SourcedValue[], { silent, outside, ttl }: Weights): string {
  if (winner.source === 'manual') return 'Set by hand.';
  const next = sorted[1];
  if (!next) return `Only ${sourceName(winner.source)} says it.`;
  if (outside(next) > outside(winner)) return 'A network scan does not take the place of an agent.';
  if (silent(next) > silent(winner)) return `${sourceName(next.source)} has been silent for more than ${ttl(next)} days.`;
  return `${sourceName(winner.source)} is believed first for this field.`;
}
