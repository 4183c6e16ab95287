/**
 * @file An encoder that sees both ways, on a task with a known optimum: which of two tokens is there more
 * often.
 */
import {
  adam,
  categoricalCrossEntropy,
  createRandomStream,
  dense,
  embedding,
  flatten,
  learnedPositions,
  sequential,
  softmax,
  transformerBlock,
} from '../../src/engine/index.ts'
import type { Reference } from './reference.ts'
import { trainToTheEnd } from './train-to-the-end.ts'

const tokens = 15 // odd: nobody draws
const trainingRows = 4000
const validationRows = 1000

export const majority: Reference = {
  check: 'An encoder, majority of 15 tokens',
  configuration: '1 block, 2 heads, 16, bidirectional, Adam, 10 epochs',
  figures: [{ name: 'held-out accuracy', published: '1 (the optimum)', bar: { least: 0.99 } }],
  measure({ backend }) {
    const { last } = trainToTheEnd(
      {
        network: sequential([
          embedding({ vocabulary: 2, channels: 16 }),
          learnedPositions({ context: tokens }),
          transformerBlock({ heads: 2, causal: false }),
          flatten(),
          dense({ units: 2 }),
          softmax(),
        ]),
        inputShape: [tokens],
        trainingRows,
        validationRows,
        loss: categoricalCrossEntropy(),
        optimizer: adam(),
        learningRate: 0.003,
        batchSize: 50,
        epochs: 10,
        seed: 1,
      },
      { training: draw(trainingRows, 0), validation: draw(validationRows, 1) },
      backend,
    )
    return [last('validation_accuracy')]
  },
}

function draw(rows: number, substream: number) {
  const { uniform } = createRandomStream(1, 'split', substream)
  const values = Uint8Array.from({ length: rows * tokens }, (_, position) =>
    Math.floor(2 * uniform(position)),
  )
  const ones = (row: number) =>
    values.subarray(row * tokens, (row + 1) * tokens).reduce((sum, token) => sum + token, 0)
  const targets = Uint8Array.from({ length: rows }, (_, row) => Number(2 * ones(row) > tokens))
  return { inputs: { values }, targets: { values: targets } }
}
