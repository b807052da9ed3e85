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

export interface AuthorityRule {
  /** Absent: any class. */
  readonly classKey?: string;
  /** Absent: any field. */
  readonly field?: string;
  /** The most believed first. A source that is not named comes after all that are. */
  readonly order: readonly string[];
  /** A source that has been silent for longer gives way to a fresher one below it. */
  readonly ttlDays: number;
}

export interface Resolved {
  readonly winner: SourcedValue | null;
  readonly reason: string | null;
  readonly losing: (SourcedValue & { reason: string })[];
}

const agents = ['glpi', 'fusioninventory', 'ocs', 'osquery', 'intune', 'jamf', 'kandji', 'proxmox', 'vmware', 'rest', 'entra', 'ldap'];
/**
 * Who is believed, the most specific rule first. An agent inside the machine knows more than a scan from outside; of two agents the
 * one that reports more precisely stands first, so that values do not flap between them.
 */
export const authorityRules: readonly AuthorityRule[] = [
  { classKey: 'network_device', order: ['netinventory', 'netdiscovery', ...agents], ttlDays: 30 },
  { classKey: 'printer', order: ['netinventory', 'netdiscovery', ...agents], ttlDays: 30 },
  // Who was logged in last is only true while it is fresh.
  { field: 'lastUser', order: [...agents, 'netdiscovery'], ttlDays: 7 },
  { field: 'person', order: [...agents, 'netdiscovery'], ttlDays: 7 },
  { order: [...agents, 'netinventory', 'netdiscovery'], ttlDays: 30 },
];

const dayMs = 86_400_000;

/** The rule for a field of a class: class and field, then class, then field, then the general one. */
export function ruleFor(classKey: string, field: string, rules: readonly AuthorityRule[] = authorityRules): AuthorityRule {
  const fits = rules.filter((r) => (r.classKey === undefined || r.classKey === classKey) && (r.field === undefined || r.field === field));
  const weight = (r: AuthorityRule): number => (r.classKey === undefined ? 0 : 2) + (r.field === undefined ? 0 : 1);
  return fits.reduce((best, r) => (weight(r) > weight(best) ? r : best), fits[0] ?? { order: [], ttlDays: 30 });
}

/**
 * Chooses a field's value. A manual value wins until it is released. Otherwise fresh sources before silent ones, then the order of the
 * rule, then the one that reported last, then the source's key so that the choice never depends on the order of the input.
 */
export function resolveField(
  classKey: string,
  field: string,
  values: readonly SourcedValue[],
  nowMs: number,
  rules: readonly AuthorityRule[] = authorityRules,
): Resolved {
  const rule = ruleFor(classKey, field, rules);
  const place = (v: SourcedValue): number => {
    const at = rule.order.indexOf(v.source);
    return at < 0 ? rule.order.length : at;
  };
  const silent = (v: SourcedValue): number => (nowMs - v.seenAtMs > rule.ttlDays * dayMs ? 1 : 0);
  const manual = (v: SourcedValue): number => (v.source === 'manual' ? 0 : 1);
  const sorted = [...values].sort(
    (a, b) =>
      manual(a) - manual(b) ||
      (a.source === 'manual' ? 0 : silent(a) - silent(b)) ||
      place(a) - place(b) ||
      b.seenAtMs - a.seenAtMs ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0),
  );
  const winner = sorted[0];
  if (!winner) return { winner: null, reason: null, losing: [] };
  const why = (v: SourcedValue): string => {
    if (winner.source === 'manual') return 'A value set by hand stands until it is released.';
    if (silent(v) > silent(winner)) return `It has been silent for more than ${rule.ttlDays} days.`;
    if (place(v) > place(winner)) return `${sourceName(winner.source)} is believed before ${sourceName(v.source)} for this field.`;
    return `${sourceName(winner.source)} reported later.`;
  };
  return { winner, reason: winReason(winner, sorted, silent, rule), losing: sorted.slice(1).map((v) => ({ ...v, reason: why(v) })) };
}

const sourceNames: Record<string, string> = {
  intune: 'Intune',
  jamf: 'Jamf Pro',
  entra: 'Entra ID',
  ldap: 'LDAP',
  glpi: 'GLPI Agent',
  fusioninventory: 'FusionInventory',
  ocs: 'OCS Inventory',
};

/** A source as people write its name; one without a name of its own stays as it is. */
export function sourceName(source: string): string {
  return sourceNames[source] ?? source;
}

function winReason(
  winner: SourcedValue,
  sorted: readonly SourcedValue[],
  silent: (v: SourcedValue) => number,
  rule: AuthorityRule,
): string {
  if (winner.source === 'manual') return 'Set by hand.';
  const next = sorted[1];
  if (!next) return `Only ${sourceName(winner.source)} says it.`;
  if (silent(next) > silent(winner)) return `${sourceName(next.source)} has been silent for more than ${rule.ttlDays} days.`;
  return `${sourceName(winner.source)} is believed first for this field.`;
}
