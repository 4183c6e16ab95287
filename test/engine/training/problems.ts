/** @file Small problems that tests train on, and short ways to plan and run them. */
import {
  categoricalCrossEntropy,
  createRandomStream,
  createTrainer,
  mlp,
  planTraining,
  sgd,
  type Trainer,
  type TrainerOptions,
  type TrainingData,
  type TrainingOptions,
} from '../../../src/engine/index.ts'

/** Rows of floats, one after the other. */
export interface FloatData extends TrainingData {
  readonly inputs: { readonly values: Float32Array }
  readonly targets: { readonly values: Float32Array }
}

export const xor: FloatData = {
  inputs: { values: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) },
  targets: { values: Float32Array.of(0, 1, 1, 0) },
}

/** Points in the plane, in three classes by angle: learnable, though not at once. */
export function sectors(rows: number, seed = 1): FloatData {
  const { normal } = createRandomStream(seed, 'split')
  const inputs = Float32Array.from({ length: rows * 2 }, (_, i) => normal(i))
  const targets = Float32Array.from({ length: rows }, (_, row) => {
    const angle = Math.atan2(inputs[2 * row + 1], inputs[2 * row]) + Math.PI
    return Math.min(2, Math.floor((3 * angle) / (2 * Math.PI)))
  })
  return { inputs: { values: inputs }, targets: { values: targets } }
}

/** A classifier of 50 `sectors`, in batches of 8: seven steps an epoch, the last of two rows. */
export const sectorsOptions: TrainingOptions = {
  network: mlp({ hidden: [6], activation: 'tanh', outputs: 3, outputActivation: 'softmax' }),
  inputShape: [2],
  trainingRows: 50,
  loss: categoricalCrossEntropy(),
  optimizer: sgd(),
  learningRate: 0.5,
  batchSize: 8,
  epochs: 4,
  seed: 11,
}

/** A trainer of `sectorsOptions` with some of them changed. */
export function sectorsTrainer(
  changes: Partial<TrainingOptions> = {},
  rest: Partial<TrainerOptions> = {},
): Trainer {
  const options = { ...sectorsOptions, ...changes }
  return createTrainer(planTraining(options), {
    training: sectors(options.trainingRows),
    validation: options.validationRows ? sectors(options.validationRows, 2) : undefined,
    ...rest,
  })
}
