/** @file The statuses alone, for who waits for jobs: cheap enough to be asked at each sign of life. */
import type { JobStatus } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'

/** The caller has seen that the jobs are the project's. null: there is no such job. */
export async function readStatuses(
  db: Queryable,
  jobIds: readonly string[],
): Promise<(JobStatus | null)[]> {
  const { rows } = await db.query<{ id: string; status: JobStatus }>({
    name: 'read-statuses',
    text: 'SELECT id, status FROM jobs WHERE id = ANY($1::text[])',
    values: [jobIds],
  })
  const statuses = new Map(rows.map(({ id, status }) => [id, status]))
  return jobIds.map((id) => statuses.get(id) ?? null)
}
