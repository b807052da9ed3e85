import type { Db } from '../platform/db/types.ts';

/** A Db that counts the SQL queries that go through it: for tests that hold a list to its fixed number. */
export function countQueries(db: Db): { db: Db; count: () => number } {
  let queries = 0;
  const counted = db.withPlugin({
    transformQuery: ({ node }) => {
      queries++;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: counted, count: () => queries };
}
