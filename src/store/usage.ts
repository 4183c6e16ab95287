/**
 * @file What a project uses of its limits. Counted anew from the rows each time, so there is no counter that
 * could drift from them.
 */
import type { Queryable } from './transaction.ts'

export interface Usage {
  readonly datasets_bytes_total: number
  readonly results_bytes_total: number
  readonly jobs_unfinished: number
  readonly jobs_kept: number
  readonly jobs_running: number
  readonly threads: number
}

/**
 * What is kept, and what unfinished jobs will leave: a job that starts finds room for its weights. Blobs
 * belong to a dataset, to weights or to checkpoints; one that weights share with a checkpoint counts once.
 */
const resultBytes = `
  (SELECT coalesce(sum(bytes), 0) FROM blobs WHERE project_id = $1)
  - (SELECT coalesce(sum(bytes), 0) FROM datasets WHERE project_id = $1)
  + (SELECT coalesce(sum(result_bytes), 0) FROM jobs
    WHERE project_id = $1 AND status IN ('queued', 'running', 'paused'))`

export async function countResultBytes(db: Queryable, projectId: string): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>({
    name: 'count-result-bytes',
    text: `SELECT (${resultBytes})::float8 AS bytes`,
    values: [projectId],
  })
  return rows[0]?.bytes ?? 0
}

/** Whatever their status. */
export async function countKeptJobs(db: Queryable, projectId: string): Promise<number> {
  const { rows } = await db.query<{ jobs: number }>({
    name: 'count-kept-jobs',
    text: 'SELECT count(*)::int AS jobs FROM jobs WHERE project_id = $1',
    values: [projectId],
  })
  return rows[0]?.jobs ?? 0
}

const readUsageSql = `
SELECT
  (SELECT coalesce(sum(bytes), 0) FROM datasets WHERE project_id = $1)::float8
    AS datasets_bytes_total,
  (${resultBytes})::float8 AS results_bytes_total,
  (SELECT count(*) FROM jobs
    WHERE project_id = $1 AND status IN ('queued', 'running', 'paused'))::int AS jobs_unfinished,
  (SELECT count(*) FROM jobs WHERE project_id = $1)::int AS jobs_kept,
  running.jobs::int AS jobs_running, running.threads::int
FROM (
  SELECT count(*) AS jobs, coalesce(sum(plan_threads), 0) AS threads
  FROM jobs WHERE project_id = $1 AND status = 'running'
) running`

export async function readUsage(db: Queryable, projectId: string): Promise<Usage> {
  const { rows } = await db.query<Usage>(readUsageSql, [projectId])
  return rows[0]
}
