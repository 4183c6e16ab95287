/**
 * @file What can go wrong with the embedded Postgres that its user can mend: the message says how, and
 * is meant to be printed without a stack.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
