/**
 * @file A training job as pure arithmetic: what it computes, how long its steps are, and where each
 * byte will lie. Nothing is allocated that grows with the job, so a server can plan at its door.
 */
import { EngineError } from '../errors.ts'
import type { LayerPlan } from '../layers/layer.ts'
import { planNetwork } from '../layers/plan-network.ts'
import { countTrained } from '../layers/trained-parameters.ts'
import type { LossPlan } from '../losses/loss.ts'
import type { Dtype } from '../memory/float-array.ts'
import { constant } from '../schedules/constant.ts'
import type { Schedule } from '../schedules/schedule.ts'
import { type Shape, sizeOf } from '../shape.ts'
import { withoutAbsorbed } from './absorbed-activation.ts'
import { checkOptions } from './check-options.ts'
import { countFlops } from './count-flops.ts'
import { describeTraining } from './describe-training.ts'
import { type EarlyStopping, planEarlyStopping } from './early-stopping.ts'
import { fingerprintOf } from './fingerprint.ts'
import { arrangeMemory, type TrainingBytes, type TrainingRegions } from './memory-plan.ts'
import type { MetricName, TrainingOptions } from './options.ts'
import { arrangeParameters, type ParameterArena } from './parameter-arena.ts'
import { type ReportInterval, reportInterval } from './report-interval.ts'

export interface TrainingPlan {
  /** How many numbers are learned. */
  readonly parameters: number
  readonly bytes: TrainingBytes
  /** The part of `bytes` that is the job's linear memory: what a memory handed in must hold. */
  readonly memoryBytes: number
  /** Of a full step. */
  readonly flopsPerStep: number
  /** Of the whole job, validation included, unless it ends early. */
  readonly flops: number
  readonly batchSize: number
  readonly stepsPerEpoch: number
  readonly steps: number
  readonly epochs: number
  /** The shape of one row of the network's output, and of the targets. */
  readonly outputShape: Shape
  readonly targetShape: Shape
  /** What the job reports, how often, and how many points that makes unless it ends early. */
  readonly metrics: readonly MetricName[]
  readonly reportEvery: number
  readonly points: number
  /** Equal for plans that train alike, to the bit. */
  readonly fingerprint: string
  /** What the trainer needs to know beside these. */
  readonly details: TrainingDetails
  readonly regions: TrainingRegions
}

/** The resolved options and the plans of the parts. */
export interface TrainingDetails {
  readonly options: TrainingOptions
  readonly dtype: Dtype
  readonly schedule: Schedule
  readonly trainingRows: number
  readonly validationRows: number
  readonly batchesPerEpoch: number
  /** Batches of a step, at most. */
  readonly accumulate: number
  readonly shuffles: boolean
  readonly inputSize: number
  readonly targetSize: number
  readonly network: LayerPlan
  readonly loss: LossPlan
  readonly arena: ParameterArena
  readonly earlyStopping: EarlyStopping | null
  readonly interval: ReportInterval
}

export function planTraining(options: TrainingOptions): TrainingPlan {
  checkOptions(options)
  const { trainingRows, validationRows = 0, dtype = 'float32' } = options
  const batchSize = Math.min(options.batchSize, trainingRows)
  const body = withoutAbsorbed(options.network, options.loss)
  const network = planNetwork(body, options.inputShape, batchSize, 'training')
  const loss = options.loss.plan(network.output, batchSize)
  const arena = arrangeParameters(network, dtype)
  const batchesPerEpoch = Math.ceil(trainingRows / batchSize)
  const accumulate = Math.min(options.gradientAccumulation ?? 1, batchesPerEpoch)
  const stepsPerEpoch = Math.ceil(batchesPerEpoch / accumulate)
  const steps = options.steps ?? (options.epochs ?? 0) * stepsPerEpoch
  const metrics = metricsOf(loss, validationRows)
  const parts = {
    options,
    dtype,
    schedule: options.schedule ?? constant(),
    trainingRows,
    validationRows,
    batchesPerEpoch,
    accumulate,
    shuffles: (options.shuffle ?? true) && batchSize < trainingRows,
    inputSize: sizeOf(options.inputShape),
    targetSize: sizeOf(loss.targets),
    network,
    loss,
    arena,
    earlyStopping: planEarlyStopping(options.earlyStopping, metrics),
  }
  const { flopsPerStep, flops } = countFlops(parts, steps, batchSize)
  const reported = { steps, flops, stepsPerEpoch, epochMetrics: metrics.length - 1 }
  const details = { ...parts, interval: reportInterval(reported, options.reportEvery) }
  checkSizes(details, steps)
  let fingerprint: string | undefined
  const { regions, bytes, memoryBytes } = arrangeMemory(details, batchSize)
  return {
    parameters: countTrained(arena.parameters),
    bytes,
    memoryBytes,
    flopsPerStep,
    flops,
    batchSize,
    stepsPerEpoch,
    steps,
    epochs: Math.ceil(steps / stepsPerEpoch),
    outputShape: network.output,
    targetShape: loss.targets,
    metrics,
    reportEvery: details.interval.steps,
    points: details.interval.points,
    // Only snapshots ask for it, and most plans are made at a server's door.
    get fingerprint() {
      fingerprint ??= fingerprintOf(describeTraining(details, batchSize, steps))
      return fingerprint
    },
    details,
    regions,
  }
}

function metricsOf(loss: LossPlan, validationRows: number): MetricName[] {
  const decides = loss.decisions > 0
  const validates = validationRows > 0
  return [
    'loss',
    ...(decides ? (['accuracy'] as const) : []),
    ...(validates ? (['validation_loss'] as const) : []),
    ...(decides && validates ? (['validation_accuracy'] as const) : []),
  ]
}

/** Beyond 2^53 no count is exact, and no machine has the memory. */
function checkSizes({ network, arena, inputSize }: TrainingDetails, steps: number): void {
  if (arena.trainedLength === 0) {
    throw new EngineError(
      'invalid_definition',
      'network: expected layers with parameters, got none.',
    )
  }
  const largest = Math.max(arena.length, steps, inputSize, ...network.saved, ...network.scratch)
  if (largest * 64 > Number.MAX_SAFE_INTEGER) {
    throw new EngineError(
      'invalid_definition',
      `training: too large to count exactly: ${largest} elements or steps. Make layers, rows or epochs smaller.`,
    )
  }
}
