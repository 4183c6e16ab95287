/**
 * @file I4 and I5: weights and losses are those of an undisturbed run. Values are compared by their
 * bits, as Postgres sends them, so that NaN equals NaN and 0 is not -0.
 */
import type { JobStatus } from '../../../src/contract/jobs.ts'
import type { Database, Evidence, Violation } from './types.ts'

interface JobRow {
  readonly id: string
  readonly spec: string
  readonly status: JobStatus
  readonly reason: string | null
  readonly weights: string | null
  readonly losses: string | null
}

const jobsSql = `
SELECT id, spec_sha256 || ' ' || numerics_version AS spec, status::text,
  status_reason ->> 'code' AS reason,
  (SELECT sha256 FROM weights WHERE job_id = jobs.id) AS weights,
  (SELECT md5(string_agg(
    concat_ws(' ', name, step, encode(float8send(value), 'hex')), ';' ORDER BY name COLLATE "C", step))
  FROM losses WHERE job_id = jobs.id) AS losses
FROM jobs WHERE id = ANY($1::text[])`

/**
 * Up to the last step that the job has of a name: a point that it lacks, has besides, or has with other
 * bits. A job that was stopped reports the interval that it stopped in: a last point of its own.
 */
const differenceSql = `
WITH ours AS (SELECT name, step, encode(float8send(value), 'hex') AS bits FROM losses WHERE job_id = $1),
theirs AS (SELECT name, step, encode(float8send(value), 'hex') AS bits FROM losses WHERE job_id = $2),
reach AS (SELECT name, max(step) AS last FROM ours GROUP BY name)
SELECT name, step, ours.bits AS ours, theirs.bits AS theirs
FROM ours FULL JOIN theirs USING (name, step) LEFT JOIN reach USING (name)
WHERE ours.bits IS DISTINCT FROM theirs.bits
  AND ($3 OR step <= last)
  AND NOT ($4 AND theirs.bits IS NULL AND step = last)
ORDER BY step, name LIMIT 1`

export async function checkSameBits(evidence: Evidence): Promise<Violation[]> {
  const { database, accepted, undisturbed } = evidence
  const ids = [...undisturbed, ...accepted.map(({ id }) => id)]
  const { rows } = await database.query<JobRow>(jobsSql, [ids])
  const jobs = new Map(rows.map((row) => [row.id, row]))
  const references = new Map<string, JobRow>()
  for (const id of undisturbed) {
    const job = jobs.get(id)
    if (job && !references.has(job.spec)) references.set(job.spec, job)
  }
  const found: Violation[] = []
  for (const { id } of accepted) {
    const job = jobs.get(id)
    if (job) found.push(...(await compare(database, job, references.get(job.spec))))
  }
  return found
}

async function compare(
  database: Database,
  job: JobRow,
  reference: JobRow | undefined,
): Promise<Violation[]> {
  const isWhole = job.status === 'succeeded' && job.reason !== 'stopped_early'
  if (!reference) {
    if (!isWhole) return []
    const what = 'no undisturbed run of its spec is known: nothing to compare it with'
    return [{ invariant: 'I4', jobId: job.id, what }]
  }
  const found: Violation[] = []
  if (isWhole && job.weights !== reference.weights) {
    const what = `its weights are ${job.weights}, expected ${reference.weights}`
    found.push({ invariant: 'I4', jobId: job.id, what })
  }
  if (job.losses !== reference.losses) {
    const what = await describeDifference(database, job, reference, isWhole)
    if (what) found.push({ invariant: 'I5', jobId: job.id, what })
  }
  return found
}

async function describeDifference(
  database: Database,
  job: JobRow,
  reference: JobRow,
  isWhole: boolean,
): Promise<string | null> {
  const { rows } = await database.query<{
    name: string
    step: number
    ours: string | null
    theirs: string | null
  }>(differenceSql, [job.id, reference.id, isWhole, job.reason === 'stopped_early'])
  const first = rows[0]
  if (!first) return null
  const { name, step, ours, theirs } = first
  return `${name} at step ${step} is ${ours ?? 'missing'}, expected ${theirs ?? 'no such step'}`
}
