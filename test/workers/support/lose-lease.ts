/** @file As when a worker stops renewing: its job is taken back, though its thread trains on. */
import { expect } from 'vitest'

import type { Yard } from './yard.ts'

export async function loseLease(yard: Yard, jobId: string): Promise<void> {
  const { fence } = await yard.job(jobId)
  await expect
    .poll(async () => {
      await yard.store.db.query(
        `UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE id = $1 AND fence = $2`,
        [jobId, fence],
      )
      await yard.store.reclaimExpiredAsLeader()
      const { status, fence: now } = await yard.job(jobId)
      return status !== 'running' || now > fence
    })
    .toBe(true)
  yard.relay.wake()
}
