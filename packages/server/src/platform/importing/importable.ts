import type { Permission } from '@muster/api/permissions';
import type { CellType } from '@muster/core/importing';
import type { Actor } from '../context.ts';
import type { Db, Tx } from '../db/types.ts';

// What a module gives so that files can be imported into its resource. The module `imports` reads the file, converts and compares;
// the owner of the resource says how its records are found, read, written and put back.

/** A reference by what people call it; `id` is null for one that is not there yet and is made when the import is applied. */
export interface ImportRef {
  readonly id: string | null;
  readonly label: string;
  /** How it was named, by part: `{ email, login, name }`. */
  readonly named?: Readonly<Record<string, string>>;
}
export type ImportValue = string | number | boolean | ImportRef | null;

export interface ImportField {
  readonly name: string;
  readonly label: string;
  readonly type: CellType;
  readonly values?: readonly { readonly value: string; readonly label: string }[];
  /** For a reference: the resource it points at. */
  readonly to?: string;
  /** A column that gives a part of a value: of a reference, for example the e-mail address of `person`, or the `currency` of money. */
  readonly part?: { readonly of: string; readonly named: string };
  readonly max?: number;
  readonly min?: number;
  /** A new record must have it. */
  readonly required?: boolean;
  /** No file can give it, for this reason; a mapping that names it is refused with it. */
  readonly refused?: string;
  /** Only names the record and is never written, for example its id. */
  readonly keyOnly?: boolean;
  readonly aliases?: readonly string[];
}

export interface RowError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}
export interface ImportChange {
  readonly field: string;
  readonly from: ImportValue;
  readonly to: ImportValue;
}
export interface CurrentRecord {
  readonly id: string;
  readonly label: string;
  readonly values: Readonly<Record<string, ImportValue>>;
}
export interface CheckedRow {
  /** Null for a record that would be made. */
  readonly current: CurrentRecord | null;
  readonly values: Readonly<Record<string, ImportValue>>;
}
export interface ImportContext {
  readonly importId: string;
  readonly actor: Actor;
  /** Who says so, for provenance: the person and the file. */
  readonly by: string;
  readonly now: Date;
}

export interface Importable {
  readonly resource: string;
  readonly label: string;
  readonly permission: Permission;
  /** The fields that can tell which record a row means, the surest first. */
  readonly keys: readonly string[];
  readonly fields: (db: Db) => Promise<ImportField[]>;
  /** The records whose key has one of these values (lower case): one row per hit. One statement. */
  readonly find: (db: Db, key: string, values: readonly string[]) => Promise<{ value: string; id: string }[]>;
  /** The records as they are. `lock` holds them until the transaction ends. */
  readonly read: (db: Db, ids: readonly string[], lock?: boolean) => Promise<CurrentRecord[]>;
  /** What the values of each row cannot be, beyond their types: taken numbers, impossible moves. In the rows' order. */
  readonly check: (db: Db, rows: readonly CheckedRow[]) => Promise<RowError[][]>;
  readonly create: (tx: Tx, context: ImportContext, rows: readonly { id: string; values: Record<string, ImportValue> }[]) => Promise<void>;
  /** Writes the changes; answers per record what `undoUpdate` needs to put back exactly what was there. */
  readonly update: (
    tx: Tx,
    context: ImportContext,
    rows: readonly { id: string; changes: readonly ImportChange[] }[],
  ) => Promise<Map<string, unknown>>;
  /** Takes made records away again; answers for each that stays why it does. */
  readonly undoCreate: (tx: Tx, context: ImportContext, ids: readonly string[]) => Promise<Map<string, string>>;
  /** Puts values back; answers the fields that were changed since by somebody else and therefore stay. */
  readonly undoUpdate: (
    tx: Tx,
    context: ImportContext,
    rows: readonly { id: string; changes: readonly ImportChange[]; before: unknown; appliedAt: Date }[],
  ) => Promise<Map<string, RowError[]>>;
}

/** How people name the records of a resource that others point at. */
export interface ReferenceTarget {
  readonly resource: string;
  readonly permission: Permission;
  /** The records meant by each naming; none or several are answers too. A constant number of statements. */
  readonly resolve: (db: Db, named: readonly Readonly<Record<string, string>>[]) => Promise<string[][]>;
  /** Makes records that are not there; answers their ids in order. */
  readonly create: (tx: Tx, context: ImportContext, named: readonly Readonly<Record<string, string>>[]) => Promise<string[]>;
  /** Takes them away again; answers for each that stays why. */
  readonly remove: (tx: Tx, context: ImportContext, ids: readonly string[]) => Promise<Map<string, string>>;
}
