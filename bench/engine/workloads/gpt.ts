/**
 * @file (e) and (f) GPTs over characters, AdamW with decay of the matrices alone, gradients clipped:
 * nanoGPT's for a CPU, and its larger one.
 */
import {
  adamw,
  categoricalCrossEntropy,
  gpt,
  planTraining,
  type TrainingData,
  type TrainingPlan,
} from '../../../src/engine/index.ts'
import { classes } from './drawn.ts'
import { endlessSteps, type TrainingWorkload } from './workload.ts'

interface Size {
  readonly layers: number
  readonly heads: number
  readonly channels: number
  readonly context: number
  readonly batch: number
}

const vocabulary = 65
const small: Size = { layers: 4, heads: 4, channels: 128, context: 64, batch: 12 }
const medium: Size = { layers: 6, heads: 6, channels: 384, context: 256, batch: 16 }

export const smallGpt: TrainingWorkload = {
  name: 'e GPT 4 layers, 4 heads, 128, T 64, batch 12, AdamW',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1.1, wasm: 0.4 },
    { peer: 'PyTorch', threads: 2, native: 1.2, wasm: 0.4 },
  ],
  plan: () => planOf(small),
  training: () => trainingOf(small),
}

export const mediumGpt: TrainingWorkload = {
  name: 'f GPT 6 layers, 6 heads, 384, T 256, batch 16, AdamW',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1, wasm: 0.35 },
    { peer: 'PyTorch', threads: 2, native: 1, wasm: 0.35 },
  ],
  plan: () => planOf(medium),
  training: () => trainingOf(medium),
}

function planOf({ batch, ...size }: Size): TrainingPlan {
  return planTraining({
    network: gpt({ ...size, vocabulary, bias: false }),
    inputShape: [size.context],
    trainingRows: batch, // one batch, as the peers have it
    loss: categoricalCrossEntropy(),
    optimizer: adamw({ beta2: 0.99, weightDecay: 0.1, decays: 'matrices' }),
    learningRate: 1e-3,
    clipNorm: 1,
    batchSize: batch,
    steps: endlessSteps,
    reportEvery: 1,
    seed: 1,
  })
}

function trainingOf({ batch, context }: Size): TrainingData {
  const tokens = batch * context
  return {
    inputs: { values: classes(vocabulary, tokens) },
    targets: { values: classes(vocabulary, tokens).reverse() },
  }
}
