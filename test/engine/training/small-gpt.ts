/** @file A small GPT with all that could divide its bits: blocks of queries, dropout, accumulation. */
import {
  adamw,
  categoricalCrossEntropy,
  cosine,
  gpt,
  planTraining,
  type TrainingData,
  type TrainingPlan,
} from '../../../src/engine/index.ts'

const [rows, context, vocabulary] = [10, 70, 11]

export function planSmallGpt(): TrainingPlan {
  return planTraining({
    network: gpt({ layers: 2, heads: 3, channels: 24, context, vocabulary, dropout: 0.1 }),
    inputShape: [context],
    trainingRows: rows,
    loss: categoricalCrossEntropy(),
    optimizer: adamw({ weightDecay: 0.1, decays: 'matrices' }),
    learningRate: 0.01,
    schedule: cosine({ warmupSteps: 2 }),
    clipNorm: 1,
    batchSize: 3,
    gradientAccumulation: 2,
    epochs: 2,
    seed: 4,
  })
}

/** Overlapping windows of one text, and the same a token later. */
export function smallText(): TrainingData {
  const text = Uint8Array.from(
    { length: 5 * rows + context },
    (_, i) => ((i * i) % 97) % vocabulary,
  )
  const window = (from: number) => {
    const values = text.subarray(from, from + 5 * (rows - 1) + context)
    return { values, stride: 5 }
  }
  return { inputs: window(0), targets: window(1) }
}
