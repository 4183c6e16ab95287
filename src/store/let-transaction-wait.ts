/** @file Lets one transaction wait longer for its next statement than others may (pool.ts). */
import type { Queryable } from './transaction.ts'

/** For whoever waits for a client, and has limits of its own to how long. */
export async function letTransactionWait(transaction: Queryable, ms: number): Promise<void> {
  await transaction.query(`SELECT set_config('idle_in_transaction_session_timeout', $1, true)`, [
    String(ms),
  ])
}
