/**
 * @file One run, from a claimed job to its end: find where to begin, load the data, train in a thread,
 * write what it reports, record the outcome. Every write is fenced; a run that has lost its claim writes nothing.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { isTerminal } from '../contract/jobs.ts'
import { type PackedProgress, unpackProgress } from '../contract/packed-progress.ts'
import { epochsOf } from '../contract/plans.ts'
import type { TrainResult, TrainTask } from '../contract/tasks.ts'
import { inSpan, type Span } from '../contract/tracing.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { isDatabaseUnavailable, tellableReason } from '../store/database-errors.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import type { RunEnd } from '../store/runs/finish-runs.ts'
import { ThreadCrashed } from '../threads/thread-crashed.ts'
import { type CheckpointKeeper, createCheckpointKeeper } from './checkpoint-keeper.ts'
import { commitCheckpoint } from './commit-checkpoint.ts'
import type { HeldRun } from './held-run.ts'
import { observeProgress } from './observed-progress.ts'
import type { RecordedEnd } from './observed-run.ts'
import { createProgressWriter, type ProgressWriter } from './progress-writer.ts'
import { findResumePoint, type ResumePoint } from './resume-point.ts'
import { crashedRunEnd, runEndOf, withoutFirstWeights } from './run-end.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Trains the job. The end is still to be recorded, by recordEnd. */
export async function trainJob(
  parts: WorkerParts,
  job: ClaimedJob,
  run: HeldRun,
  threads: number,
): Promise<RunEnd> {
  // A job that was never claimed before has no checkpoint.
  const from =
    job.attempt > 1
      ? await inSpan(run.span, 'find checkpoint', () => findResumePoint(parts, run))
      : null
  const task = await inSpan(run.span, 'load dataset', () => taskOf(parts, job, run))
  crashPoint('run.data_loaded')
  const training = { parts, job, run, task, threads }
  const first = await inSpan(run.span, 'train', (span) => trainFrom(from, training, span))
  if (first.outcome === 'ended') return first.end

  const why = `The checkpoint does not fit this worker (${first.message})`
  const held = await parts.store.startOver(run, parts.numericsVersion, why)
  if (!held) run.lose()
  const second = await inSpan(run.span, 'train', (span) => trainFrom(null, training, span))
  if (second.outcome === 'ended') return second.end
  throw new Error('A job without a checkpoint cannot be at odds with one.')
}

async function taskOf({ datasets }: WorkerParts, job: ClaimedJob, run: HeldRun) {
  const { validation } = job.spec.training
  const validationId = validation && 'dataset' in validation ? validation.dataset : null
  return {
    spec: job.spec,
    training: await datasets.load(job.projectId, job.spec.dataset),
    validation: validationId === null ? null : await datasets.load(job.projectId, validationId),
    control: run.control,
    bytes: job.plan.bytes.total,
  }
}

interface Training {
  readonly parts: WorkerParts
  readonly job: ClaimedJob
  readonly run: HeldRun
  readonly task: Omit<TrainTask, 'progress'>
  readonly threads: number
}

type Trained =
  | { readonly outcome: 'ended'; readonly end: RunEnd }
  | { readonly outcome: 'mismatched'; readonly message: string }

async function trainFrom(
  from: ResumePoint | null,
  training: Training,
  span: Span,
): Promise<Trained> {
  const { parts, job, run } = training
  const firstStep = from?.step ?? 0
  const { metrics } = parts
  const { steps } = job.plan
  const observer = { metrics, span, firstStep, steps }
  const losses = observeProgress(lossesOf(training, firstStep), observer)
  let hasResult = false
  const isWanted = () => !hasResult
  const checkpoints = createCheckpointKeeper({
    control: run.control,
    isBySteps: job.spec.training.checkpoint_every !== undefined,
    isResumed: from !== null,
    everyMs: parts.checkpointEveryMs,
    write: (taken) =>
      inSpan(span, 'checkpoint', () =>
        commitCheckpoint({ parts, job, run, losses, isWanted }, taken),
      ),
  })
  try {
    const begin = from ? { resume: from.files } : await firstWeightsOf(training)
    if (begin === 'gone') return { outcome: 'ended', end: withoutFirstWeights }
    const task = { ...training.task, ...begin }
    const trained = await trainInThread({ ...training, task }, { losses, checkpoints })
    crashPoint('run.trained')
    // Whoever goes on with the job begins at the last of them.
    hasResult = trained.outcome === 'ended' && isTerminal(trained.end.jobStatus)
    await checkpoints.end()
    crashPoint('run.checkpoints_ended')
    const unwritten = await losses.end()
    crashPoint('run.losses_ended')
    if (trained.outcome === 'mismatched' || !unwritten) return trained
    return { ...trained, end: { ...trained.end, unwritten } }
  } finally {
    await checkpoints.end()
  }
}

