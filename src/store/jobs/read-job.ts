/**
 * @file Jobs by their ids, with what is known of their weights, in one statement.
 *
 * Clients ask for this hundreds of times a second, so it does without Prisma, which would take two
 * statements and three times the CPU. It also reads inside a transaction what that has changed.
 */
import { fromJson } from '../json.ts'
import type { Queryable } from '../transaction.ts'
import type { JobRow } from './read-jobs.ts'

export interface JobName {
  readonly projectId: string
  readonly jobId: string
}

const readJobsSql = `
SELECT jobs.*,
  CASE WHEN weights.job_id IS NOT NULL THEN
    jsonb_build_object('bytes', weights.bytes, 'sha256', weights.sha256) END AS weights
FROM jobs LEFT JOIN weights ON weights.job_id = jobs.id
WHERE (jobs.project_id, jobs.id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`

/** In the order of the names; null for a job that is not the project's, or not there. */
export async function readJobs(
  db: Queryable,
  names: readonly JobName[],
): Promise<(JobRow | null)[]> {
  const { rows } = await db.query<Record<string, unknown>>({
    name: 'read-jobs',
    text: readJobsSql,
    values: [names.map(({ projectId }) => projectId), names.map(({ jobId }) => jobId)],
  })
  const jobs = new Map(rows.map((row) => [`${row.project_id} ${row.id}`, jobRowOf(row)]))
  return names.map(({ projectId, jobId }) => jobs.get(`${projectId} ${jobId}`) ?? null)
}

export async function readJob(
  db: Queryable,
  projectId: string,
  jobId: string,
): Promise<JobRow | null> {
  const [job] = await readJobs(db, [{ projectId, jobId }])
  return job ?? null
}

function jobRowOf(row: Record<string, unknown>): JobRow {
  return fromJson<JobRow>(
    Object.fromEntries(Object.entries(row).map(([column, value]) => [camelCase(column), value])),
  )
}

const camelCased = new Map<string, string>()

/** A column as Prisma names it. */
function camelCase(column: string): string {
  const known = camelCased.get(column)
  if (known !== undefined) return known
  const name = column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  camelCased.set(column, name)
  return name
}
