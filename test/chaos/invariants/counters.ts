/** @file I10: what the service counts for a project's limits is what a recount finds. */
import type { Evidence, Violation } from './types.ts'

const recountSql = `
SELECT
  (SELECT count(*)::int FROM jobs
    WHERE project_id = $1 AND status IN ('queued', 'running', 'paused')) AS jobs,
  (SELECT coalesce(sum(bytes), 0)::float8 FROM datasets WHERE project_id = $1) AS bytes`

export async function checkUsage({ database, usage = [] }: Evidence): Promise<Violation[]> {
  const found: Violation[] = []
  for (const { projectId, jobsUnfinished, datasetsBytes } of usage) {
    const { rows } = await database.query<{ jobs: number; bytes: number }>(recountSql, [projectId])
    const { jobs, bytes } = rows[0] ?? { jobs: 0, bytes: 0 }
    if (jobs === jobsUnfinished && bytes === datasetsBytes) continue
    const what =
      `project ${projectId} was told ${jobsUnfinished} unfinished jobs and ${datasetsBytes} bytes, ` +
      `a recount finds ${jobs} and ${bytes}`
    found.push({ invariant: 'I10', jobId: null, what })
  }
  return found
}
