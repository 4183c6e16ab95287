/** @file What a collector would remove now, counted and not touched: its dry run. */
import type { Queryable } from '../transaction.ts'
import {
  type Collected,
  type CollectedKind,
  type CountedRow,
  collectedKinds,
  collectedOf,
} from './collected.ts'
import {
  checkpointsLeftOver,
  checkpointsPastPolicy,
  isCollectableEvent,
  isOldIdempotencyKey,
  jobsWithHistory,
  projectOfOwner,
} from './due.ts'
import type { RetentionPolicy } from './policy.ts'

/** Where there is no policy its days are null, and nothing is past them. */
const surveySql: Readonly<Record<CollectedKind, (days: string) => string>> = {
  checkpoints: (days) => `
WITH due AS (${checkpointsPastPolicy(days)} UNION ${checkpointsLeftOver}),
files AS (
  SELECT due.id, unnest(ARRAY[blob_id, rest_blob_id]) AS blob_id FROM due
), freed AS (
  SELECT files.id, coalesce(sum(blobs.bytes) FILTER (WHERE weights.job_id IS NULL), 0) AS bytes
  FROM files JOIN blobs ON blobs.id = files.blob_id
    LEFT JOIN weights ON weights.blob_id = files.blob_id
  GROUP BY files.id
)
SELECT project_id, count(*) AS rows, sum(freed.bytes) AS bytes
FROM due JOIN freed ON freed.id = due.id JOIN jobs ON jobs.id = due.job_id GROUP BY project_id`,

  losses: (days) => `
SELECT project_id, count(*) AS rows, sum(pg_column_size(losses.*)) AS bytes
FROM (${jobsWithHistory(days)}) AS due JOIN losses ON losses.job_id = due.id GROUP BY project_id`,

  events: (days) => `
SELECT project_id, count(*) AS rows, sum(pg_column_size(events.*)) AS bytes
FROM (${jobsWithHistory(days)}) AS due JOIN events ON events.job_id = due.id
WHERE ${isCollectableEvent} GROUP BY project_id`,

  idempotency_keys: () => `
SELECT ${projectOfOwner} AS project_id, count(*) AS rows,
  sum(pg_column_size(idempotency_keys.*)) AS bytes
FROM idempotency_keys WHERE ${isOldIdempotencyKey} GROUP BY 1`,
}

/** To be run in one snapshot. */
export async function survey(db: Queryable, policy: RetentionPolicy): Promise<Collected[]> {
  const days: Readonly<Record<CollectedKind, readonly unknown[]>> = {
    checkpoints: [policy.checkpointDays],
    losses: [policy.historyDays],
    events: [policy.historyDays],
    idempotency_keys: [],
  }
  const found: Collected[] = []
  for (const kind of collectedKinds) {
    const { rows } = await db.query<CountedRow>(surveySql[kind]('$1'), [...days[kind]])
    found.push(...collectedOf(kind, rows))
  }
  return found
}
