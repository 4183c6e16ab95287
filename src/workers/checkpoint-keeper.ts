/**
 * @file Decides when a run's thread takes a checkpoint, and writes what it took.
 *
 *   waiting ──the pause is over──▶ asked ──the thread takes one──▶ writing ──it is there──▶ waiting
 *
 * There is never more than one under way, and the next is not asked for before 50 times the cost of the
 * last has passed: so checkpoints take at most 2 % of the time, however large the job and slow the disk.
 */
import { checkpointAsks, controlWords, type TakenCheckpoint } from '../contract/tasks.ts'

export interface CheckpointKeeperOptions {
  readonly control: SharedArrayBuffer
  /** The spec asks for them by steps. */
  readonly isBySteps: boolean
  /** The run goes on from a checkpoint. */
  readonly isResumed: boolean
  /** The shortest pause between two that are taken by time. */
  readonly everyMs: number
  /** Resolves once it is written, or nobody needs it any more. */
  readonly write: (checkpoint: TakenCheckpoint) => Promise<void>
}

export interface CheckpointKeeper {
  /** What a thread has taken, also unasked on its way out. */
  take(checkpoint: TakenCheckpoint): void
  /** Asks for no more. Resolves when nothing is under way. */
  end(): Promise<void>
}

/** What is written for one comes on top of losses four times a second, which is nothing much. */
const pauseBySteps = 1_000
const pausePerCost = 50

export function createCheckpointKeeper(options: CheckpointKeeperOptions): CheckpointKeeper {
  const { isBySteps, isResumed, everyMs, write } = options
  const shortestPauseMs = isBySteps ? pauseBySteps : everyMs
  const words = new Int32Array(options.control)
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let ended = false

  function askIn(pauseMs: number): void {
    if (ended) return
    const ask = isBySteps ? checkpointAsks.atMultiple : checkpointAsks.now
    timer = setTimeout(() => Atomics.store(words, controlWords.checkpoint, ask), pauseMs)
  }

  async function writeAndAsk(checkpoint: TakenCheckpoint, takenAtMs: number): Promise<void> {
    await write(checkpoint)
    const costMs = checkpoint.milliseconds + performance.now() - takenAtMs
    askIn(Math.max(shortestPauseMs, costMs * pausePerCost))
  }

  // A checkpoint clears the count of crashes: a run that crashes soon after it resumes must not get one.
  askIn(isBySteps && !isResumed ? 0 : shortestPauseMs)
  return {
    take(checkpoint) {
      clearTimeout(timer)
      const takenAtMs = performance.now()
      writing = writing.then(() => writeAndAsk(checkpoint, takenAtMs))
    },
    end() {
      ended = true
      clearTimeout(timer)
      return writing
    },
  }
}
