/**
 * @file The training thread. One call trains one job, from its files to its weights.
 *
 * Here is no database, no queue and no environment: a task comes in, progress goes out through a
 * port, a result comes back. The result depends on spec, data and seed alone; slices, signals and
 * clocks only decide when the thread looks up. What goes wrong with the job leaves as data; an error
 * that is thrown is a defect.
 */
import { AppError } from '../contract/errors.ts'
import type { StatusReason } from '../contract/jobs.ts'
import { packProgress } from '../contract/packed-progress.ts'
import type { CheckpointFiles, TrainProgress, TrainResult, TrainTask } from '../contract/tasks.ts'
import { DataError } from '../data/data-error.ts'
import { resolveTask, type Task } from '../data/resolve.ts'
import { sizeOf } from '../data/task.ts'
import {
  createTrainer,
  decodeSafetensors,
  decodeSnapshot,
  EngineError,
  type EngineErrorCode,
  encodeSafetensors,
  type Layer,
  numericsVersions,
  permutation,
  type Trainer,
  type TrainingPlan,
} from '../engine/index.ts'
import { crashPoint } from '../faults/crash-point.ts'
import { type Checkpointer, createCheckpointer } from './checkpointer.ts'
import { type Control, heartbeatOf, openControl } from './control.ts'
import { evaluateWeights } from './evaluate-weights.ts'
import { finalMetrics } from './final-metrics.ts'
import { Interrupted, type Interruption } from './interrupted.ts'
import { openTeam } from './lead-team.ts'
import { lowerPriority } from './lower-priority.ts'
import { planTask } from './plan.ts'
import { prepareData } from './prepare-data.ts'
import type { PreparedData } from './prepared-data.ts'
import { createProgressSender, type ProgressSender } from './progress-sender.ts'
import { kernelsOfThread, memoryOfThread } from './thread-kernels.ts'
import { type LoopEnd, trainUntilTheEnd } from './train-loop.ts'
import { weightsMetadata } from './weights-metadata.ts'
import { withoutCopy } from './without-copy.ts'

/** Returns a TrainResult, in the wrapping by which Piscina knows what to move. */
export default function trainInThread(task: TrainTask): unknown {
  lowerPriority()
  const progress = createProgressSender(
    (message) => task.progress.postMessage(packProgress(message), filesOf(message)),
    () => performance.now(),
  )
  try {
    const result = train(task, openControl(task.control), progress)
    return result.outcome === 'succeeded' ? withoutCopy(result, result.weights) : result
  } catch (error) {
    return endOf(error, progress)
  } finally {
    memoryOfThread().free()
    progress.flush()
    // What was posted before still arrives; a thread that was to follow, and never began, is let go.
    for (const port of [task.progress, ...(task.followers ?? [])]) port.close()
  }
}

/** They move: training waits for one copy of its state, not for two. */
function filesOf({ checkpoint }: TrainProgress): ArrayBuffer[] {
  return checkpoint ? [checkpoint.weights.buffer, checkpoint.rest.buffer] : []
}

interface Job {
  readonly task: TrainTask
  readonly control: Control
  readonly progress: ProgressSender
  readonly resolved: Task
  readonly plan: TrainingPlan
  readonly network: Layer
  readonly data: PreparedData
}

function train(task: TrainTask, control: Control, progress: ProgressSender): TrainResult {
  crashPoint('thread.started')
  const { spec, training, validation } = task
  const resolved = resolveTask(spec, training.profile, validation?.profile ?? null)
  const { plan, network } = planTask(spec, resolved)
  const data = prepareData(task, {
    resolved,
    targetSize: sizeOf(plan.targetShape),
    permutation: (length) => permutation(spec.training.seed, 'split', 0, length),
    onProgress: () => continueUnlessAsked(control, ['cancel', 'release', 'pause']),
  })
  crashPoint('thread.data_ready')
  const { opened, begin } = openTeam(task, plan.memoryBytes)
  const trainer = createTrainer(plan, {
    training: data.training,
    validation: data.validation ?? undefined,
    aborted: control.isInterrupted,
    progress: heartbeatOf(task.control),
    onUncompiled: (error) =>
      process.emitWarning(`A step is not compiled, and takes longer: ${error}`),
    opened,
  })
  const mismatch = task.resume && restore(trainer, task.resume)
  if (mismatch) return { outcome: 'mismatched', message: mismatch, ...progress.position() }
  if (task.initialWeights) {
    trainer.load(decodeSafetensors(new Uint8Array(task.initialWeights)).tensors)
  }
  // As large as what they were read into, and not to be held as long as the job trains.
  task.resume = undefined
  task.initialWeights = undefined
  progress.report(trainer, [])
  begin(trainer)
  const job = { task, control, progress, resolved, plan, network, data }
  const checkpointer = checkpointerOf(job, trainer)
  const end = trainToTheEnd(trainer, control, progress, checkpointer)
  if (end.by === 'finished' || end.by === 'stop') return finish(job, trainer, end)
  if (end.by !== 'cancel') checkpointer.takeLast()
  return { outcome: outcomes[end.by], ...progress.position() }
}

/** What an interruption makes of the run. */
const outcomes = {
  cancel: 'cancelled',
  release: 'released',
  pause: 'paused',
} as const satisfies Record<Interruption, TrainResult['outcome']>

