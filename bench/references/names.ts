/** @file A bigram model of names.txt: a network that can only count has the loss of counting. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  adam,
  categoricalCrossEntropy,
  cosine,
  embedding,
  sequential,
  softmax,
} from '../../src/engine/index.ts'
import type { Reference } from './reference.ts'
import { trainToTheEnd } from './train-to-the-end.ts'

const file = 'names/names.txt'
/** The letters, and 0 for what is before and after a name. */
const vocabulary = 27

export const names: Reference = {
  check: 'Bigrams of names.txt',
  configuration: '27×27 logits, Adam 0.1 to 0, batch 4,096, 20 epochs',
  figures: [
    { name: 'names', published: '32,033', bar: { least: 32_033, most: 32_033 } },
    { name: 'bigrams', published: '228,146', bar: { least: 228_146, most: 228_146 } },
    { name: 'nll per character', published: '2.4540', bar: { least: 2.454, most: 2.4546 } },
  ],
  files: [file],
  measure({ backend, dataFolder }) {
    const lines = readFileSync(join(dataFolder, file), 'utf8').trim().split(/\r?\n/)
    const tokens = lines.map((name) => [0, ...[...name].map(tokenOf), 0])
    const training = {
      inputs: { values: Uint8Array.from(tokens.flatMap((name) => name.slice(0, -1))) },
      targets: { values: Uint8Array.from(tokens.flatMap((name) => name.slice(1))) },
    }
    const rows = training.inputs.values.length
    const { last } = trainToTheEnd(
      {
        network: sequential([embedding({ vocabulary, channels: vocabulary }), softmax()]),
        inputShape: [1],
        trainingRows: rows,
        validationRows: rows,
        loss: categoricalCrossEntropy(),
        optimizer: adam(),
        learningRate: 0.1,
        schedule: cosine(),
        batchSize: 4096,
        epochs: 20,
        seed: 1,
      },
      { training, validation: training },
      backend,
    )
    return [lines.length, rows, last('validation_loss')]
  },
}

function tokenOf(letter: string): number {
  return letter.charCodeAt(0) - 'a'.charCodeAt(0) + 1
}
