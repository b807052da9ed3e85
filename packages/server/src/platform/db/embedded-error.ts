/** The embedded PostgreSQL cannot be used; the message tells the person what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}
