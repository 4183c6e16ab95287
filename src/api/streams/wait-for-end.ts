/**
 * @file Waits until a job has ended: for clients that would rather have one answer than follow.
 *
 * The live channel says when a job may have ended; a look each second, at the status alone, finds what
 * it may have lost.
 */
import { isTerminal } from '../../contract/jobs.ts'
import type { ApiDependencies } from '../dependencies.ts'

export interface WaitOptions {
  readonly dependencies: Pick<ApiDependencies, 'store' | 'live'>
  readonly jobId: string
  readonly seconds: number
  /** Asks whether the job has ended, when it was told of. */
  readonly hasEnded: () => Promise<boolean>
  /** The job was made just now: its end is still to come, and will be told of. */
  readonly isNew: boolean
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

const lookEveryMs = 1_000

/** The database is away for a moment: the next look may find it. */
const ignore = () => {}

/** Resolves when the job has ended, when the time is over, or when nobody waits any more. */
export function waitForEnd(options: WaitOptions): Promise<void> {
  const { dependencies, jobId, seconds, hasEnded, isNew, signal } = options
  const { store, live } = dependencies
  return new Promise((resolve) => {
    const unsubscribe = live.subscribe((jobIds, goingOn) => {
      if (!jobIds.includes(jobId) || goingOn.has(jobId)) return
      hasEnded().then((ended) => {
        if (ended) finish()
      }, ignore)
    })
    const timer = setInterval(look, lookEveryMs)
    const deadline = setTimeout(finish, seconds * 1000)
    signal.addEventListener('abort', finish)
    if (!isNew) look()

    function look(): void {
      store.readStatus(jobId).then((status) => {
        if (status === null || isTerminal(status)) finish()
      }, ignore)
    }

    function finish(): void {
      cleanUp()
      resolve()
    }

    function cleanUp(): void {
      unsubscribe()
      clearInterval(timer)
      clearTimeout(deadline)
      signal.removeEventListener('abort', finish)
    }
  })
}
