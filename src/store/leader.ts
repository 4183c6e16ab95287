/**
 * @file Work that one process does at a time: whoever holds the advisory lock.
 *
 * The lock belongs to the transaction, so a leader that dies leaves it free at once.
 */
import type pg from 'pg'

import type { PollingScope } from '../faults/crash-points.ts'
import type { advisoryLocks } from './advisory-locks.ts'
import { inScopedTransaction, type Queryable } from './transaction.ts'

type LockName = (typeof advisoryLocks)[keyof typeof advisoryLocks]

/** Returns null when another process is the leader just now. */
export function asLeader<T>(
  pool: pg.Pool,
  lock: LockName,
  work: (transaction: Queryable) => Promise<T>,
  scopeOf: (result: T | null) => PollingScope | null = () => null,
): Promise<T | null> {
  return inScopedTransaction(pool, scopeOf, async (transaction) => {
    const { rows } = await transaction.query<{ leads: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS leads',
      [lock],
    )
    return rows[0]?.leads ? work(transaction) : null
  })
}
