import type { MetricRule } from '../rules.ts';
import type { Demand, LicensableConsumer } from './demand.ts';
import { deviceDemands, installationDemands, siteDemands } from './devices.ts';
import { namedUserDemands } from './named-users.ts';
import { windowsServerDemands } from './windows-servers.ts';

export type { Demand, FactValue, LicensableConsumer } from './demand.ts';
export { editionKey, exemptionSentence, screen } from './exempt.ts';

const byMetric = {
  per_device: deviceDemands,
  per_installation: installationDemands,
  per_named_user: namedUserDemands,
  site: siteDemands,
  windows_server_core: windowsServerDemands,
} as const satisfies Record<MetricRule['key'], (consumers: readonly LicensableConsumer[], rule: MetricRule) => Demand[]>;

/** The needs of these consumers under a metric, in the order of the consumers' keys, whatever the order of the input. */
export function demandsOf(consumers: readonly LicensableConsumer[], rule: MetricRule): Demand[] {
  const ordered = consumers.toSorted((a, b) => (a.fact.device.assetId < b.fact.device.assetId ? -1 : 1));
  return byMetric[rule.key](ordered, rule).toSorted((a, b) => (a.consumer < b.consumer ? -1 : a.consumer > b.consumer ? 1 : 0));
}
