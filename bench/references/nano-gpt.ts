/** @file nanoGPT's configuration for a CPU: its size, its first loss, and what it learns of Shakespeare. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { createDatasetReader } from '../../src/data/profile/dataset-reader.ts'
import { tokenizeCorpus } from '../../src/data/text/character-tokenizer.ts'
import type { Tokens } from '../../src/data/text/tokens.ts'
import {
  heldOutTokens,
  trainingWindows,
  validationWindows,
  windowsOf,
} from '../../src/data/text/windows.ts'
import {
  adamw,
  categoricalCrossEntropy,
  cosine,
  createRandomStream,
  gpt,
  type Shape,
  type TrainingOptions,
} from '../../src/engine/index.ts'
import type { Given, Reference } from './reference.ts'
import { type Trained, trainToTheEnd } from './train-to-the-end.ts'

const context = 64
const vocabulary = 65
const batchSize = 12
const file = 'shakespeare/input.txt'

/** The first loss is chance, by 0.02: of the weights rather than of the batch. */
const startSeeds = 12
const startRows = 24
const firstLoss = `loss at step 0, mean of ${startSeeds}`

const options = {
  network: gpt({ layers: 4, heads: 4, channels: 128, context, vocabulary, bias: false }),
  inputShape: [context],
  loss: categoricalCrossEntropy(),
  optimizer: adamw({ beta2: 0.99, weightDecay: 0.1, decays: 'matrices' }),
  learningRate: 1e-3,
  schedule: cosine({ warmupSteps: 100, finalFactor: 0.1 }),
  clipNorm: 1,
  batchSize,
  seed: 1,
} satisfies Partial<TrainingOptions>

const exactly = (value: number) => ({
  published: value.toLocaleString('en'),
  bar: { least: value, most: value },
})

export const nanoGpt: readonly Reference[] = [
  {
    check: "nanoGPT's CPU config",
    configuration: '4 layers, 4 heads, 128, T 64, V 65, no bias',
    figures: [
      { name: 'parameters', ...exactly(804_096) },
      { name: 'decayed', ...exactly(802_944) },
      { name: 'not decayed', ...exactly(1_152) },
      // Of characters by chance, of which fewer repeat the one before them: that is what it foretells.
      { name: firstLoss, published: 'ln 65 = 4.174', bar: { least: 4.16, most: 4.25 } },
    ],
    measure: measureStart,
  },
  {
    check: 'Characters of Shakespeare',
    configuration: 'the last tenth held out',
    figures: [
      { name: 'characters', ...exactly(1_115_394) },
      { name: 'vocabulary', ...exactly(65) },
      { name: 'train', ...exactly(1_003_854) },
      { name: 'validation', ...exactly(111_540) },
      // nanoGPT's is of its one seed: PyTorch, initialized as nanoGPT does it, gives 4.169 (train) and 4.166
      // (val) with that, 1337, and with seeds 0 to 39 4.203 in the mean, 4.17 to 4.25. Ours are from 4.16 to 4.23.
      { name: firstLoss, published: '4.165 to 4.168', bar: { least: 4.15, most: 4.21 } },
    ],
    files: [file],
    measure(given) {
      const { tokens, heldOut, vocabulary: distinct } = readShakespeare(given)
      const start = tokens.subarray(0, startRows * context + 1)
      const boundary = tokens.length - heldOut
      return [tokens.length, distinct, boundary, heldOut, meanFirstLoss(start, given)]
    },
  },
  {
    check: 'nanoGPT on Shakespeare',
    configuration: 'batch 12, AdamW 1e-3 to 1e-4, 2,000 steps',
    figures: [
      { name: 'full validation loss', published: '1.88; 1.891 to 1.908', bar: { most: 1.93 } },
    ],
    isLong: true,
    files: [file],
    measure: (given) => [trainOnShakespeare(given).last('validation_loss')],
  },
]

/** On characters by chance: its size and first loss need no text. */
function measureStart(given: Given): readonly number[] {
  const { uniform } = createRandomStream(1, 'split')
  const draw = (_: unknown, position: number) => Math.floor(vocabulary * uniform(position))
  const tokens = Uint8Array.from({ length: startRows * context + 1 }, draw)
  const { trainer } = takeFirstStep(tokens, 0, given)
  const shapes = Object.values(trainer.weights()).map(({ shape }) => shape)
  const count = (some: readonly Shape[]) =>
    some.reduce((sum, shape) => sum + shape.reduce((size, each) => size * each, 1), 0)
  const matrices = shapes.filter((shape) => shape.length > 1)
  const vectors = shapes.filter((shape) => shape.length === 1)
  return [count(shapes), count(matrices), count(vectors), meanFirstLoss(tokens, given)]
}

function meanFirstLoss(tokens: Tokens, given: Given): number {
  const losses = Array.from({ length: startSeeds }, (_, seed) =>
    takeFirstStep(tokens, seed, given).last('loss'),
  )
  return losses.reduce((sum, loss) => sum + loss, 0) / startSeeds
}

function takeFirstStep(tokens: Tokens, seed: number, { backend }: Given): Trained {
  const training = windowsOf(tokens, {
    rows: startRows,
    stride: context,
    context,
    targetSize: context,
  })
  return trainToTheEnd(
    { ...options, trainingRows: startRows, batchSize: startRows, steps: 1, seed },
    { training },
    backend,
  )
}

function readShakespeare({ dataFolder }: Given) {
  const bytes = readFileSync(join(dataFolder, file))
  const reader = createDatasetReader('text', { maxColumns: 1 })
  reader.write(bytes)
  const { profile } = reader.end()
  if (profile.kind !== 'text') throw new Error(`expected a text, got ${profile.kind}`)
  const { tokens, characters } = tokenizeCorpus(bytes, profile)
  const heldOut = heldOutTokens(tokens.length, 0.1)
  return { tokens, heldOut, vocabulary: characters.length }
}

/** Validated on all windows of the held-out part, one after the other. */
function trainOnShakespeare(given: Given): Trained {
  const { tokens, heldOut } = readShakespeare(given)
  const boundary = tokens.length - heldOut
  const window = { context, targetSize: context }
  const trainingRows = trainingWindows(boundary, context)
  const validationRows = validationWindows(heldOut, context)
  return trainToTheEnd(
    { ...options, trainingRows, validationRows, steps: 2000 },
    {
      training: windowsOf(tokens.subarray(0, boundary), {
        ...window,
        rows: trainingRows,
        stride: 1,
      }),
      validation: windowsOf(tokens.subarray(boundary), {
        ...window,
        rows: validationRows,
        stride: context,
      }),
    },
    given.backend,
  )
}
