/**
 * @file Why a queued job does not start although threads may be free: no worker has the memory for it, or
 * its project has enough at work.
 */
import type { StatusReason } from '../../contract/jobs.ts'
import type { Limits } from '../../contract/tenancy.ts'
import type { QueuePlace } from '../../store/queue-position.ts'

/** What the plan of the job says. */
export interface Needs {
  readonly threads: number
  readonly bytes: number
}

/** null when only others in the queue are before it. */
export function waitingReason(
  { running, largestMemoryBytes }: Pick<QueuePlace, 'running' | 'largestMemoryBytes'>,
  { threads, bytes }: Needs,
  limits: Limits,
): StatusReason | null {
  if (largestMemoryBytes !== null && bytes > largestMemoryBytes) {
    return {
      code: 'no_worker_fits',
      message: `The job waits: it needs ${bytes} bytes of memory, and the largest worker there is may plan with ${largestMemoryBytes}. Start a worker with more (MEMORY_BYTES), or cancel the job and make it smaller.`,
    }
  }
  if (running.jobs >= limits.jobs_running) {
    return limitReached(
      `${running.jobs} jobs of the project run; the limit is ${limits.jobs_running} (jobs_running).`,
    )
  }
  if (running.threads + Math.min(threads, limits.threads) > limits.threads) {
    return limitReached(
      `The running jobs of the project have ${running.threads} threads, and this one needs ${threads}; the limit is ${limits.threads} (threads).`,
    )
  }
  return null
}

function limitReached(why: string): StatusReason {
  return { code: 'project_limit', message: `The job waits: ${why}` }
}
