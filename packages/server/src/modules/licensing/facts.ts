import type { MetricKey } from '@muster/api/licensing';
import { canonicalUuid } from '@muster/core/identity';
import {
  type ConsumerFact,
  defaultMetric,
  type DeviceFact,
  type EntitlementFact,
  globalPool,
  type InstallationFact,
  type LicenceRules,
  type ProductFacts,
  type UserFact,
} from '@muster/core/licensing';
import type { Db } from '../../platform/db/types.ts';
import {
  assetFacts,
  type AssetRow,
  assetsByUuid,
  entitlementFacts,
  type EntitlementFactRow,
  guestsOf,
  hardwareFacts,
  type HardwareRow,
  installationFacts,
  type InstallationRow,
  orgUnitNames,
  peopleByLogin,
  productRows,
  type ProductRow,
} from './store-facts.ts';

/**
 * Everything the engine asks about these products, as of now, in a fixed number of queries. A product that neither has entitlements nor is licensable
 * comes without consumers, so it has no position.
 */
export async function readFacts(db: Db, ids: readonly string[], rules: LicenceRules): Promise<ProductFacts[]> {
  const products = await productRows(db, ids);
  const entitlements = Map.groupBy(await entitlementFacts(db, ids), (e) => e.product_id);
  const counted = products.filter((p) => p.licensable || entitlements.has(p.id)).map((p) => p.id);
  const installations = counted.length === 0 ? [] : await installationFacts(db, counted);
  const metricsOf = (p: ProductRow): string[] => entitlements.get(p.id)?.map((e) => e.metric) ?? [defaultMetric(p.key, rules)];
  const by = (metric: MetricKey): InstallationRow[] => {
    const wanted = new Set(products.filter((p) => metricsOf(p).includes(metric)).map((p) => p.id));
    return installations.filter((i) => wanted.has(i.product_id));
  };
  const pooled = [...entitlements.values()].flat().some((e) => e.pool !== globalPool);
  const assets = new Map((await assetFacts(db, distinct(installations.map((i) => i.asset_id)))).map((a) => [a.id, a]));
  const [units, people, machines] = [
    pooled ? await orgUnitNames(db) : new Map<string, string[]>(),
    await readPeople(db, by('per_named_user'), assets),
    await readMachines(db, by('windows_server_core')),
  ];
  const grouped = Map.groupBy(installations, (i) => i.product_id);
  return products.map((product) => {
    const titles = Map.groupBy(grouped.get(product.id) ?? [], (i) => i.asset_id);
    const about = { units, people: metricsOf(product).includes('per_named_user') ? people : null, machines, here: titles };
    return {
      product,
      entitlements: (entitlements.get(product.id) ?? []).map(entitlementFact),
      consumers: consumers(titles, (id) => deviceFact(assets.get(id), about), people),
    };
  });
}

type People = ReadonlyMap<string, UserFact>;

function consumers(
  byAsset: ReadonlyMap<string, readonly InstallationRow[]>,
  device: (assetId: string) => DeviceFact | undefined,
  people: People,
): ConsumerFact[] {
  const found: ConsumerFact[] = [];
  for (const [assetId, titles] of byAsset) {
    const fact = device(assetId);
    if (!fact) continue;
    const installations = titles.map<InstallationFact>((t) => ({
      edition: t.edition,
      kind: t.kind,
      count: t.count,
      users: (t.users ?? []).map((login) => userOf(login, people)),
    }));
    found.push({ device: fact, installations });
  }
  return found;
}

/** A login as `CORP\ana` or `ana@corp.example` is told by some agents; the person is `ana`. */
function bareLogin(login: string): string {
  return login.toLowerCase().replace(/^.*\\/, '').replace(/@.*$/, '');
}
function userOf(login: string, people: People): UserFact {
  const bare = bareLogin(login);
  return people.get(bare) ?? { key: `login:${bare}`, label: bare };
}

