/** @file A run row as clients see it. A column is private until it is named here. */
import type { Run, StatusReason } from '../../contract/jobs.ts'
import type { RunRow } from '../../store/jobs/read-jobs.ts'
import { fromJson } from '../../store/json.ts'

export function presentRun(row: RunRow): Run {
  return {
    id: row.id,
    object: 'run',
    job: row.jobId,
    attempt: row.attempt,
    worker: row.worker,
    status: row.status,
    reason: fromJson<StatusReason | null>(row.reason),
    started_at: row.startedAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
  }
}
