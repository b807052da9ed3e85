import { expect } from 'vitest';
import { contentRules } from './content.testing.ts';
import type { ConsumerFact, DeviceFact, EntitlementFact, ProductFacts } from './facts.ts';
import { positionsOf, type PositionFigures } from './position.ts';
import type { Range } from './quantity.ts';

export const rules = contentRules();
export const today = Temporal.PlainDate.from('2026-11-24');
export const product = { id: 'p', key: 'acme/draw', name: 'Acme Draw', licensable: true };

export const device = (assetId: string, more: Partial<DeviceFact> = {}): DeviceFact => ({
  assetId,
  name: assetId.toUpperCase(),
  state: 'in_use',
  orgUnits: [],
  user: null,
  virtual: false,
  sockets: null,
  cores: null,
  threads: null,
  guests: null,
  hostId: null,
  ...more,
});
export const on = (d: DeviceFact, more: Partial<ConsumerFact['installations'][number]> = {}): ConsumerFact => ({
  device: d,
  installations: [{ edition: null, kind: 'product', count: 1, users: [], ...more }],
});
export const bought = (
  id: string,
  metric: EntitlementFact['metric'],
  quantity: string | null,
  more: Partial<EntitlementFact> = {},
): EntitlementFact => ({
  id,
  label: `PO ${id}`,
  metric,
  quantity,
  edition: null,
  startsOn: null,
  endsOn: null,
  pool: 'global',
  unitPrice: null,
  currency: null,
  purchasedOn: null,
  ...more,
});
export const facts = (
  consumers: ConsumerFact[],
  entitlements: EntitlementFact[],
  more: Partial<ProductFacts['product']> = {},
): ProductFacts => ({
  product: { ...product, ...more },
  consumers,
  entitlements,
});
export const one = (f: ProductFacts, day: Temporal.PlainDate | string = today): PositionFigures => {
  const all = positionsOf(f, rules, Temporal.PlainDate.from(day));
  expect(all).toHaveLength(1);
  return all[0]!;
};
export const plain = (r: Range): [number, number] => [r.min.toNumber(), r.max.toNumber()];
export const win = { key: 'microsoft/windows-server', name: 'Windows Server' };
