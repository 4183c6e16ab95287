/**
 * @file One run, from a claimed job to its end: load the data, train in a thread, write what it
 * reports, record the outcome. Every write is fenced; a run that has lost its claim writes nothing.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { epochsOf } from '../contract/plans.ts'
import type { TrainProgress, TrainResult, TrainTask } from '../contract/tasks.ts'
import { isDatabaseUnavailable } from '../store/database-errors.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import type { RunEnd } from '../store/runs/finish-runs.ts'
import { ThreadCrashed } from '../threads/thread-crashed.ts'
import type { HeldRun } from './held-run.ts'
import { createProgressWriter, type ProgressWriter } from './progress-writer.ts'
import { crashedRunEnd, runEndOf } from './run-end.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Trains the job. The end is still to be recorded, by recordEnd. */
export async function trainJob(
  parts: WorkerParts,
  job: ClaimedJob,
  run: HeldRun,
  threads: number,
): Promise<RunEnd> {
  const { store, live, datasets, log } = parts
  const writer = createProgressWriter({
    steps: job.plan.steps,
    epochs: epochsOf(job.plan),
    async write(progress) {
      if (!run.held) return false
      const written = await store.writeProgress(run, progress)
      if (written) live.publish(job.jobId, { goesOn: true })
      return written
    },
    onLost: () => run.lose(),
    onError: (error) => log.warn({ err: error, jobId: job.jobId }, 'losses wait to be written'),
  })

  const { training: spec } = job.spec
  const validationId =
    spec.validation && 'dataset' in spec.validation ? spec.validation.dataset : null
  const task = {
    spec: job.spec,
    training: await datasets.load(job.projectId, job.spec.dataset),
    validation: validationId === null ? null : await datasets.load(job.projectId, validationId),
    control: run.control,
    bytes: job.plan.bytes.total,
  }
  const end = await trainInThread(parts, task, threads, writer)
  const unwritten = await writer.end()
  return unwritten ? { ...end, unwritten } : end
}

async function trainInThread(
  { pool }: WorkerParts,
  task: Omit<TrainTask, 'progress'>,
  threads: number,
  writer: ProgressWriter,
): Promise<RunEnd> {
  const { port1: progress, port2: threadPort } = new MessageChannel()
  progress.on('message', (report: TrainProgress) => writer.add(report))
  try {
    const result: TrainResult = await pool.train(
      { ...task, progress: threadPort },
      { threads, bytes: task.bytes },
    )
    drain(progress, writer)
    return runEndOf(result)
  } catch (error) {
    if (!(error instanceof ThreadCrashed)) throw error
    drain(progress, writer)
    return crashedRunEnd(error.message)
  } finally {
    progress.close()
  }
}

/** Results and reports come on two ways; what was posted before the result is here by now. */
function drain(progress: MessagePort, writer: ProgressWriter): void {
  for (let next = receiveMessageOnPort(progress); next; next = receiveMessageOnPort(progress)) {
    writer.add(next.message)
  }
}

const firstPauseMs = 100
const lastPauseMs = 2_000

/**
 * Records the end, trying again while Postgres is away and the lease may still hold. After that the
 * job is somebody else's, and will end the same, to the bit.
 */
export async function recordEnd(parts: WorkerParts, run: HeldRun, end: RunEnd): Promise<void> {
  const { store, live, log } = parts
  for (let pauseMs = firstPauseMs; run.held; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    try {
      const status = await store.finishRun(run, end)
      if (status === null) log.warn({ jobId: run.jobId, fence: run.fence }, 'the claim was lost')
      else live.publish(run.jobId)
      return
    } catch (error) {
      if (!isDatabaseUnavailable(error) && !end.crashed) {
        // It would be refused again, for ever: the job gets to know, and its tries are counted.
        const message = `Its result could not be stored: ${String(error)}`
        return recordEnd(parts, run, crashedRunEnd(message))
      }
      if (run.isOverdue(performance.now())) return run.lose()
      log.warn({ err: error, jobId: run.jobId }, 'the end of a run waits to be recorded')
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
