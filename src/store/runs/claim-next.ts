/**
 * @file The claim: the next jobs become this worker's, each under a new fence and a lease.
 *
 * Which is next, round.ts says. Jobs that another worker is claiming at this moment are passed over, and
 * so are those for which there is no room just now; one that was passed 16 times is passed no more.
 */

import { newId } from '../../contract/ids.ts'
import type { Intent } from '../../contract/jobs.ts'
import { completePlan, type Plan } from '../../contract/plans.ts'
import type { Spec } from '../../contract/spec/spec.ts'
import type { Limits } from '../../contract/tenancy.ts'
import { fromJson } from '../json.ts'
import { statusEventData, withTransition } from '../sql-fragments.ts'
import type { Queryable } from '../transaction.ts'
import { roundSql } from './round.ts'

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
  /** Its threads are those that the project's limit leaves it. */
  readonly plan: Plan
  readonly numericsVersion: number
  /** Of the request that asked for it, for logs and traces. */
  readonly requestId: string | null
  readonly traceparent: string | null
  /** How long it may train, all its runs together; null: as long as the service's limit says. */
  readonly maxSeconds: number | null
  /** So few jobs or threads of its project may be at work that another may wait for its end. */
  readonly isLimited: boolean
}

export interface ClaimOptions {
  /** Shown to clients as the run's worker. */
  readonly worker: string
  readonly leaseSeconds: number
  /** Jobs that plan more memory than this have to wait. */
  readonly freeBytes: number
  /** What would be free if nothing ran: jobs that plan more are left to others. As `freeBytes` unless given. */
  readonly totalBytes?: number
  /** Jobs that plan to take longer are left to others; null takes any. */
  readonly maxSeconds: number | null
  /** Of a project that has none of its own; no limit unless given. */
  readonly limits?: Pick<Limits, 'jobs_running' | 'threads'>
  /** Called when nothing was claimed, although there is a job that this worker could run, had it more room. */
  readonly onCrowded?: () => void
}

const noLimits = { jobs_running: 2_147_483_647, threads: 2_147_483_647 }

/** As in the thread pool: small jobs fill the gaps, a large one waits for a few of them. */
const maxOvertakes = 16

/** That a spec may ask for (contract/spec/training.ts). */
const maxJobThreads = 64

/** Each try that gives jobs back follows a claim of others that got some; the reconciler finds what is left. */
const maxTries = 8

/** With more than this at work, a message that finds nothing to claim costs more than a wait of 2 s. */
const fewAtWork = 64

/**
 * `picked` goes down the order one by one, and reads and locks no more than it takes: a join of them all
 * would read their plans. Turns are locked in one order, so two claims never wait for each other.
 *
 * What is at work was counted before the turns were locked, and claims that other settings let see other
 * jobs may have been in between. Those put off the project's turn by 1/weight for each job or by more,
 * which the locked row shows: `given` is what the limits allow even if that many more are at work.
 */
const claimNextSql = `${roundSql}, picked AS MATERIALIZED (
  SELECT c.* FROM (
    SELECT * FROM ranked
    WHERE fits AND rank < coalesce((SELECT rank FROM barrier), 2147483647) ORDER BY rank
  ) c CROSS JOIN LATERAL (
    SELECT id FROM jobs WHERE id = c.id AND status = 'queued' FOR UPDATE SKIP LOCKED
  ) j
  LIMIT cardinality($4::text[])
), turn AS (
  SELECT project_id, due_at FROM turns WHERE project_id IN (SELECT project_id FROM picked)
  ORDER BY project_id FOR NO KEY UPDATE
), given AS (
  SELECT *, ($4::text[])[row_number() OVER (ORDER BY rank)] AS run_id FROM (
    SELECT p.*, ceil((t.due_at - p.due_at) * p.weight - 0.001) AS others,
      count(*) OVER ahead AS own_jobs, sum(p.threads) OVER ahead AS own_threads
    FROM picked p JOIN turn t USING (project_id)
    WINDOW ahead AS (PARTITION BY p.project_id ORDER BY p.rank ROWS UNBOUNDED PRECEDING)
  ) counted
  WHERE working_jobs + own_jobs + others <= max_jobs
    AND working_threads + own_threads + others * ${maxJobThreads} <= max_threads
), job AS (
  UPDATE jobs SET
    status = 'running', status_reason = NULL, owner = $1, overtaken = 0,
    fence = fence + 1, attempt = attempt + 1, event_seq = event_seq + 1,
    lease_expires_at = clock_timestamp() + make_interval(secs => $2),
    started_at = coalesce(started_at, clock_timestamp()),
    transitions = ${withTransition("'running'")}
  FROM given WHERE jobs.id = given.id
  RETURNING jobs.*, given.run_id, given.threads, given.job_seconds,
    least(given.max_jobs, given.max_threads) <= ${fewAtWork} AS is_limited
), run AS (
  INSERT INTO runs (id, job_id, attempt, fence, worker)
  SELECT run_id, id, attempt, fence, $1 FROM job
), event AS (
  INSERT INTO events (job_id, seq, type, data)
  SELECT id, event_seq, 'status', ${statusEventData} FROM job
), had AS (
  SELECT project_id, min(due) AS due, 1.0::float8 / min(weight) AS step, count(*) AS jobs
  FROM given GROUP BY project_id
), moved AS (
  UPDATE turns SET
    came_at = greatest(turns.due_at, had.due) + (had.jobs - 1) * had.step,
    due_at = greatest(turns.due_at, had.due) + had.jobs * had.step
  FROM had WHERE turns.project_id = had.project_id
)
SELECT id, run_id, project_id, fence, attempt, intent, spec, plan, threads, numerics_version,
  request_id, traceparent, job_seconds, is_limited, NULL AS passed, 0 AS times
FROM job
UNION ALL (
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, id, (SELECT count(*) FROM given WHERE given.rank > ranked.rank)::int
  FROM ranked WHERE NOT fits ORDER BY rank LIMIT 1
)
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0
WHERE (SELECT count(*) FROM picked) > (SELECT count(*) FROM given)`

