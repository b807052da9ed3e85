import { Problem } from '@muster/api/errors';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

/** Runs one step in a savepoint: a Problem undoes the step alone and is answered; anything else is thrown. */
export async function attempt(tx: Tx, step: () => Promise<void>): Promise<Problem | null> {
  await sql`savepoint step`.execute(tx);
  try {
    await step();
    await sql`release savepoint step`.execute(tx);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await sql`rollback to savepoint step`.execute(tx);
    await sql`release savepoint step`.execute(tx);
    return error;
  }
}
