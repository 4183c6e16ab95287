/**
 * @file The thread pool: training, prediction and parsing happen here, never on an event loop.
 *
 * A fixed number of Piscina threads, one task each. A scheduler of our own decides when a task
 * starts, so Piscina's queue stays empty. Threads get no environment, no database and no network:
 * a task comes in, a result goes back. A thread that dies takes its own task with it and is replaced.
 */
import type { KernelChoice } from '../contract/kernels.ts'
import type {
  ParseResult,
  ParseTask,
  PredictResult,
  PredictTask,
  TrainResult,
  TrainTask,
} from '../contract/tasks.ts'
import type { Calibration } from './calibration.ts'
import { type TaskKind, type ThreadEntries, threadEntries } from './entries.ts'
import { type MovingPart, movingPartsOf } from './moving-parts.ts'
import { PoolStopped } from './pool-stopped.ts'
import { runTeam } from './run-team.ts'
import { createScheduler, type Wish } from './scheduler.ts'
import { startThreads, untilStarted } from './start-threads.ts'
import { ThreadCrashed } from './thread-crashed.ts'

export interface ThreadPoolOptions {
  readonly threads: number
  /** What the planned memory of all running tasks may add up to. */
  readonly memoryBytes: number
  /** `auto` when not given. */
  readonly kernels?: KernelChoice
  readonly log?: { warn(fields: object, message: string): void }
  /** Other code for some kinds of tasks; tests put threads that die here. */
  readonly entries?: Partial<ThreadEntries>
}

export interface TaskCost {
  /** At most: a pool with fewer gives all that it has. Only training takes more than one. */
  readonly threads: number
  /** From the plan. */
  readonly bytes: number
  /** Tasks of one group wait for each other before those of another do. */
  readonly group?: string
}

export interface TrainCost extends TaskCost {
  /** Called when the task has its threads and its bytes, and waits no longer. */
  readonly onBegin?: () => void
}

export interface PredictCost extends TaskCost {
  /** When it aborts, a task that waits is given up with its reason. One that runs goes on to its end. */
  readonly signal?: AbortSignal
}

export interface ParseTerms extends Pick<PredictCost, 'group' | 'signal'> {
  readonly isWhole?: boolean
}

/**
 * Every task waits for its thread and its bytes. It rejects with ThreadCrashed or PoolStopped, or with
 * AppError `limit_exceeded` when it needs more than there is.
 */
export interface ThreadPool {
  readonly threads: number
  readonly memoryBytes: number
  /** What a new task could have at once: nothing, while others wait. */
  free(): { threads: number; bytes: number }
  /** What running tasks have; the bytes are those of their plans. */
  used(): { threads: number; bytes: number }
  waiting(): number
  /** What is named in moving-parts.ts moves to the thread. All points are posted before the result comes. */
  train(task: TrainTask, cost: TrainCost): Promise<TrainResult>
  predict(task: PredictTask, cost: PredictCost): Promise<PredictResult>
  /**
   * `task.source` moves to the thread, which is taken until the upload has ended: that may be long
   * unless the file `isWhole` already.
   */
  parse(task: ParseTask, terms?: ParseTerms): Promise<ParseResult>
  /** How fast a thread computes, and with which kernels; measured in less than half a second. */
  calibrate(): Promise<Calibration>
  /** Waits for running tasks, unless forced; what waits is refused either way. */
  stop(options?: { readonly force?: boolean }): Promise<void>
}

/** Pieces in flight, and the distinct values of the columns, which stop at maxCategories each. */
const parseBytes = 64 * 1024 * 1024

export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  const { threads, memoryBytes } = options
  const entries = { ...threadEntries, ...options.entries }
  const piscina = startThreads(options)
  const scheduler = createScheduler({ threads, bytes: memoryBytes })
  // An upload may be slow and holds its thread, so uploads never hold the last one.
  const uploads = createScheduler({ threads: Math.max(1, threads - 1), bytes: 0 })
  let killed = false

  /** On one thread that is free; `moving` goes there. */
  async function onThread<Result>(
    kind: TaskKind,
    task: unknown,
    moving: readonly MovingPart[],
  ): Promise<Result> {
    try {
      return await piscina.run(task, { filename: entries[kind], transferList: [...moving] })
    } catch (error) {
      if (isDetached(error)) throw error
      // Entries answer with data, also when they refuse; so an error means that the thread is gone.
      throw killed ? new PoolStopped() : new ThreadCrashed(kind, error)
    }
  }

  async function run<Task, Result>(
    kind: TaskKind,
    task: Task,
    wish: Wish,
    {
      moving = [],
      signal,
      onBegin,
    }: {
      moving?: readonly MovingPart[]
      signal?: AbortSignal | undefined
      onBegin?: (() => void) | undefined
    } = {},
  ) {
    const release = await scheduler.acquire(wish, signal)
    onBegin?.()
    try {
      return await onThread<Result>(kind, task, moving)
    } finally {
      release()
    }
  }

  /** All threads at once or none: two jobs that each wait for one more would wait for ever. */
  async function train(task: TrainTask, { onBegin, ...wish }: TrainCost): Promise<TrainResult> {
    if (wish.threads === 1) {
      return run('train', task, wish, { moving: movingPartsOf(task), onBegin })
    }
    const release = await scheduler.acquire(wish)
    onBegin?.()
    try {
      return await runTeam<TrainResult>(task, wish.threads, onThread)
    } finally {
      release()
    }
  }

  return {
    threads,
    memoryBytes,
    free: scheduler.free,
    used: scheduler.used,
    waiting: () => scheduler.waiting() + uploads.waiting(),
    train: (task, cost) => train(task, { ...cost, threads: Math.min(cost.threads, threads) }),
    predict: (task, { signal, ...wish }) => run('predict', task, wish, { signal }),
    async parse(task, { isWhole = false, signal, ...whose } = {}) {
      const turn = { threads: 1, bytes: 0, ...whose }
      const release = isWhole ? () => {} : await uploads.acquire(turn, signal)
      const wish = { ...turn, bytes: Math.min(parseBytes, memoryBytes) }
      try {
        const terms = { moving: [task.source], signal }
        return await run<ParseTask, ParseResult>('parse', task, wish, terms)
      } catch (error) {
        if (!isDetached(error)) throw error
        const detail = 'The upload ended before it could be read.'
        return { outcome: 'refused', problem: { code: 'upload_incomplete', detail } }
      } finally {
        release()
      }
    },
    calibrate: () => run('calibrate', null, { threads: 1, bytes: 0 }),
    async stop({ force = false } = {}) {
      killed = force
      scheduler.close(new PoolStopped())
      uploads.close(new PoolStopped())
      if (!force) await scheduler.idle()
      if (!force) await untilStarted(piscina)
      await piscina.destroy()
    },
  }
}

/** The port of a task cannot move any more: its other end was closed while the task waited. */
function isDetached(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'DataCloneError'
}