/** Apart from the claim, which is to be quick: few claims pass anybody, and a count that is lost does no harm. */
const passSql = `
UPDATE jobs SET overtaken = overtaken + $2 WHERE id = $1 AND status = 'queued'`

interface ClaimedRow {
  readonly id: string
  readonly run_id: string
  readonly project_id: string
  readonly fence: number
  readonly attempt: number
  readonly intent: Intent
  readonly spec: unknown
  readonly plan: unknown
  readonly threads: number
  readonly numerics_version: number
  readonly request_id: string | null
  readonly traceparent: string | null
  readonly job_seconds: number | null
  readonly is_limited: boolean
}

/** The first that does not fit, and how many of those claimed came after it. */
interface PassedRow {
  readonly id: null
  readonly passed: string
  readonly times: number
}

/** Jobs were locked and not taken, because of what others took meanwhile. */
interface GivenBackRow {
  readonly id: null
  readonly passed: null
}

/**
 * Claims of one moment that differ in nothing but the memory seen free go in one statement. Returns a
 * job for each, in no order, and null for those that are left with nothing that they could have.
 */
export async function claimNext(
  db: Queryable,
  claims: readonly ClaimOptions[],
  tries = maxTries,
): Promise<(ClaimedJob | null)[]> {
  const { claimed, passed, isGivenBack } = await claimOnce(db, claims)
  if (passed && passed.times > 0) await pass(db, passed)
  const rest = claims.slice(claimed.length)
  if (isGivenBack && rest.length > 0 && tries > 1) {
    return [...claimed, ...(await claimNext(db, rest, tries - 1))]
  }
  if (passed) for (const { onCrowded } of rest) onCrowded?.()
  return claims.map((_, i) => claimed[i] ?? null)
}

async function claimOnce(db: Queryable, claims: readonly ClaimOptions[]) {
  const [{ worker, leaseSeconds, maxSeconds, limits = noLimits, ...room }] = claims
  const freeBytes = Math.floor(Math.min(...claims.map((claim) => claim.freeBytes)))
  const { rows } = await db.query<ClaimedRow | PassedRow | GivenBackRow>({
    name: 'claim-next',
    text: claimNextSql,
    values: [
      worker,
      leaseSeconds,
      freeBytes,
      claims.map(() => newId('run')),
      maxSeconds,
      Math.floor(room.totalBytes ?? freeBytes),
      limits.jobs_running,
      limits.threads,
      maxOvertakes,
    ],
  })
  return {
    claimed: rows.filter((row) => row.id !== null).map(claimedJobOf),
    passed: rows.find((row) => row.id === null && row.passed !== null),
    isGivenBack: rows.some((row) => row.id === null && row.passed === null),
  }
}

/** What was claimed is to be trained, whatever becomes of this. */
async function pass(db: Queryable, { passed, times }: PassedRow): Promise<void> {
  await db.query({ name: 'pass', text: passSql, values: [passed, times] }).catch(() => {})
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
    plan: { ...completePlan(fromJson<Plan>(row.plan)), threads: row.threads },
    numericsVersion: row.numerics_version,
    requestId: row.request_id,
    traceparent: row.traceparent,
    maxSeconds: row.job_seconds,
    isLimited: row.is_limited,
  }
}
