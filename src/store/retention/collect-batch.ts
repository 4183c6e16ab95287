/**
 * @file A batch of the collector: a transaction short enough that no one notices, with a little of
 * whatever is due first.
 */
import type { Queryable } from '../transaction.ts'
import { collectCheckpointsLeftOver, collectCheckpointsPastPolicy } from './collect-checkpoints.ts'
import { collectHistory } from './collect-history.ts'
import { collectIdempotencyKeys } from './collect-idempotency-keys.ts'
import { addToTotals, type Collected } from './collected.ts'
import type { RetentionPolicy } from './policy.ts'

/** To be run in a transaction. Empty: nothing is due, but what others hold just now. */
export async function collectBatch(
  transaction: Queryable,
  policy: RetentionPolicy,
): Promise<Collected[]> {
  for (const collect of kindsOf(policy)) {
    const collected = await collect(transaction)
    await addToTotals(transaction, collected)
    if (collected.length > 0) return collected
  }
  return []
}

type Collect = (transaction: Queryable) => Promise<Collected[]>

function kindsOf({ checkpointDays, historyDays }: RetentionPolicy): Collect[] {
  const kinds: Collect[] = [collectIdempotencyKeys, collectCheckpointsLeftOver]
  if (checkpointDays !== null) {
    kinds.push((transaction) => collectCheckpointsPastPolicy(transaction, checkpointDays))
  }
  if (historyDays !== null) {
    kinds.push((transaction) => collectHistory(transaction, historyDays))
  }
  return kinds
}
