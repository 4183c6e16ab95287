/**
 * @file The calibrating thread: how fast this machine trains, from two networks, one too small for
 * its arithmetic to matter and one large enough for it to be all.
 *
 *   seconds of a step = secondsPerStep + flops / flopsPerSecond
 */
import {
  adam,
  createTrainer,
  type KernelBackend,
  meanSquaredError,
  mlp,
  numericsVersions,
  planTraining,
  type TrainingPlan,
} from '../engine/index.ts'
import type { Calibration } from './calibration.ts'
import { kernelsOfThread } from './thread-kernels.ts'

/** Of each of the two networks. */
const measureMs = 75

/**
 * The fastest of many short windows counts: in the others something else had the processor, or the
 * code was not compiled yet.
 */
const windowSeconds = 0.002

export default function calibrate(): Calibration {
  const { backend, nativeMissing } = kernelsOfThread()
  const small = measure(planOf({ inputs: 2, hidden: 4, rows: 4 }), backend)
  const large = measure(planOf({ inputs: 64, hidden: 128, rows: 64 }), backend)
  const flopsPerSecond = (large.flops - small.flops) / (large.seconds - small.seconds)
  return {
    flopsPerSecond,
    secondsPerStep: Math.max(0, small.seconds - small.flops / flopsPerSecond),
    kernels: { table: backend.name, native_missing: nativeMissing },
    numericsVersion: numericsVersions[backend.name],
  }
}

interface Size {
  readonly inputs: number
  readonly hidden: number
  readonly rows: number
}

function planOf({ inputs, hidden, rows }: Size): TrainingPlan {
  return planTraining({
    network: mlp({ hidden: [hidden], activation: 'relu', outputs: 1 }),
    inputShape: [inputs],
    trainingRows: rows,
    loss: meanSquaredError(),
    optimizer: adam(),
    learningRate: 0,
    batchSize: rows,
    steps: 1e9,
    seed: 0,
  })
}

/** Of one step, at its fastest. */
function measure(plan: TrainingPlan, backend: KernelBackend): { seconds: number; flops: number } {
  const { inputSize, trainingRows } = plan.details
  const inputs = { values: new Float32Array(trainingRows * inputSize).fill(0.5) }
  const targets = { values: new Float32Array(trainingRows) }
  const opened = backend.open(plan.memoryBytes)
  const trainer = createTrainer(plan, { training: { inputs, targets }, opened })
  const secondsOf = (steps: number) => {
    const start = performance.now()
    trainer.run(steps)
    return (performance.now() - start) / 1000 / steps
  }

  const end = performance.now() + measureMs
  let steps = 10
  let seconds = secondsOf(steps)
  while (performance.now() < end) {
    steps = Math.max(1, Math.floor(windowSeconds / seconds))
    seconds = Math.min(seconds, secondsOf(steps))
  }
  return { seconds, flops: plan.flopsPerStep }
}
