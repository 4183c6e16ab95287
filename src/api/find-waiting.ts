/** @file How long a queued job has to wait: how many are before it, and whether a limit or its size holds it back. */
import type { Limits } from '../contract/tenancy.ts'
import type { JobRow } from '../store/jobs/read-jobs.ts'
import { readQueuePlace } from '../store/queue-position.ts'
import type { Queryable } from '../store/transaction.ts'
import type { Waiting } from './presenters/job.ts'
import { waitingReason } from './presenters/waiting-reason.ts'

/** null for a job that is not queued. `limits` are its project's. */
export async function findWaiting(
  db: Queryable,
  row: JobRow,
  limits: Limits,
): Promise<Waiting | null> {
  if (row.status !== 'queued') return null
  const place = await readQueuePlace(db, row.projectId, row)
  const needs = { threads: row.planThreads, bytes: Number(row.planBytes) }
  return { position: place.position, reason: waitingReason(place, needs, limits) }
}
