import { createEnrolmentKey } from '@muster/api/access';
import { listSources } from '@muster/api/discovery';
import { createEntitlement, entitlementListRoutes } from '@muster/api/licensing';
import { createOrgUnit, createPerson, orgUnitListRoutes, personListRoutes } from '@muster/api/people';
import { createPlace, placeListRoutes } from '@muster/api/places';
import { productListRoutes } from '@muster/api/software';
import { makeEstate, type Estate } from './estate.ts';
import { seedEntitlements } from './licences.ts';
import { companyName, departments, offices, type SeedPerson } from './organisation.ts';
import { renderNetworkReport } from './render-network.ts';
import { renderReport } from './render.ts';
import { seedRacks } from './racks.ts';
import { seedStock } from './stock.ts';
import { clientOf, deliver, inParallel, type SeedTarget } from './server.ts';

export interface SeedOptions extends SeedTarget {
  seed: number;
  devices: number;
  today: Date;
  /** Told what is going on: a step and how far it is. */
  onProgress: (step: string, done: number, total: number) => void;
}

/**
 * Plays a whole organisation into a running server: people and places through the API, every machine through the real agent
 * endpoints in the dialects of three agents, then what was bought. The same seed makes the same organisation; running it again
 * adds nothing twice.
 */
export async function seedOrganisation(
  options: SeedOptions,
): Promise<{ devices: number; network: number; reports: number; people: number; entitlements: number }> {
  const estate = makeEstate(options.seed, options.devices, options.today);
  const mainOffice = await seedPeople(options, estate.people);
  const stocked = await seedStock(options);
  options.onProgress('Stock items', stocked, stocked);
  await playReports(options, estate);
  await waitUntilProcessed(options);
  await seedRacks(options, mainOffice);
  const entitlements = await seedLicences(options);
  const network = estate.network.length;
  return { devices: estate.devices, network, reports: estate.deliveries.length + network, people: estate.people.length, entitlements };
}

/** Answers the id of the main office. */
async function seedPeople(options: SeedOptions, people: readonly SeedPerson[]): Promise<string> {
  const call = clientOf(options);
  const unitIds = new Map<string, string>();
  const root = await findOr(
    call(orgUnitListRoutes.list, { query: { filter: `name:"${companyName}"` } }),
    async () => (await call(createOrgUnit, { body: { name: companyName } })).data.id,
  );
  for (const d of departments)
    unitIds.set(
      d.key,
      await findOr(
        call(orgUnitListRoutes.list, { query: { filter: `name:"${d.name}"` } }),
        async () => (await call(createOrgUnit, { body: { name: d.name, parentId: root, costCentre: d.costCentre } })).data.id,
      ),
    );
  const placeIds = new Map<string, string>();
  for (const o of offices)
    placeIds.set(
      o.code,
      await findOr(
        call(placeListRoutes.list, { query: { filter: `name:"${o.name}"` } }),
        async () =>
          (await call(createPlace, { body: { name: o.name, kind: 'site', address: { ...noAddress, city: o.name, country: o.country } } }))
            .data.id,
      ),
    );
  const there = await call(personListRoutes.list, { query: { limit: 1, total: 'exact', filter: 'source:manual' } });
  const mainOffice = placeIds.get(offices[0]?.code ?? '') ?? '';
  if ((there.data.total ?? 0) >= people.length) return mainOffice;
  let done = 0;
  await inParallel(people, 8, async (p) => {
    const known = await call(personListRoutes.list, { query: { filter: `login:"${p.login}"`, limit: 1, total: 'none' } });
    if (known.data.items.length === 0) {
      await call(createPerson, {
        body: {
          name: p.name,
          email: p.email,
          login: p.login,
          employeeNumber: p.employeeNumber,
          jobTitle: p.jobTitle,
          orgUnitId: unitIds.get(p.department.key) ?? null,
          placeId: placeIds.get(p.office.code) ?? null,
        },
      });
    }
    if (++done % 100 === 0 || done === people.length) options.onProgress('People', done, people.length);
  });
  return mainOffice;
}

const noAddress = { street: null, postcode: null, city: null, region: null, country: null };

async function findOr(list: Promise<{ data: { items: Partial<{ id: string }>[] } }>, make: () => Promise<string>): Promise<string> {
  return (await list).data.items[0]?.id ?? (await make());
}

async function playReports(options: SeedOptions, estate: Estate): Promise<void> {
  const call = clientOf(options);
  const key = (await call(createEnrolmentKey, { body: { name: `Demo fleet ${options.today.toISOString().slice(0, 10)}` } })).data.key;
  // The reports of one machine must arrive in order, so all of a machine's deliveries are one piece of work.
  const byMachine = Map.groupBy(estate.deliveries, (d) => d.device.index);
  let done = 0;
  await inParallel([...byMachine.values()], 8, async (deliveries) => {
    for (const { device } of deliveries) {
      await deliver(options.baseUrl, key, device.name, renderReport(device));
      if (++done % 100 === 0 || done === estate.deliveries.length) options.onProgress('Agents reporting', done, estate.deliveries.length);
    }
  });
  await inParallel(estate.network, 4, async (device, index) => {
    await deliver(options.baseUrl, key, device.name, renderNetworkReport(device));
    options.onProgress('Network devices read', index + 1, estate.network.length);
  });
}

/** Waits until the inbox is empty: every report is then on its asset. */
async function waitUntilProcessed(options: SeedOptions): Promise<void> {
  const call = clientOf(options);
  let first = 0;
  for (;;) {
    const pending = (await call(listSources, {})).data.inbox.pending;
    first = Math.max(first, pending);
    options.onProgress('Reports processed', first - pending, first);
    if (pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function seedLicences(options: SeedOptions): Promise<number> {
  const call = clientOf(options);
  let made = 0;
  for (const e of seedEntitlements) {
    const product = (await call(productListRoutes.list, { query: { filter: `key:"${e.product}"`, limit: 1 } })).data.items[0];
    if (!product?.id) throw new Error(`The catalogue has no product ${e.product}`);
    const known = await call(entitlementListRoutes.list, { query: { filter: `purchase_reference:"${e.reference}"`, limit: 10 } });
    if (known.data.items.some((row) => row.product?.id === product.id)) continue;
    await call(createEntitlement, {
      body: {
        productId: product.id,
        metric: e.metric,
        quantity: e.perThousand === null ? null : Math.max(1, Math.round((e.perThousand * options.devices) / 1000)),
        edition: e.edition ?? null,
        unitPrice: { amount: e.unitPrice, currency: 'EUR' },
        supplier: e.supplier,
        purchaseReference: e.reference,
        purchasedOn: e.purchasedOn,
        startsOn: e.startsOn ?? null,
        endsOn: e.endsOn ?? null,
      },
    });
    options.onProgress('Licences', ++made, seedEntitlements.length);
  }
  return made;
}
