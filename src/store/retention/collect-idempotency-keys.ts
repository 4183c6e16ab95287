/** @file Idempotency keys go after a day, which is how long a request that is sent again is known. */
import type { Queryable } from '../transaction.ts'
import { type Collected, type CountedRow, collectedOf } from './collected.ts'
import { isOldIdempotencyKey, projectOfOwner } from './due.ts'

/** 20 ms of work: an answer that is kept has a few hundred bytes. */
const keysAtOnce = 2_000

/** To be run in a transaction, as a batch: what is left is for the next one. */
export async function collectIdempotencyKeys(transaction: Queryable): Promise<Collected[]> {
  const { rows } = await transaction.query<CountedRow>(
    `WITH old AS (
      SELECT owner, key FROM idempotency_keys WHERE ${isOldIdempotencyKey}
      ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM idempotency_keys USING old
      WHERE idempotency_keys.owner = old.owner AND idempotency_keys.key = old.key
      RETURNING idempotency_keys.owner, pg_column_size(idempotency_keys.*) AS bytes
    )
    SELECT ${projectOfOwner} AS project_id, count(*) AS rows, sum(bytes) AS bytes
    FROM gone GROUP BY 1`,
    [keysAtOnce],
  )
  return collectedOf('idempotency_keys', rows)
}
