/**
 * @file What a thread has taken becomes a checkpoint: first all losses up to its step, then its files and
 * its row. While Postgres is away it is tried again, and training goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { TakenCheckpoint } from '../contract/tasks.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { isDatabaseUnavailable } from '../store/database-errors.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import type { HeldRun } from './held-run.ts'
import type { ProgressWriter } from './progress-writer.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface CommitOptions {
  readonly parts: Pick<WorkerParts, 'store' | 'live'>
  readonly job: ClaimedJob
  readonly run: HeldRun
  readonly losses: Pick<ProgressWriter, 'flush'>
  /** False once the job has a result: what is still being written is of no use. */
  readonly isWanted: () => boolean
}

const pauseMs = 1_000

/** Resolves once it is there, or is not to be: never rejects. */
export async function commitCheckpoint(
  options: CommitOptions,
  taken: TakenCheckpoint,
): Promise<void> {
  const { parts, job, run } = options
  if (!(await isWritten(options, taken))) return
  crashPoint('checkpoint.written')
  parts.live.publish(job.jobId, { goesOn: true })
  try {
    await parts.store.pruneCheckpoints(run)
    crashPoint('checkpoint.pruned')
  } catch (error) {
    // The next checkpoint removes what this one leaves.
    run.log.warn({ err: error, step: taken.step }, 'older checkpoints could not be removed')
  }
}

/** Tries until it is there; false when it is not to be. */
async function isWritten(
  { parts: { store }, job, run, losses, isWanted }: CommitOptions,
  taken: TakenCheckpoint,
): Promise<boolean> {
  const { jobId, projectId, fence } = job
  const metricName = job.plan.validation_rows > 0 ? 'validation_loss' : 'loss'
  // Asked before each piece: where the thread is done and waits for these files, they are all that shows.
  const isKept = () => {
    run.tick()
    return run.held && isWanted()
  }
  while (isKept()) {
    try {
      if (!(await losses.flush())) return false
      crashPoint('checkpoint.losses_flushed')
      const checkpoint = { ...taken, metricName } as const
      return await store.writeCheckpoint({ jobId, fence, projectId }, checkpoint, isKept)
    } catch (error) {
      run.log.warn({ err: error, step: taken.step }, 'a checkpoint could not be written')
      // Anything else would come again; the next checkpoint may fare better, and the job goes on.
      if (!isDatabaseUnavailable(error)) return false
      await sleep(pauseMs)
    }
  }
  return false
}
