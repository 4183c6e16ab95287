/**
 * @file The claim: the next jobs become this worker's, each under a new fence and a lease.
 *
 * Which is next: of the project with the fewest running jobs, the one with the highest priority,
 * and of those the oldest. So no project's flood holds back another, and priorities order what
 * belongs together. Jobs that another worker is claiming at this moment are passed over.
 */

import { newId } from '../../contract/ids.ts'
import type { Intent } from '../../contract/jobs.ts'
import { completePlan, type Plan } from '../../contract/plans.ts'
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
  /** Of the request that asked for it, for logs and traces. */
  readonly requestId: string | null
  readonly traceparent: string | null
}

export interface ClaimOptions {
  /** Shown to clients as the run's worker. */
  readonly worker: string
  readonly leaseSeconds: number
  /** Jobs that plan more memory than this are left to others. */
  readonly freeBytes: number
  /** Jobs that plan to take longer are left to others; null takes any. */
  readonly maxSeconds: number | null
}

/**
 * `waiting` hops over the index from project to project, so its cost grows with the projects that
 * wait, not with the jobs. Up to 32 heads a project: claims at the same moment find different ones.
 * `picked` goes down the candidates one by one, and reads and locks no more than it takes: a join of
 * them all would read their plans, and where Postgres planned it on a small table, all jobs.
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
), projects AS MATERIALIZED (
  SELECT project_id,
    (SELECT count(*) FROM jobs r WHERE r.status = 'running' AND r.project_id = w.project_id) AS load
  FROM waiting w WHERE project_id IS NOT NULL
), candidates AS (
  SELECT head.id, p.load + head.place AS turn
  FROM projects p CROSS JOIN LATERAL (
    SELECT j.id, row_number() OVER (ORDER BY j.priority DESC, j.id) AS place
    FROM jobs j
    WHERE j.status = 'queued' AND j.project_id = p.project_id AND j.plan_bytes <= $3
    ORDER BY j.priority DESC, j.id LIMIT 32
  ) head
  ORDER BY turn, head.id
), picked AS (
  SELECT c.turn, j.id FROM candidates c CROSS JOIN LATERAL (
    SELECT id FROM jobs
    WHERE id = c.id AND status = 'queued'
      AND ($5::float8 IS NULL OR (plan ->> 'seconds')::float8 <= $5)
    FOR UPDATE SKIP LOCKED
  ) j
  LIMIT cardinality($4::text[])
), given AS (
  SELECT id, ($4::text[])[row_number() OVER (ORDER BY turn, id)] AS run_id FROM picked
), job AS (
  UPDATE jobs SET
    status = 'running', status_reason = NULL, owner = $1,
    fence = fence + 1, attempt = attempt + 1, event_seq = event_seq + 1,
    lease_expires_at = clock_timestamp() + make_interval(secs => $2),
    started_at = coalesce(started_at, clock_timestamp()),
    transitions = ${withTransition("'running'")}
  FROM given WHERE jobs.id = given.id
  RETURNING jobs.*, given.run_id
), run AS (
  INSERT INTO runs (id, job_id, attempt, fence, worker)
  SELECT run_id, id, attempt, fence, $1 FROM job
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'status', ${statusEventData} FROM job
)
SELECT id, run_id, project_id, fence, attempt, intent, spec, plan, numerics_version, request_id,
  traceparent FROM job`

interface ClaimedRow {
  readonly id: string
  readonly run_id: string
  readonly project_id: string
  readonly fence: number
  readonly attempt: number
  readonly intent: Intent
  readonly spec: unknown
  readonly plan: unknown
  readonly numerics_version: number
  readonly request_id: string | null
  readonly traceparent: string | null
}

/**
 * Claims of one moment that differ in nothing but the memory seen free go in one statement. Returns a
 * job for each, in no order, and null for those that are left with nothing that they could have.
 */
export async function claimNext(
  db: Queryable,
  claims: readonly ClaimOptions[],
): Promise<(ClaimedJob | null)[]> {
  const [{ worker, leaseSeconds, maxSeconds }] = claims
  const freeBytes = Math.floor(Math.min(...claims.map((claim) => claim.freeBytes)))
  const { rows } = await db.query<ClaimedRow>({
    name: 'claim-next',
    text: claimNextSql,
    values: [worker, leaseSeconds, freeBytes, claims.map(() => newId('run')), maxSeconds],
  })
  return claims.map((_, i) => (i < rows.length ? claimedJobOf(rows[i]) : null))
}

function claimedJobOf(row: ClaimedRow): ClaimedJob {
  return {
    jobId: row.id,
    fence: row.fence,
    projectId: row.project_id,
    runId: row.run_id,
    attempt: row.attempt,
    intent: row.intent,
    spec: fromJson<Spec>(row.spec),
    plan: completePlan(fromJson<Plan>(row.plan)),
    numericsVersion: row.numerics_version,
    requestId: row.request_id,
    traceparent: row.traceparent,
  }
}
