/** @file How long the jobs of a process that went away waited, until they were taken back and trained on. */
import type { Stand } from '../stand/stand.ts'
import { percentile } from '../workload/tally.ts'

export interface Loss {
  readonly pid: number
  readonly atMs: number
}

export interface Takeover {
  readonly jobId: string
  /** Until it was back in the queue. */
  readonly backMs: number
  /** Until a worker went on with it; null where a client wanted no more of it. */
  readonly goesOnMs: number | null
  /** Runs of younger jobs that began between the two: the oldest is next. */
  readonly othersBegan: number
}

interface Row {
  readonly job_id: string
  readonly worker: string
  readonly began: Date
  readonly back: Date
  readonly on: Date | null
  readonly others: number
}

export async function takeoversOf(
  stand: Stand,
  losses: readonly Loss[],
): Promise<readonly Takeover[]> {
  const rows = await stand.sql<Row>(
    `SELECT job_id, worker, started_at AS began, ended_at AS back, "on", (
        SELECT count(*)::int FROM runs other
        WHERE other.job_id > runs.job_id
        AND other.started_at > runs.ended_at AND other.started_at < "on") AS others
    FROM runs CROSS JOIN LATERAL (
      SELECT min(started_at) AS "on" FROM runs next
      WHERE next.job_id = runs.job_id AND next.fence > runs.fence) next
    WHERE status = 'lost' AND job_id = ANY($1::text[])`,
    [stand.clients.accepted.map(({ id }) => id)],
  )
  return losses.flatMap(({ pid, atMs }) =>
    rows
      .filter(
        ({ worker, began, back }) =>
          worker.endsWith(`:${pid}`) && began.getTime() <= atMs && back.getTime() > atMs,
      )
      .map(({ job_id, back, on, others }) => ({
        jobId: job_id,
        backMs: back.getTime() - atMs,
        goesOnMs: on && on.getTime() - atMs,
        othersBegan: others,
      })),
  )
}

/** The reconciler looks every two seconds; the rest is for a machine that is busy. */
export const graceMs = 5_000

export function lateOnes(stand: Stand, takeovers: readonly Takeover[]): string[] {
  const limitMs = stand.leaseSeconds * 1000 + graceMs
  return takeovers
    .filter(({ backMs }) => backMs > limitMs)
    .map(({ jobId, backMs }) => `${jobId} was taken back after ${Math.round(backMs)} ms`)
}

/** A job that is back may still wait for a thread. */
export function describeTakeovers(takeovers: readonly Takeover[]): string {
  const goingOn = takeovers.flatMap(({ goesOnMs }) => goesOnMs ?? [])
  const [p50, max] = [percentile(goingOn, 0.5), Math.max(0, ...goingOn)]
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  const overtaken = takeovers.filter(({ othersBegan }) => othersBegan > 0).length
  return `${takeovers.length} jobs were taken back, trained on after ${seconds(p50)} s (p50), ${seconds(max)} s (max); for ${overtaken} a younger one began first`
}
