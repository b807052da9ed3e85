import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Reads take a Db. A Tx is a Db too, so a verb may read inside its transaction. */
export type Db = Kysely<Tables>;
/** Writes take a Tx by type, so no write can slip out of the transaction that records it. */
export type Tx = Transaction<Tables>;
