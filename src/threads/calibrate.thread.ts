/**
 * @file The calibrating thread: how fast this machine trains, from one network too small for its
 * arithmetic to matter and one of each family that is large enough for it to be all. What lies between
 * them, plan-time.ts guesses.
 */
import {
  adam,
  categoricalCrossEntropy,
  conv2d,
  createTrainer,
  dense,
  globalAveragePool2d,
  gpt,
  type Layer,
  mlp,
  numericsVersions,
  planTraining,
  relu,
  sequential,
  softmax,
} from '../engine/index.ts'
import type { Calibration, ModelFamily, StepTime } from './calibration.ts'
import type { TaskMemory } from './task-memory.ts'
import { kernelsOfThread, memoryOfThread } from './thread-kernels.ts'

/** Of each network. */
const measureMs = 75

/**
 * The fastest of many short windows counts: in the others something else had the processor, or the
 * code was not compiled yet.
 */
const windowSeconds = 0.002

interface Sample {
  readonly network: Layer
  readonly inputShape: readonly number[]
  readonly rows: number
}

const outputs = 8
const ends = { outputs, outputActivation: 'softmax' } as const
const tiny: Sample = {
  network: mlp({ hidden: [4], activation: 'relu', ...ends }),
  inputShape: [2],
  rows: 4,
}
const samples: Readonly<Record<ModelFamily, Sample>> = {
  dense: {
    network: mlp({ hidden: [256, 256], activation: 'relu', ...ends }),
    inputShape: [256],
    rows: 64,
  },
  convolution: {
    network: sequential([
      conv2d({ filters: 32, kernelSize: [3, 3] }),
      relu(),
      conv2d({ filters: 64, kernelSize: [3, 3] }),
      relu(),
      globalAveragePool2d(),
      dense({ units: outputs }),
      softmax(),
    ]),
    inputShape: [1, 28, 28],
    rows: 4,
  },
  attention: {
    network: gpt({ layers: 1, heads: 4, channels: 128, context: 64, vocabulary: outputs }),
    inputShape: [64],
    rows: 4,
  },
}

export default function calibrate(): Calibration {
  const { backend, nativeMissing } = kernelsOfThread()
  const memory = memoryOfThread()
  const small = measure(tiny, memory)
  const large = {
    dense: measure(samples.dense, memory),
    convolution: measure(samples.convolution, memory),
    attention: measure(samples.attention, memory),
  }
  // Twenty MB, which an API would keep for good: its threads seldom get so much again.
  memory.free(0)
  return {
    small,
    large,
    kernels: { table: backend.name, native_missing: nativeMissing },
    numericsVersion: numericsVersions[backend.name],
  }
}

/** Of one step, at its fastest. */
function measure({ network, inputShape, rows }: Sample, memory: TaskMemory): StepTime {
  const plan = planTraining({
    network,
    inputShape,
    trainingRows: rows,
    loss: categoricalCrossEntropy(),
    optimizer: adam(),
    learningRate: 0,
    batchSize: rows,
    steps: 1e9,
    seed: 0,
  })
  const { inputSize, targetSize } = plan.details
  // Ones, which are tokens too.
  const inputs = { values: new Uint8Array(rows * inputSize).fill(1) }
  const targets = { values: new Uint8Array(rows * targetSize) }
  const opened = memory.open(plan.memoryBytes)
  const trainer = createTrainer(plan, { training: { inputs, targets }, opened })
  const secondsOf = (steps: number) => {
    const start = performance.now()
    trainer.run(steps)
    return (performance.now() - start) / 1000 / steps
  }

  const end = performance.now() + measureMs
  let seconds = secondsOf(1)
  while (performance.now() < end) {
    const steps = Math.max(1, Math.floor(windowSeconds / seconds))
    seconds = Math.min(seconds, secondsOf(steps))
  }
  return { seconds, flops: plan.flopsPerStep }
}
