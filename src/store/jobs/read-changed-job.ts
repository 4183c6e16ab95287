/** @file A job as the transaction that changed it sees it, before the commit shows it to others. */

import { fromJson } from '../json.ts'
import type { Queryable } from '../transaction.ts'
import type { JobRow } from './read-jobs.ts'

/** Prisma reads on connections of its own, so this row is read and named as Prisma would. */
export async function readChangedJob(
  transaction: Queryable,
  projectId: string,
  jobId: string,
): Promise<JobRow | null> {
  const { rows } = await transaction.query<Record<string, unknown>>(
    `SELECT jobs.*,
      CASE WHEN weights.job_id IS NOT NULL THEN
        jsonb_build_object('bytes', weights.bytes, 'sha256', weights.sha256) END AS weights
    FROM jobs LEFT JOIN weights ON weights.job_id = jobs.id
    WHERE jobs.project_id = $1 AND jobs.id = $2`,
    [projectId, jobId],
  )
  const [row] = rows
  if (!row) return null
  return fromJson<JobRow>(
    Object.fromEntries(Object.entries(row).map(([column, value]) => [camelCase(column), value])),
  )
}

function camelCase(column: string): string {
  return column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
