/**
 * @file Jobs that had a worker before: it trained them until each had a checkpoint, was killed, and
 * something may have happened to what it left.
 */
import type { Client } from '../../e2e/support/client.ts'
import type { Circumstance } from './circumstances.ts'
import type { Yard } from './yard.ts'

/** Threads of the worker that is killed. */
const atOnce = 6

type Before = NonNullable<Circumstance['before']>

/** In the order of `wanted`: the id of a job for each, whose lease will not end by itself. */
export async function interruptJobs(
  yard: Yard,
  client: Client,
  spec: object,
  wanted: readonly Before[],
): Promise<string[]> {
  const ids: string[] = []
  for (let start = 0; start < wanted.length; start += atOnce) {
    const part = wanted.slice(start, start + atOnce)
    const jobs = await Promise.all(part.map(() => client.createJob(spec)))
    const worker = await yard.start({ ROLE: 'worker', THREADS: String(atOnce) })
    await Promise.all(jobs.map(({ id }) => client.checkpoints(id)))
    await worker.end('SIGKILL')
    for (const [i, { id }] of jobs.entries()) {
      await holdFor(yard, id, 3_600)
      await leave[part[i]](yard, id)
      ids.push(id)
    }
  }
  return ids
}

/** As if so much time had passed: the lease ends then. */
export async function holdFor({ database }: Yard, jobId: string, seconds: number): Promise<void> {
  await database.query(
    `UPDATE jobs SET lease_expires_at = clock_timestamp() + make_interval(secs => $2)
    WHERE id = $1 AND status = 'running'`,
    [jobId, seconds],
  )
}

const leave: Readonly<Record<Before, (yard: Yard, jobId: string) => Promise<unknown>>> = {
  async interrupted() {},
  damaged: ({ database }, jobId) =>
    database.query(
      `UPDATE blob_chunks SET data = set_byte(data, 100, (get_byte(data, 100) + 1) % 256)
      WHERE blob_id = (SELECT blob_id FROM checkpoints WHERE job_id = $1 ORDER BY step DESC LIMIT 1)`,
      [jobId],
    ),
  other_numerics: ({ database }, jobId) =>
    database.query('UPDATE jobs SET numerics_version = numerics_version + 100 WHERE id = $1', [
      jobId,
    ]),
  asked_to_stop: ({ database }, jobId) =>
    database.query(`UPDATE jobs SET intent = 'stop' WHERE id = $1`, [jobId]),
}
