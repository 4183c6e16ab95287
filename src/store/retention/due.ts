/** @file What is due to be collected, as pieces of SQL: the collector and its dry run ask the same. */
import { isInUse } from '../checkpoints/checkpoint-uses.ts'
import { idempotencyHours } from '../idempotency.ts'
import { terminalList } from '../sql-fragments.ts'

/** True for a row of `jobs` that ended so many days ago; false for every row where `days` is null. */
const endedBefore = (days: string) =>
  `(jobs.status IN ${terminalList} AND jobs.ended_at <= now() - make_interval(secs => ${days}::float8 * 86400))`

const columns = ['id', 'job_id', 'bytes', 'blob_id', 'rest_blob_id', 'created_at']
  .map((name) => `checkpoints.${name}`)
  .join(', ')

/** A relation with the checkpoints of jobs that ended so many days ago, from which no other starts. */
export const checkpointsPastPolicy = (days: string) => `
SELECT ${columns} FROM checkpoints JOIN jobs ON jobs.id = checkpoints.job_id
WHERE checkpoints.created_at <= now() - make_interval(secs => ${days}::float8 * 86400)
  AND ${endedBefore(days)} AND NOT ${isInUse}`

/** A relation with those that their job left to others when it started over, and that no one needs now. */
export const checkpointsLeftOver = `
SELECT ${columns} FROM checkpoints WHERE fence < 0 AND NOT ${isInUse}`

/** A relation with the jobs whose losses and events are to go. */
export const jobsWithHistory = (days: string) => `
SELECT jobs.* FROM jobs WHERE history_collected_at IS NULL AND ${endedBefore(days)}`

/** The last one stays: it says how the job ended, and ends every stream. */
export const isCollectableEvent = `events.type <> 'end'`

export const isOldIdempotencyKey = `created_at < now() - make_interval(hours => ${idempotencyHours})`

/** Of an idempotency key's owner: the project, or null for a key of the instance. */
export const projectOfOwner = `CASE WHEN owner LIKE 'prj\\_%' THEN owner END`
