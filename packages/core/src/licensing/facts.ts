import type { MetricKey } from '@muster/api/licensing';

/** Who uses a device: `key` tells people apart (`person:<id>` or `login:<name>`), `label` names them. */
export interface UserFact {
  readonly key: string;
  readonly label: string;
}
/** What the metrics may ask about one asset. null is not known, never zero. */
export interface DeviceFact {
  readonly assetId: string;
  readonly name: string;
  /** Lifecycle state of the asset. */
  readonly state: string | null;
  /** Names of its org units, the nearest first. */
  readonly orgUnits: readonly string[];
  /** The device's user, when one is known. */
  readonly user: UserFact | null;
  readonly virtual: boolean | null;
  /** Occupied sockets. */
  readonly sockets: number | null;
  /** Physical cores over all sockets; virtual cores on a virtual machine. */
  readonly cores: number | null;
  readonly threads: number | null;
  /** On a hypervisor: all virtual machines on it, and those known to run the product. null: not reported. */
  readonly guests: { readonly total: number; readonly running: number } | null;
  /** On a virtual machine: the asset id of its host, when known. */
  readonly hostId: string | null;
}
/** Distinct titles of one product on one asset that share edition and kind. */
export interface InstallationFact {
  /** Recognised edition; null when the titles do not tell. */
  readonly edition: string | null;
  /** What recognition made of the titles: `product`, `os`, `component`, ... */
  readonly kind: string;
  readonly count: number;
  /** Users of titles installed for one person only. */
  readonly users: readonly UserFact[];
}
/** An asset with the product on it. */
export interface ConsumerFact {
  readonly device: DeviceFact;
  readonly installations: readonly InstallationFact[];
}
/** One purchase line's rights. Quantities and prices are decimal text. */
export interface EntitlementFact {
  readonly id: string;
  readonly label: string;
  readonly metric: MetricKey;
  /** null is unlimited. */
  readonly quantity: string | null;
  /** The only edition it covers; null covers any. */
  readonly edition: string | null;
  /** First and last day of the term, both inclusive; null is open. */
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  readonly pool: string;
  readonly unitPrice: string | null;
  readonly currency: string | null;
  readonly purchasedOn: string | null;
}
export interface ProductFacts {
  readonly product: { readonly id: string; readonly key: string; readonly name: string; readonly licensable: boolean };
  readonly consumers: readonly ConsumerFact[];
  /** Without the retired ones. */
  readonly entitlements: readonly EntitlementFact[];
}
