/** @file Transactions over raw statements, and the type of what a statement can be sent to. */
import type pg from 'pg'

import { crashPoint } from '../faults/crash-point.ts'
import type { PollingScope, TransactionScope } from '../faults/crash-points.ts'

/** A pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export function inTransaction<T>(
  pool: pg.Pool,
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  return inScopedTransaction(pool, null, work)
}

/**
 * The same, and each of its moments is a crash point of the scope; of one that follows from the result,
 * those after the work.
 */
export async function inScopedTransaction<T>(
  pool: pg.Pool,
  scope: TransactionScope | null | ((result: T) => PollingScope | null),
  work: (transaction: Queryable) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // The pool listens to idle connections alone: one that breaks here would end the process.
  const onLost = (error: Error) => {
    broken = error
  }
  client.on('error', onLost)
  try {
    if (typeof scope === 'string') crashPoint(`${scope}.connected`)
    await client.query('BEGIN')
    if (typeof scope === 'string') crashPoint(`${scope}.begun`)
    const result = await work(client)
    const named = typeof scope === 'function' ? scope(result) : scope
    if (named) crashPoint(`${named}.worked`)
    const committing = client.query('COMMIT')
    if (named) crashPoint(`${named}.commit_sent`)
    await committing
    if (named) crashPoint(`${named}.committed`)
    return result
  } catch (error) {
    // A connection that cannot even roll back is of no more use: the pool closes it. One that still
    // waits for an answer is closed at once, which rolls back too.
    if (isReadTimeout(error)) onLost(error)
    else await client.query('ROLLBACK').catch(onLost)
    throw error
  } finally {
    client.off('error', onLost)
    client.release(broken)
  }
}

/** pg's, for an answer that did not come within `query_timeout`; it has no code. */
function isReadTimeout(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout'
}
