/**
 * @file (e) and (f) GPTs over characters, AdamW with decay of the matrices alone, gradients clipped:
 * nanoGPT's for a CPU, and its larger one.
 */
import {
  adamw,
  categoricalCrossEntropy,
  createTrainer,
  gpt,
  type KernelBackend,
  planTraining,
} from '../../../src/engine/index.ts'
import type { StepRunner } from '../serve.ts'
import { classes } from './drawn.ts'
import { trainInSlices } from './train-in-slices.ts'
import type { Workload } from './workload.ts'

interface Size {
  readonly layers: number
  readonly heads: number
  readonly channels: number
  readonly context: number
  readonly batch: number
}

const vocabulary = 65

export const smallGpt: Workload = {
  name: 'e GPT 4 layers, 4 heads, 128, T 64, batch 12, AdamW',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1.1, wasm: 0.4 },
    { peer: 'PyTorch', threads: 2, native: 1.2, wasm: 0.4 },
  ],
  prepare: (backend) =>
    prepare(backend, { layers: 4, heads: 4, channels: 128, context: 64, batch: 12 }),
}

export const mediumGpt: Workload = {
  name: 'f GPT 6 layers, 6 heads, 384, T 256, batch 16, AdamW',
  threads: [1, 2],
  bars: [
    { peer: 'PyTorch', threads: 1, native: 1, wasm: 0.35 },
    { peer: 'PyTorch', threads: 2, native: 1, wasm: 0.35 },
  ],
  prepare: (backend) =>
    prepare(backend, { layers: 6, heads: 6, channels: 384, context: 256, batch: 16 }),
}

function prepare(backend: KernelBackend, { batch, ...size }: Size): StepRunner {
  const plan = planTraining({
    network: gpt({ ...size, vocabulary, bias: false }),
    inputShape: [size.context],
    trainingRows: batch, // one batch, as the peers have it
    loss: categoricalCrossEntropy(),
    optimizer: adamw({ beta2: 0.99, weightDecay: 0.1, decays: 'matrices' }),
    learningRate: 1e-3,
    clipNorm: 1,
    batchSize: batch,
    steps: 1_000_000, // more than any measurement takes
    reportEvery: 1,
    seed: 1,
  })
  const tokens = batch * size.context
  const training = {
    inputs: { values: classes(vocabulary, tokens) },
    targets: { values: classes(vocabulary, tokens).reverse() },
  }
  const trainer = createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) })
  return (steps) => trainInSlices(trainer, steps)
}
