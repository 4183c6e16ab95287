/**
 * @file I6: the fence only grows, one for each run; and nobody writes to a job but the worker that
 * claimed it under the fence it has.
 */
import type { Evidence, Violation } from './types.ts'

const runsSql = `
SELECT jobs.id AS job_id, jobs.fence, jobs.attempt, count(runs.id)::int AS runs,
  coalesce(max(runs.fence), 0) AS last_fence,
  coalesce(bool_and(runs.fence = runs.attempt), true) AS in_order,
  bool_or(runs.fence < jobs.fence AND runs.status = 'running') AS has_two_runs
FROM jobs LEFT JOIN runs ON runs.job_id = jobs.id GROUP BY jobs.id
HAVING jobs.fence <> jobs.attempt OR count(runs.id) <> jobs.fence
  OR coalesce(max(runs.fence), 0) <> jobs.fence OR NOT coalesce(bool_and(runs.fence = runs.attempt), true)
  OR bool_or(runs.fence < jobs.fence AND runs.status = 'running')`

const checkpointsSql = `
SELECT checkpoints.job_id, checkpoints.step, checkpoints.fence FROM checkpoints JOIN jobs ON jobs.id = job_id
WHERE abs(checkpoints.fence) > jobs.fence`

/** Whoever claimed under the fence may write; anybody may take a job back whose lease has run out. */
const strangersSql = `
WITH claims AS (
  SELECT job_id, fence, writer FROM chaos.writes WHERE relation = 'jobs' AND fence > old_fence
)
SELECT w.job_id, w.relation, w.fence, w.writer, claims.writer AS claimer
FROM chaos.writes w JOIN claims USING (job_id, fence)
WHERE w.writer <> claims.writer
  AND ((w.relation <> 'jobs' AND w.is_of_run)
    OR (w.relation = 'jobs' AND w.old_status = 'running' AND w.new_status <> 'running'
      AND w.was_expired IS NOT TRUE))`

const shrunkSql = `
SELECT job_id, fence, old_fence FROM chaos.writes WHERE relation = 'jobs' AND fence < old_fence`

export async function checkFences({ database }: Evidence): Promise<Violation[]> {
  const violation = (jobId: string, what: string): Violation => ({ invariant: 'I6', jobId, what })
  const runs = await database.query(runsSql)
  const checkpoints = await database.query(checkpointsSql)
  const found = [
    ...runs.rows.map((row) =>
      violation(
        row.job_id,
        row.has_two_runs
          ? 'a run goes on under an old fence'
          : `fence ${row.fence}, attempt ${row.attempt}, but ${row.runs} runs up to ${row.last_fence}`,
      ),
    ),
    ...checkpoints.rows.map(({ job_id, step, fence }) =>
      violation(job_id, `its checkpoint at step ${step} has the fence ${fence}`),
    ),
  ]
  const { rows } = await database.query(`SELECT to_regclass('chaos.writes') AS watched`)
  if (!rows[0]?.watched) return found
  const shrunk = await database.query(shrunkSql)
  const strangers = await database.query(strangersSql)
  return [
    ...found,
    ...shrunk.rows.map((row) =>
      violation(row.job_id, `its fence went from ${row.old_fence} to ${row.fence}`),
    ),
    ...strangers.rows.map((row) =>
      violation(
        row.job_id,
        `${row.writer} wrote to ${row.relation} under fence ${row.fence} of ${row.claimer}`,
      ),
    ),
  ]
}
