/**
 * @file The claim: the next job becomes this worker's, under a new fence and a lease.
 *
 * Which is next: of the project with the fewest running jobs, the one with the highest priority,
 * and of those the oldest. So no project's flood holds back another, and priorities order what
 * belongs together. Jobs that another worker is claiming at this moment are passed over.
 */

import { newId } from '../../contract/ids.ts'
import type { Intent } from '../../contract/jobs.ts'
import type { Plan } from '../../contract/plans.ts'
import type { Spec } from '../../contract/spec/spec.ts'
import { fromJson } from '../json.ts'
import { statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'

/** A worker's right to a job, until the lease ends. Every write of the run carries it. */
export interface Claim {
  readonly jobId: string
  readonly fence: number
}

export interface ClaimedJob extends Claim {
  readonly projectId: string
  readonly runId: string
  readonly attempt: number
  readonly intent: Intent
  readonly spec: Spec
  readonly plan: Plan
  readonly numericsVersion: number
}

export interface ClaimOptions {
  /** Shown to clients as the run's worker. */
  readonly worker: string
  readonly leaseSeconds: number
  /** Jobs that plan more memory than this are left to others. */
  readonly freeBytes: number
}

/**
 * `waiting` hops over the index from project to project, so its cost grows with the projects that
 * wait, not with the jobs. Up to 32 heads a project: claims at the same moment find different ones.
 */
const claimNextSql = `
WITH RECURSIVE waiting (project_id) AS (
  (SELECT project_id FROM jobs WHERE status = 'queued' ORDER BY project_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT j.project_id FROM jobs j
    WHERE j.status = 'queued' AND j.project_id > w.project_id ORDER BY j.project_id LIMIT 1
  )
  FROM waiting w WHERE w.project_id IS NOT NULL
), candidates AS (
  SELECT head.id, head.place,
    (SELECT count(*) FROM jobs r WHERE r.status = 'running' AND r.project_id = w.project_id) AS load
  FROM waiting w CROSS JOIN LATERAL (
    SELECT j.id, row_number() OVER (ORDER BY j.priority DESC, j.id) AS place FROM jobs j
    WHERE j.status = 'queued' AND j.project_id = w.project_id AND j.plan_bytes <= $3
    ORDER BY j.priority DESC, j.id LIMIT 32
  ) head
  WHERE w.project_id IS NOT NULL
), picked AS (
  SELECT j.id FROM candidates c JOIN jobs j ON j.id = c.id
  WHERE j.status = 'queued'
  ORDER BY c.load + c.place, c.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
), job AS (
  UPDATE jobs SET
    status = 'running', status_reason = NULL, owner = $1,
    fence = fence + 1, attempt = attempt + 1, event_seq = event_seq + 1,
    lease_expires_at = clock_timestamp() + make_interval(secs => $2),
    started_at = coalesce(started_at, clock_timestamp()),
    transitions = ${withTransition("'running'")}
  FROM picked WHERE jobs.id = picked.id
  RETURNING jobs.*
), run AS (
  INSERT INTO runs (id, job_id, attempt, fence, worker) SELECT $4, id, attempt, fence, $1 FROM job
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'status', ${statusEventData} FROM job
)
SELECT id, project_id, fence, attempt, intent, spec, plan, numerics_version FROM job`

interface ClaimedRow {
  readonly id: string
  readonly project_id: string
  readonly fence: number
  readonly attempt: number
  readonly intent: Intent
  readonly spec: unknown
  readonly plan: unknown
  readonly numerics_version: number
}

/** Returns null when there is nothing that this worker could run. */
export async function claimNext(db: Queryable, options: ClaimOptions): Promise<ClaimedJob | null> {
  const runId = newId('run')
  const { rows } = await db.query<ClaimedRow>({
    name: 'claim-next',
    text: claimNextSql,
    values: [options.worker, options.leaseSeconds, Math.floor(options.freeBytes), runId],
  })
  const [row] = rows
  if (!row) return null
  return {
    jobId: row.id,
    fence: row.fence,
    projectId: row.project_id,
    runId,
    attempt: row.attempt,
    intent: row.intent,
    spec: fromJson<Spec>(row.spec),
    plan: fromJson<Plan>(row.plan),
    numericsVersion: row.numerics_version,
  }
}
