import { perDeviceLicences } from '../metrics/per-device.ts';
import { noRange, range } from '../quantity.ts';
import { attributeOrUnlimited, type MetricRule } from '../rules.ts';
import type { Demand, LicensableConsumer } from './demand.ts';

/** One need per device with the product on it. */
export function deviceDemands(consumers: readonly LicensableConsumer[], rule: MetricRule): Demand[] {
  const perRight = attributeOrUnlimited(rule, 'maxInstallsPerRight');
  return consumers.map((c) => ({ ...assetDemand(c), required: range(perDeviceLicences(c.count, perRight)), facts: { installs: c.count } }));
}

/** One need per device as large as its distinct titles. */
export function installationDemands(consumers: readonly LicensableConsumer[]): Demand[] {
  return consumers.map((c) => ({ ...assetDemand(c), required: range(c.count), facts: { installs: c.count } }));
}

/** One need for the whole: 1 when the product is used at all. */
export function siteDemands(consumers: readonly LicensableConsumer[]): Demand[] {
  if (consumers.length === 0) return [];
  return [
    {
      consumer: 'site',
      label: 'The whole organisation',
      assetId: null,
      edition: null,
      required: range(1),
      missing: [],
      exemption: null,
      facts: { devices: consumers.length, installs: consumers.reduce((sum, c) => sum + c.count, 0) },
      assetIds: consumers.map((c) => c.fact.device.assetId),
    },
  ];
}

/** The part of a need that every metric by asset shares. */
export function assetDemand(c: LicensableConsumer): Demand {
  const { device } = c.fact;
  return {
    consumer: `asset:${device.assetId}`,
    label: device.name,
    assetId: device.assetId,
    edition: c.edition,
    required: noRange,
    missing: [],
    exemption: null,
    facts: {},
    assetIds: [device.assetId],
  };
}
