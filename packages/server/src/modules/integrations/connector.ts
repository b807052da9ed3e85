import type { Json } from '@muster/protocols';
import type { VendorHttp, VendorHttpOptions } from './vendor-http.ts';

/** A device as a system knows it, under the sections of the canonical report. */
export interface ListedDevice {
  readonly type: 'device';
  /** Unique for ever and beyond this connector. */
  readonly nativeId: string;
  readonly itemType: 'Computer' | 'Phone' | 'NetworkEquipment' | 'Printer' | 'Monitor' | 'Unmanaged';
  /** True: it may add to an asset that is known but makes none, as a directory's computer account. */
  readonly partial?: boolean;
  readonly sections: Readonly<Record<string, Json>>;
}

/** One title on one device, listed apart from the devices. */
export interface ListedTitle {
  readonly type: 'title';
  readonly nativeId: string;
  /** Unique among the titles of the device. */
  readonly key: string;
  readonly row: { readonly [key: string]: Json };
}

export interface ListedPerson {
  readonly type: 'person';
  /** The id the directory never changes. */
  readonly directoryId: string;
  readonly name: string;
  readonly email: string | null;
  readonly login: string | null;
  readonly employeeNumber: string | null;
  readonly jobTitle: string | null;
  readonly active: boolean;
}

export type Listed = ListedDevice | ListedTitle | ListedPerson;

export interface Page {
  readonly items: readonly Listed[];
  /** Where the next page begins, in the connector's own words; null when this was the last. It is stored after each page. */
  readonly next: string | null;
  /** How many there will be, when the system says so. */
  readonly total?: number | null;
  /** What was left out of this page, for the log. */
  readonly warnings?: readonly string[];
}

/** What a session gets: its configuration, and hands that are bounded, patient and can be stopped. */
export interface ConnectorContext {
  /** Put in front of ids that are unique in one system only. */
  readonly connectorId: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Aborted when the job is cancelled or the server stops. */
  readonly signal: AbortSignal;
  readonly http: (options: VendorHttpOptions) => VendorHttp;
}

/** A conversation with one system. Pages of one scope are asked for in order; after a crash a new session goes on at the stored cursor. */
export interface ConnectorSession {
  /** Throws VendorError when the system does not give the page. */
  page(scope: string, cursor: string | null): Promise<Page>;
  close?(): Promise<void>;
}

export type OpenConnector = (context: ConnectorContext) => ConnectorSession;

export type CellFailure = 'denied' | 'throttled' | 'timed_out' | 'failed';

/** Why a listing could not be completed; it is written to its cell and is no fault of ours. */
export class VendorError extends Error {
  override name = 'VendorError';
  readonly result: CellFailure;
  /** The sign-in itself was refused, so no permission can be named. */
  readonly atSignIn: boolean;
  /** The HTTP status of the answer, when there was one. */
  readonly status: number | null;
  constructor(result: CellFailure, message: string, options: ErrorOptions & { atSignIn?: boolean; status?: number } = {}) {
    super(message, options);
    this.result = result;
    this.atSignIn = options.atSignIn ?? false;
    this.status = options.status ?? null;
  }
}
