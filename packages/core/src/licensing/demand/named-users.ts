import { range } from '../quantity.ts';
import { attribute, type MetricRule } from '../rules.ts';
import type { Demand, LicensableConsumer } from './demand.ts';
import { assetDemand } from './devices.ts';

/** Names of assets kept with a need as its leaves; more are counted. */
const namesKept = 10;

/**
 * One need per distinct person. A device without a known user may be used by someone already counted (0) or by someone new (1), so it
 * is a range; where nobody at all is known, somebody uses the first device.
 */
export function namedUserDemands(consumers: readonly LicensableConsumer[], rule: MetricRule): Demand[] {
  const most = attribute(rule, 'maxPerUnknownUser');
  const people = new Map<string, { label: string; consumers: LicensableConsumer[] }>();
  const unknown: LicensableConsumer[] = [];
  for (const c of consumers) {
    const users = c.users.length > 0 ? c.users : c.fact.device.user === null ? [] : [c.fact.device.user];
    if (users.length === 0) unknown.push(c);
    for (const user of users) {
      const known = people.get(user.key);
      if (known) known.consumers.push(c);
      else people.set(user.key, { label: user.label, consumers: [c] });
    }
  }
  const demands: Demand[] = [...people].map(([key, person]) => ({
    consumer: key,
    label: person.label,
    assetId: person.consumers[0]!.fact.device.assetId,
    edition:
      person.consumers
        .map((c) => c.edition)
        .filter((e) => e !== null)
        .toSorted()[0] ?? null,
    required: range(1),
    missing: [],
    exemption: null,
    facts: { devices: person.consumers.length, names: person.consumers.slice(0, namesKept).map((c) => c.fact.device.name) },
    assetIds: person.consumers.map((c) => c.fact.device.assetId),
  }));
  for (const [index, c] of unknown.entries()) {
    const least = people.size === 0 && index === 0 ? 1 : 0;
    demands.push({
      ...assetDemand(c),
      required: range(least, Math.max(least, most)),
      missing: least === most ? [] : ['user'],
      facts: { devices: 1, names: [c.fact.device.name], least },
    });
  }
  return demands;
}
