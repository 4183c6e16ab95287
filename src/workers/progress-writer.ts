/**
 * @file Gathers what a thread reports and writes it in batches, at most four a second.
 *
 * Postgres being away does not stop the training: points wait here until it is back or the lease is
 * lost. What is left at the end is not written here but commits together with the run's end.
 */
import type { Progress } from '../contract/jobs.ts'
import type { RawPoint } from '../contract/losses.ts'
import type { TrainProgress } from '../contract/tasks.ts'
import type { RunProgress } from '../store/runs/write-progress.ts'

export interface ProgressWriterOptions {
  readonly steps: number
  readonly epochs: number
  /** Where this run began: the time that is left follows from the steps after it. */
  readonly firstStep: number
  /** Returns false when the claim was lost. */
  readonly write: (progress: RunProgress) => Promise<boolean>
  readonly onLost: () => void
  readonly onError: (error: Error) => void
}

export interface ProgressWriter {
  add(report: Pick<TrainProgress, 'step' | 'epoch' | 'points'>): void
  /**
   * Resolves when every point added until now is committed; false when the claim was lost. Rejects with
   * what kept Postgres from it: the points wait on.
   */
  flush(): Promise<boolean>
  /** Writes no more, and returns what is unwritten, or undefined when nothing is. */
  end(): Promise<RunProgress | undefined>
}

const writeEveryMs = 250

/** An event carries at most so many points, so that a stream's message stays small. */
const pointsPerWrite = 2_000

export function createProgressWriter(options: ProgressWriterOptions): ProgressWriter {
  const { steps, epochs, firstStep, write, onLost, onError } = options
  const startedAtMs = performance.now()
  let points: RawPoint[] = []
  let latest: { step: number; epoch: number } | undefined
  let writing: Promise<void> | undefined
  let committed = 0
  let lost = false
  let failure = new Error('Nothing was written.')
  let timer: NodeJS.Timeout | undefined

  async function writeOnce(): Promise<void> {
    if (!latest) return
    const written = latest
    const batch = points.slice(0, pointsPerWrite)
    try {
      if (!(await write({ progress: progressNow(), points: batch }))) {
        lost = true
        return onLost()
      }
      points = points.slice(batch.length)
      committed += batch.length
      if (points.length === 0 && latest === written) latest = undefined
    } catch (error) {
      // The points stay; a batch that did commit is written again without effect.
      failure = error instanceof Error ? error : new Error(String(error))
      onError(failure)
    }
    if (latest) schedule()
  }

  /** One at a time: two would take the same points, and forget twice as many. */
  function writeNow(): Promise<void> {
    writing ??= writeOnce().finally(() => {
      writing = undefined
    })
    return writing
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      writeNow()
    }, writeEveryMs)
  }

  function progressNow(): Progress {
    const { step, epoch } = latest ?? { step: 0, epoch: 0 }
    return { step, steps, epoch, epochs, eta_seconds: etaSeconds(step) }
  }

  function etaSeconds(step: number): number | null {
    if (step <= firstStep) return null
    const seconds = (performance.now() - startedAtMs) / 1000
    return Math.round(((steps - step) * seconds * 10) / (step - firstStep)) / 10
  }

  return {
    add({ step, epoch, points: added }) {
      latest = { step, epoch }
      for (const point of added) points.push(point)
      schedule()
    },

    async flush() {
      const target = committed + points.length
      while (committed < target && !lost) {
        const before = committed
        await writeNow()
        if (committed === before && !lost) throw failure
      }
      return !lost
    },

    async end() {
      clearTimeout(timer)
      await writing
      for (let left = points.length; left > pointsPerWrite; left = points.length) {
        await writeNow()
        if (points.length === left) break // Postgres is away: what is left commits with the end
      }
      clearTimeout(timer)
      return latest && { progress: progressNow(), points }
    },
  }
}
