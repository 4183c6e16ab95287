/** @file Where a queued job stands in its project, and what could keep all of its like from starting. */
import type { Job } from './generated/client.ts'
import type { Queryable } from './transaction.ts'
import { largestMemorySql } from './workers.ts'

/** In the order of the claim (runs/round.ts); the turns of other projects come between. */
const readQueuePlaceSql = `
SELECT ahead.jobs AS ahead, running.jobs AS running, running.threads, (${largestMemorySql}) AS memory FROM (
  SELECT count(*)::int AS jobs FROM jobs
  WHERE project_id = $1 AND status = 'queued' AND (priority > $3 OR (priority = $3 AND id < $2))
) ahead, (
  SELECT count(*)::int AS jobs, coalesce(sum(plan_threads), 0)::int AS threads FROM jobs
  WHERE project_id = $1 AND status = 'running'
) running`

export interface QueuePlace {
  /** From 1. */
  readonly position: number
  /** Of the project: jobs that run, and the threads that they were planned with. */
  readonly running: { readonly jobs: number; readonly threads: number }
  /** What the jobs of the largest worker may plan with; null while no worker is known. */
  readonly largestMemoryBytes: number | null
}

/**
 * Inside a transaction it must be asked on that transaction's own connection: one that waits for a second
 * keeps its first from those who wait as it does.
 */
export async function readQueuePlace(
  db: Queryable,
  projectId: string,
  { id, priority }: Pick<Job, 'id' | 'priority'>,
): Promise<QueuePlace> {
  const { rows } = await db.query<{
    ahead: number
    running: number
    threads: number
    memory: string | null
  }>({
    name: 'read-queue-place',
    text: readQueuePlaceSql,
    values: [projectId, id, priority],
  })
  const { ahead, running, threads, memory } = rows[0]
  return {
    position: ahead + 1,
    running: { jobs: running, threads },
    largestMemoryBytes: memory === null ? null : Number(memory),
  }
}
