import type { ConsumerFact, InstallationFact, UserFact } from '../facts.ts';
import { noRange } from '../quantity.ts';
import type { Exemptions } from '../rules.ts';
import type { Demand, LicensableConsumer } from './demand.ts';

/** Editions compare without case and without the word itself: `Standard Edition` is `standard`. */
export function editionKey(edition: string | null): string | null {
  if (edition === null) return null;
  const key = edition
    .trim()
    .toLowerCase()
    .replace(/\s+edition$/, '');
  return key === '' ? null : key;
}

/** The installations of a consumer that need a licence, and the reasons of those that do not. */
export interface Screened {
  readonly licensable: LicensableConsumer | null;
  /** One record per consumer with any exempt installation; `required` is nothing. */
  readonly exempt: Demand | null;
}

/** Takes out what needs no licence: assets out of service, components and updates, free editions. Each leaves a record with its reason. */
export function screen(consumer: ConsumerFact, productKey: string, rules: Exemptions): Screened {
  const { device } = consumer;
  const state = rules.states.find((s) => s.state === device.state);
  if (state) return { licensable: null, exempt: exemptDemand(consumer, state.reason, total(consumer.installations)) };
  const kept: InstallationFact[] = [];
  const reasons = new Map<string, number>();
  for (const installation of consumer.installations) {
    const reason = reasonOf(installation, productKey, rules);
    if (reason === null) kept.push(installation);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + installation.count);
  }
  const [first] = [...reasons].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    licensable:
      kept.length === 0 ? null : { fact: consumer, edition: strongestEdition(kept), count: total(kept), users: distinctUsers(kept) },
    exempt: first === undefined || kept.length > 0 ? null : exemptDemand(consumer, first[0], total(consumer.installations)),
  };
}

/** Why nothing is needed, as a sentence. */
export function exemptionSentence(reason: string, rules: Exemptions): string {
  if (reason === 'free_edition') return 'The edition is free.';
  if (reason === 'covered_by_host') return 'The licences of its host cover it.';
  return [...rules.kinds, ...rules.states].find((r) => r.reason === reason)?.sentence ?? 'No licence is needed.';
}

function reasonOf(installation: InstallationFact, productKey: string, rules: Exemptions): string | null {
  const kind = rules.kinds.find((k) => k.kind === installation.kind);
  if (kind) return kind.reason;
  const edition = editionKey(installation.edition);
  const free = rules.freeEditions.some(
    (f) =>
      editionKey(f.edition) === edition &&
      (f.product.endsWith('*') ? productKey.startsWith(f.product.slice(0, -1)) : f.product === productKey),
  );
  return free ? 'free_edition' : null;
}

function exemptDemand(consumer: ConsumerFact, reason: string, installs: number): Demand {
  const { device } = consumer;
  return {
    consumer: `asset:${device.assetId}`,
    label: device.name,
    assetId: device.assetId,
    edition: consumer.installations.find((i) => i.edition !== null)?.edition ?? null,
    required: noRange,
    missing: [],
    exemption: reason,
    facts: { installs },
    assetIds: [device.assetId],
  };
}

/** Of several editions on one device the one that sorts first is asked for; a known one stands before an unknown one. */
function strongestEdition(installations: readonly InstallationFact[]): string | null {
  return (
    installations
      .map((i) => i.edition)
      .filter((e) => e !== null)
      .toSorted()[0] ?? null
  );
}
function total(installations: readonly InstallationFact[]): number {
  return installations.reduce((sum, i) => sum + i.count, 0);
}
function distinctUsers(installations: readonly InstallationFact[]): UserFact[] {
  const users = new Map<string, UserFact>();
  for (const i of installations) for (const u of i.users) users.set(u.key, u);
  return [...users.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