/** Returns why not, where it does not fit: other numerics, or a plan that is made otherwise by now. */
function restore(trainer: Trainer, { weights, rest }: CheckpointFiles): string | undefined {
  try {
    const files = { weights: new Uint8Array(weights), rest: new Uint8Array(rest) }
    trainer.restore(decodeSnapshot(files))
    return undefined
  } catch (error) {
    if (error instanceof EngineError) return error.message
    throw error
  }
}

function checkpointerOf({ task, control, progress, plan, data }: Job, trainer: Trainer) {
  return createCheckpointer({
    trainer,
    control,
    every: task.spec.training.checkpoint_every,
    send: progress.send,
    describe() {
      const { preprocessing } = data
      const numericsVersion = numericsVersions[kernelsOfThread().backend.name]
      const metadata = weightsMetadata(task.spec, preprocessing, numericsVersion)
      return { preprocessing, metadata, planHash: plan.fingerprint, numericsVersion }
    },
  })
}

/** Threads that follow are let go, also where the loss stops being finite; not where one has died. */
function trainToTheEnd(
  trainer: Trainer,
  control: Control,
  progress: ProgressSender,
  checkpointer: Checkpointer,
): LoopEnd {
  try {
    const end = trainUntilTheEnd(trainer, control, progress, checkpointer)
    if (end.by === 'stop') {
      const report = trainer.stop()
      progress.report(report, report.points)
    }
    return end
  } finally {
    if (!control.isBroken()) trainer.dismiss()
  }
}

function finish(job: Job, trainer: Trainer, end: LoopEnd): TrainResult {
  const { task, progress, plan, data } = job
  const { backend } = kernelsOfThread()
  crashPoint('thread.trained')
  const weights = trainer.weights()
  const evaluation = evaluateWeights({
    ...job,
    weights,
    backend: { ...backend, open: memoryOfThread().open },
    // All that is left to do is to look at the result: a pause comes too late.
    onProgress: () => continueUnlessAsked(job.control, ['cancel', 'release']),
  })
  crashPoint('thread.evaluated')
  return {
    outcome: 'succeeded',
    ...progress.position(),
    reason: reasonOf(end, plan, progress),
    weights: encodeSafetensors(
      weights,
      weightsMetadata(task.spec, data.preprocessing, numericsVersions[backend.name]),
    ),
    preprocessing: data.preprocessing,
    metrics: finalMetrics(evaluation),
    evaluation,
  }
}

function continueUnlessAsked(control: Control, interruptions: readonly Interruption[]): void {
  control.tick()
  const signal = control.signal()
  const interruption = interruptions.find((each) => each === signal)
  if (interruption) throw new Interrupted(interruption)
}

function reasonOf(end: LoopEnd, plan: TrainingPlan, progress: ProgressSender): StatusReason | null {
  if (end.by === 'stop') {
    const { step } = progress.position()
    return {
      code: 'stopped_early',
      message: `Stopped by request at step ${step} of ${plan.steps}.`,
    }
  }
  if (end.by !== 'finished' || !end.report.stoppedEarly) return null
  const { best } = end.report
  const { earlyStopping } = plan.details
  const kept = earlyStopping?.restoreBest ? ' The weights are those of that epoch.' : ''
  return {
    code: 'early_stopping',
    message: `No progress in ${earlyStopping?.monitor} since epoch ${best?.epoch} (step ${best?.step}).${kept}`,
  }
}

/** What an error means for the job; a defect is thrown on. */
function endOf(error: unknown, progress: ProgressSender): TrainResult {
  const position = progress.position()
  if (error instanceof Interrupted) {
    return { outcome: outcomes[error.signal], ...position }
  }
  if (error instanceof EngineError && error.code === 'loss_not_finite') {
    const step = error.step ?? position.step
    // The step's own loss, unless the mean of its interval has been reported already.
    if (step > position.step) {
      progress.report({ ...position, step }, [{ name: 'loss', step, value: Number.NaN }])
    }
    const message = `The loss stopped being a finite number at step ${step}. Lower training.optimizer.learning_rate, set training.gradient_clipping, or let features.scaling standardize the columns.`
    return {
      outcome: 'failed',
      ...progress.position(),
      reason: { code: 'loss_not_finite', message },
    }
  }
  return { outcome: 'failed', ...position, reason: failureOf(error) }
}

function failureOf(error: unknown): StatusReason {
  if (error instanceof DataError || error instanceof AppError) {
    return { code: 'invalid_data', message: error.message }
  }
  if (error instanceof EngineError && dataErrors.has(error.code)) {
    return { code: 'invalid_data', message: error.message }
  }
  if (isOutOfMemory(error)) {
    const message = `The worker has not enough memory for this job: ${error.message}.`
    return { code: 'out_of_memory', message }
  }
  throw error
}

const dataErrors: ReadonlySet<EngineErrorCode> = new Set(['invalid_data', 'weights_mismatch'])

function isOutOfMemory(error: unknown): error is Error {
  if (error instanceof EngineError) return error.code === 'memory_too_small'
  const words = /allocation failed|could not allocate|Invalid .*length/
  return error instanceof RangeError && words.test(error.message)
}