async function readPeople(db: Db, installations: readonly InstallationRow[], assets: ReadonlyMap<string, AssetRow>): Promise<People> {
  const logins = new Set<string>();
  for (const i of installations) {
    for (const login of i.users ?? []) logins.add(bareLogin(login));
    const last = assets.get(i.asset_id)?.last_user;
    if (last) logins.add(bareLogin(last));
  }
  const found = await peopleByLogin(db, [...logins]);
  return new Map([...found].map(([login, p]) => [login, { key: `person:${p.id}`, label: p.name }]));
}

interface Machine {
  readonly hardware: HardwareRow | undefined;
  /** All virtual machines it reports, and the assets that some of them are known to be. */
  readonly guests: { readonly total: number; readonly assets: readonly string[] } | null;
  /** The machine that reports it as a virtual machine. */
  readonly hostId: string | null;
}

/** Processors, and which of these machines run on which: by the UUIDs that hosts report of their virtual machines. */
async function readMachines(db: Db, installations: readonly InstallationRow[]): Promise<ReadonlyMap<string, Machine>> {
  const ids = distinct(installations.map((i) => i.asset_id));
  if (ids.length === 0) return new Map();
  const hardware = new Map((await hardwareFacts(db, ids)).map((h) => [h.asset_id, h]));
  const reported = await guestsOf(db, ids);
  const canonical = new Map([...reported].map(([host, uuids]) => [host, uuids.map((u) => (u === null ? null : canonicalUuid(u)))]));
  const known = await assetsByUuid(db, distinct([...canonical.values()].flat().filter((u) => u !== null)));
  const hosts = new Map<string, string>();
  const guests = new Map<string, Machine['guests']>();
  for (const [host, uuids] of canonical) {
    const assets = uuids.map((u) => known.get(u ?? '')).filter((id) => id !== undefined && id !== host) as string[];
    for (const id of assets) hosts.set(id, host);
    guests.set(host, { total: uuids.length, assets: distinct(assets) });
  }
  return new Map(ids.map((id) => [id, { hardware: hardware.get(id), guests: guests.get(id) ?? null, hostId: hosts.get(id) ?? null }]));
}

/** What is known around the assets of one product. */
interface About {
  readonly units: ReadonlyMap<string, string[]>;
  /** null where nobody asks who uses a device. */
  readonly people: People | null;
  readonly machines: ReadonlyMap<string, Machine>;
  /** The assets with the product: hosts and guests count only among them. */
  readonly here: ReadonlyMap<string, unknown>;
}

function deviceFact(asset: AssetRow | undefined, about: About): DeviceFact | undefined {
  if (!asset) return undefined;
  const machine = about.machines.get(asset.id);
  const guests = machine?.guests ?? null;
  const hostId = machine?.hostId ?? null;
  return {
    assetId: asset.id,
    name: asset.name,
    state: asset.state,
    orgUnits: asset.org_unit_id === null ? [] : (about.units.get(asset.org_unit_id) ?? []),
    user: about.people === null ? null : deviceUser(asset, about.people),
    virtual: machine?.hardware?.virtual ?? null,
    sockets: machine?.hardware?.sockets ?? null,
    cores: machine?.hardware?.cores ?? null,
    threads: machine?.hardware?.threads ?? null,
    guests: guests === null ? null : { total: guests.total, running: guests.assets.filter((id) => about.here.has(id)).length },
    hostId: hostId !== null && about.here.has(hostId) ? hostId : null,
  };
}

function deviceUser(asset: AssetRow, people: People): UserFact | null {
  if (asset.person_id !== null) return { key: `person:${asset.person_id}`, label: asset.person_name ?? asset.person_id };
  return asset.last_user === null ? null : userOf(asset.last_user, people);
}

function entitlementFact(row: EntitlementFactRow): EntitlementFact {
  return {
    id: row.id,
    label: row.purchase_reference ?? `Entitlement of ${row.purchased_on ?? row.starts_on ?? 'unknown date'}`,
    metric: row.metric as MetricKey,
    quantity: row.quantity,
    edition: row.edition,
    startsOn: row.starts_on,
    endsOn: row.ends_on,
    pool: row.pool,
    unitPrice: row.unit_price,
    currency: row.currency,
    purchasedOn: row.purchased_on,
  };
}
const distinct = (ids: readonly string[]): string[] => [...new Set(ids)];
