import { sql } from 'kysely';
import { inTx } from '../platform/db/pool.ts';
import type { Db, Tx } from '../platform/db/types.ts';

const deadlock = '40P01';

/**
 * Empties tables beside a running application. What it does in the background reads them in an order of its own, so PostgreSQL may see a
 * deadlock and end this side: then it is tried again. `first` runs in the same transaction, before.
 */
export async function emptyTables(db: Db, names: readonly string[], first?: (tx: Tx) => Promise<unknown>): Promise<void> {
  for (;;)
    try {
      await inTx(db, async (tx) => {
        await first?.(tx);
        await sql`truncate ${sql.join(names.map((name) => sql.table(name)))}`.execute(tx);
      });
      return;
    } catch (error) {
      if ((error as { code?: unknown }).code !== deadlock) throw error;
    }
}
