/** @file Trainings on tokens, in sizes that meet every way to share attention, norms and embeddings. */
import {
  attention,
  dense,
  embedding,
  gelu,
  gpt,
  type Layer,
  layerNorm,
  learnedPositions,
  rmsNorm,
  sequential,
  sinusoidalPositions,
  softmax,
  transformerBlock,
} from '../../../src/engine/index.ts'
import { below, type CaseOptions, caseOf, type TrainingCase } from './training-case.ts'

/** Each token tells of the next one. */
function tokensOf(
  name: string,
  vocabulary: number,
  layers: readonly Layer[],
  length: number,
  [batchSize, trainingRows]: readonly number[],
): TrainingCase {
  const network = sequential([...layers, dense({ units: vocabulary }), softmax()])
  const values = { inputs: below(vocabulary), targets: below(vocabulary) }
  return caseOf(name, { network, inputShape: [length], batchSize, trainingRows, ...values })
}

const aGpt: CaseOptions = {
  network: gpt({ layers: 1, heads: 3, channels: 24, context: 70, vocabulary: 11, dropout: 0.1 }),
  inputShape: [70],
  trainingRows: 4,
  validationRows: 2,
  batchSize: 3,
  inputs: below(11),
  targets: below(11),
  clipNorm: 1,
  gradientAccumulation: 2,
}

export const sequenceTrainings: readonly TrainingCase[] = [
  caseOf('a gpt whose queries take two blocks, then fewer heads than threads', aGpt),
  tokensOf(
    'one head of five channels, with padding',
    7,
    [
      embedding({ vocabulary: 7, channels: 5, padding: 0 }),
      sinusoidalPositions(),
      attention({ heads: 1, dropout: 0.2 }),
    ],
    9,
    [2, 3],
  ),
  tokensOf(
    'turned heads in three blocks of queries, one row at a time',
    7,
    [
      embedding({ vocabulary: 7, channels: 12 }),
      attention({ heads: 2, causal: true, rotary: true }),
      rmsNorm(),
    ],
    130,
    [1, 2],
  ),
  tokensOf(
    'more heads than may work at once',
    5,
    [
      embedding({ vocabulary: 5, channels: 18, padding: 1 }),
      learnedPositions({ context: 6 }),
      transformerBlock({ heads: 6, norm: 'post', activation: 'relu', dropout: 0.1, hidden: 7 }),
    ],
    5,
    [3, 7],
  ),
  tokensOf(
    'norms of more than a block of rows',
    5,
    [
      embedding({ vocabulary: 5, channels: 37 }),
      layerNorm(),
      gelu({ approximate: 'tanh' }),
      layerNorm({ bias: false }),
      rmsNorm(),
    ],
    43,
    [7, 8],
  ),
]