/** Of a job that starts from weights of another. */
async function firstWeightsOf({ parts: { store }, job }: Training) {
  const { init_from: from } = job.spec
  if (!from) return {}
  const blob = await store.findInitialWeights(job.projectId, from)
  const initialWeights = typeof blob === 'object' ? await store.readChecked(blob) : null
  crashPoint('run.first_weights_read')
  return initialWeights ? { initialWeights } : ('gone' as const)
}

function lossesOf({ parts, job, run }: Training, firstStep: number): ProgressWriter {
  const { store, live } = parts
  return createProgressWriter({
    steps: job.plan.steps,
    epochs: epochsOf(job.plan),
    firstStep,
    async write(progress) {
      if (!run.held) return false
      crashPoint('progress.writing')
      const written = await store.writeProgress(run, progress)
      crashPoint('progress.written')
      if (written) live.publish(job.jobId, { goesOn: true })
      return written
    },
    onLost: () => run.lose(),
    onError: (error) => run.log.warn({ err: error }, 'losses wait to be written'),
  })
}

interface Receivers {
  readonly losses: ProgressWriter
  readonly checkpoints: CheckpointKeeper
}

async function trainInThread(
  { parts: { pool }, job, task, threads }: Training,
  receivers: Receivers,
): Promise<Trained> {
  const { port1: progress, port2: threadPort } = new MessageChannel()
  progress.on('message', (report: PackedProgress) => receive(report, receivers))
  try {
    const result: TrainResult = await pool.train(
      { ...task, progress: threadPort },
      { threads, bytes: task.bytes, group: job.projectId },
    )
    drain(progress, receivers)
    if (result.outcome === 'mismatched') return result
    return { outcome: 'ended', end: runEndOf(result) }
  } catch (error) {
    if (!(error instanceof ThreadCrashed)) throw error
    drain(progress, receivers)
    return { outcome: 'ended', end: crashedRunEnd(error.message) }
  } finally {
    progress.close()
  }
}

/** The points first: they are committed before the checkpoint that follows them. */
function receive(packed: PackedProgress, { losses, checkpoints }: Receivers): void {
  const report = unpackProgress(packed)
  losses.add(report)
  if (report.checkpoint) checkpoints.take(report.checkpoint)
}

/** Results and reports come on two ways; what was posted before the result is here by now. */
function drain(progress: MessagePort, receivers: Receivers): void {
  for (let next = receiveMessageOnPort(progress); next; next = receiveMessageOnPort(progress)) {
    receive(next.message, receivers)
  }
}

const firstPauseMs = 100
const lastPauseMs = 2_000

/**
 * Records the end, trying again while Postgres is away and the lease may still hold. After that the
 * job is somebody else's, and will end the same, to the bit. Gives what was recorded, or null.
 */
export function recordEnd(
  parts: WorkerParts,
  run: HeldRun,
  end: RunEnd,
): Promise<RecordedEnd | null> {
  return inSpan(run.span, 'finish', () => recordOnce(parts, run, end))
}

async function recordOnce(
  parts: WorkerParts,
  run: HeldRun,
  end: RunEnd,
): Promise<RecordedEnd | null> {
  const { store, live } = parts
  for (let pauseMs = firstPauseMs; run.held; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    try {
      crashPoint('end.recording')
      const status = await store.finishRun(run, end)
      crashPoint('end.recorded')
      if (status === null) {
        run.log.warn({ fence: run.fence }, 'the claim was lost')
        return null
      }
      live.publish(run.jobId)
      return { end, status }
    } catch (error) {
      if (!isDatabaseUnavailable(error) && !end.crashed) {
        // It would be refused again, for ever: the job gets to know, and its tries are counted.
        run.log.error({ err: error }, 'the end of a run was refused')
        const message = `Its result could not be stored: ${tellableReason(error)}.`
        return recordOnce(parts, run, crashedRunEnd(message))
      }
      if (run.isOverdue(performance.now())) run.lose()
      else run.log.warn({ err: error }, 'the end of a run waits to be recorded')
      if (run.held) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  return null
}
