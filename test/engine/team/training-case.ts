/** @file A small training that a team can do: what it computes, and numbers drawn for it. */
import {
  adam,
  categoricalCrossEntropy,
  createRandomStream,
  planTraining,
  type TrainingData,
  type TrainingOptions,
  type TrainingPlan,
} from '../../../src/engine/index.ts'
import { sizeOf } from '../../../src/engine/shape.ts'

export interface TrainingCase {
  readonly name: string
  readonly plan: TrainingPlan
  readonly training: TrainingData
  readonly validation: TrainingData | undefined
}

/** One from a normal number and its place. */
type Values = (normal: number, place: number) => number

export const numbers: Values = (normal) => normal
export const zeroOrOne: Values = (_, place) => place % 2
export const below =
  (count: number): Values =>
  (normal) =>
    Math.trunc(Math.abs(normal) * count) % count

export interface CaseOptions extends Partial<TrainingOptions> {
  readonly network: TrainingOptions['network']
  readonly inputShape: readonly number[]
  readonly trainingRows: number
  readonly batchSize: number
  readonly inputs?: Values
  readonly targets?: Values
}

/** A classifier, unless something else is said. */
export function caseOf(name: string, given: CaseOptions): TrainingCase {
  const { inputs = numbers, targets = below(3), ...rest } = given
  const options: TrainingOptions = {
    loss: categoricalCrossEntropy(),
    optimizer: adam(),
    learningRate: 0.01,
    epochs: 1,
    seed: 3,
    ...rest,
  }
  const plan = planTraining(options)
  const { trainingRows, validationRows = 0 } = options
  const drawn = (rows: number, seed: number): TrainingData => ({
    inputs: { values: draw(rows * sizeOf(options.inputShape), inputs, seed) },
    targets: { values: draw(rows * sizeOf(plan.targetShape), targets, seed + 1) },
  })
  return {
    name,
    plan,
    training: drawn(trainingRows, 1),
    validation: validationRows > 0 ? drawn(validationRows, 3) : undefined,
  }
}

function draw(length: number, values: Values, seed: number): Float32Array {
  const { normal } = createRandomStream(seed, 'split')
  return Float32Array.from({ length }, (_, i) => values(normal(i), i))
}
