/** @file What has outlived its use goes: idempotency keys after a day. */
import { idempotencyHours } from './idempotency.ts'
import type { Queryable } from './transaction.ts'

export async function collectExpired(db: Queryable): Promise<void> {
  await db.query(
    'DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => $1)',
    [idempotencyHours],
  )
}
