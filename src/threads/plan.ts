/**
 * @file From a spec and the profile of its dataset to what the job will cost, before it starts. Pure
 * arithmetic: nothing is allocated that grows with the job, so an event loop may plan. A thread
 * plans again by the same code, and so trains exactly what was admitted.
 */
import type { ErrorItem } from '../contract/errors.ts'
import type { Plan } from '../contract/plans.ts'
import type { Spec } from '../contract/spec/spec.ts'
import { resolveTask, type Task } from '../data/resolve.ts'
import { SpecError } from '../data/spec-error.ts'
import { sizeOf } from '../data/task.ts'
import {
  type Layer,
  memoryBytesOf,
  numericsVersions,
  planTraining,
  safetensorsBytes,
  type TrainingPlan,
} from '../engine/index.ts'
import { buildLoss, buildNetwork, buildOptimizer, buildSchedule } from './build-model.ts'
import { assumedCalibration, type Speed } from './calibration.ts'
import { dataBytes, type PlannedDataset, rowBytes } from './data-bytes.ts'
import { type PlannedPredictor, planPredictor } from './plan-predictor.ts'
import { secondsOf, threadsOf } from './plan-time.ts'
import { pointingAt } from './pointing-at.ts'
import { tooFewRows } from './too-few-rows.ts'
import { weightsMetadataBytes } from './weights-metadata.ts'
import { wrongData } from './wrong-data.ts'
import { wrongOutputShape } from './wrong-output-shape.ts'

/** Throws AppError `invalid_spec` with a pointer for each complaint. */
export function planJob(
  spec: Spec,
  training: PlannedDataset,
  validation: PlannedDataset | null,
  calibration: Speed = assumedCalibration,
): Plan {
  const task = resolveTask(spec, training.profile, validation?.profile ?? null)
  const { plan, network } = planTask(spec, task)
  const predictor = planPredictor(network, task.inputShape)
  const { best, snapshot, total, ...bytes } = plan.bytes
  const threads = threadsOf(spec, plan)
  const weightsBytes = safetensorsBytes(
    plan.details.network.parameters,
    weightsMetadataBytes(spec, task, numericsVersions.native),
  )
  const beside = dataBytes(task, training, validation)
  const evaluation = evaluationBytes(predictor, task)
  const workspace = memoryBytesOf(plan.memoryBytes, threads) - plan.memoryBytes
  return {
    object: 'plan',
    task: task.task,
    inputs: sizeOf(task.inputShape),
    outputs: task.outputs,
    training_rows: task.trainingRows,
    validation_rows: task.validationRows,
    parameters: plan.parameters,
    bytes: {
      ...bytes,
      // The best weights so far, the copies of the weights when training ends, where kernels pack.
      scratch: bytes.scratch + best + snapshot + evaluation + weightsBytes + workspace,
      data: bytes.data + beside,
      total: total + beside + evaluation + weightsBytes + workspace,
    },
    weights_bytes: weightsBytes,
    prediction_bytes: predictor.memoryBytes + predictor.outputBytes,
    prediction_flops: predictor.flopsPerRow,
    steps: plan.steps,
    steps_per_epoch: plan.stepsPerEpoch,
    report_every: plan.reportEvery,
    points: plan.points,
    flops: plan.flops,
    threads,
    seconds: secondsOf(spec, plan, threads, calibration),
  }
}

/** A parameter of the network, as its weights file will name it. */
export interface PlannedParameter {
  readonly name: string
  readonly shape: readonly number[]
}

/** Of a job that `planJob` accepts. */
export function parametersOf(
  spec: Spec,
  training: PlannedDataset,
  validation: PlannedDataset | null,
): readonly PlannedParameter[] {
  const task = resolveTask(spec, training.profile, validation?.profile ?? null)
  return planTask(spec, task).plan.details.network.parameters
}

/** The engine's part of a plan, and the network it is for. */
export function planTask(
  spec: Spec,
  task: Task,
): { readonly plan: TrainingPlan; readonly network: Layer } {
  const { training } = spec
  const batchSize = training.batch_size === 'full' ? task.trainingRows : training.batch_size
  const complaints = [
    ...wrongData(spec.model, task),
    ...tooManySteps(spec, task, batchSize),
    ...nothingToMonitor(spec, task),
  ]
  if (complaints.length > 0) throw new SpecError(complaints)

  const network = buildNetwork(spec.model, task)
  const optimizer = pointingAt('/training/optimizer', () => buildOptimizer(training.optimizer))
  const schedule = pointingAt('/training/schedule', () => buildSchedule(training.schedule))
  const early = training.early_stopping
  const plan = pointingAt('/training', () =>
    planTraining({
      network,
      inputShape: task.inputShape,
      trainingRows: task.trainingRows,
      validationRows: task.validationRows,
      loss: buildLoss(task.lossName),
      optimizer,
      learningRate: training.optimizer.learning_rate,
      schedule,
      batchSize,
      epochs: training.epochs,
      steps: training.steps,
      seed: training.seed,
      dataBytes: rowBytes(task),
      shuffle: training.shuffle,
      clipNorm: training.gradient_clipping?.max_norm,
      gradientAccumulation: training.gradient_accumulation,
      earlyStopping: early && {
        monitor: early.monitor,
        patience: early.patience,
        minDelta: early.min_delta,
        restoreBest: early.restore_best,
      },
      reportEvery: training.report_every,
    }),
  )
  const misfits = [...wrongOutputShape(spec.model, plan.outputShape, task), ...tooFewRows(plan)]
  if (misfits.length > 0) throw new SpecError(misfits)
  return { plan, network }
}

/** Random streams count steps in words of 32 bits. */
const maxSteps = 2 ** 32 - 1

/** Of epochs only: steps as such are limited by the schema. */
function tooManySteps({ training }: Spec, task: Task, batchSize: number): ErrorItem[] {
  const { epochs = 0 } = training
  const steps = epochs * Math.ceil(task.trainingRows / batchSize)
  if (steps <= maxSteps) return []
  const detail = `${epochs} epochs of ${task.trainingRows} rows in batches of ${batchSize} are ${steps} steps; a job may have ${maxSteps}. Lower the epochs, or raise the batch size.`
  return [{ pointer: '/training/epochs', code: 'too_many_steps', detail }]
}

function nothingToMonitor({ training }: Spec, { validationRows }: Task): ErrorItem[] {
  if (training.early_stopping?.monitor !== 'validation_loss' || validationRows > 0) return []
  const detail =
    'There is no validation_loss to monitor. Set training.validation, or monitor "loss".'
  return [{ pointer: '/training/early_stopping/monitor', code: 'nothing_to_monitor', detail }]
}

/**
 * The predictor, its outputs for the larger part, and quantities in their own units as doubles. A text
 * is evaluated slice by slice: then it is the outputs of one, twice.
 */
function evaluationBytes({ memoryBytes, outputBytes }: PlannedPredictor, task: Task): number {
  if (task.kind === 'text') return memoryBytes + 2 * outputBytes
  const cells = Math.max(task.trainingRows, task.validationRows) * task.outputs
  const reportBytes = task.task === 'regression' ? 2 * Float64Array.BYTES_PER_ELEMENT : 0
  return memoryBytes + cells * (Float32Array.BYTES_PER_ELEMENT + reportBytes)
}
