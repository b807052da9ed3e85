import { createEntitlement, type EntitlementInput, entitlementListRoutes, positionListRoutes } from '@muster/api/licensing';
import { resourceSuite } from '../../testing/resource-suite.ts';
import type { TestApp } from '../../testing/index.ts';
import { productChanges } from '../software/index.ts';
import { reconcileChanges } from './reconciler.ts';
import { testOrganisation } from './test-organisation.ts';

/** Nine products with entitlements of many shapes, some used and some not. */
async function seed(t: TestApp): Promise<void> {
  const o = testOrganisation(t.db);
  const manager = await t.as('licence_manager');
  const shapes: Partial<EntitlementInput>[] = [
    { quantity: 5, unitPrice: { amount: '10', currency: 'EUR' }, purchaseReference: 'PO-1', supplier: 'North', purchasedOn: '2025-03-01' },
    {
      quantity: 1,
      unitPrice: { amount: '20.5', currency: 'EUR' },
      purchaseReference: 'PO-2',
      supplier: 'North',
      agreement: 'EA-7',
      edition: 'Pro',
    },
    { quantity: null, metric: 'site', notes: 'Everyone' },
    { quantity: 2, endsOn: '2020-12-31', startsOn: '2020-01-01', purchaseReference: 'PO-4' },
    { quantity: 2, startsOn: '2090-01-01' },
    { quantity: 7.5, metric: 'per_installation', unitPrice: { amount: '3', currency: 'USD' }, pool: 'HR' },
    { quantity: 3, metric: 'per_named_user', supplier: 'South' },
    { quantity: 64, metric: 'windows_server_core', edition: 'Standard' },
    { quantity: 0 },
  ];
  for (const [i, shape] of shapes.entries()) {
    const productId = await o.product(`acme/listed-${i}`, `Listed ${i}`);
    const title = await o.title(productId, { edition: i === 7 ? 'Standard' : null });
    for (let d = 0; d < i % 4; d++) await o.install(await o.device(`dev-${i}-${d}`, { sockets: 2, cores: d === 0 ? null : 16 }), title);
    await reconcileChanges(t.platform);
    await manager.call(createEntitlement, { body: { productId, metric: 'per_device', quantity: 1, ...shape } });
  }
  // What the background still has in hand would give its own time to a position while it is read twice.
  for (let quiet = 0; quiet < 3; await new Promise((done) => setTimeout(done, 300)))
    quiet = (await productChanges(t.db, 1)).length === 0 ? quiet + 1 : 0;
}

resourceSuite({ routes: entitlementListRoutes, seed });
resourceSuite({ routes: positionListRoutes, seed });
