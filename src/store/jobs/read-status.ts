/** @file The status alone, for who waits for a job: cheap enough to be asked at each sign of life. */
import type { JobStatus } from '../../contract/jobs.ts'
import type { Queryable } from '../transaction.ts'

/** The caller has seen that the job is the project's. null: there is no such job. */
export async function readStatus(db: Queryable, jobId: string): Promise<JobStatus | null> {
  const { rows } = await db.query<{ status: JobStatus }>({
    name: 'read-status',
    text: 'SELECT status FROM jobs WHERE id = $1',
    values: [jobId],
  })
  return rows[0]?.status ?? null
}
