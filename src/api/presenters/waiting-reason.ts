/** @file Why a queued job does not start although threads may be free: its project has enough at work. */
import type { StatusReason } from '../../contract/jobs.ts'
import type { Limits } from '../../contract/tenancy.ts'
import type { QueuePlace } from '../../store/queue-position.ts'

/** null when only others in the queue are before it. */
export function waitingReason(
  { running }: QueuePlace,
  threads: number,
  limits: Limits,
): StatusReason | null {
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
