/**
 * @file What trains while faults strike: every model family, every optimizer, dropout, shuffling,
 * accumulation, early stopping, one thread and two. Each takes a second or two on one core of 2026,
 * so there is always one in the middle of it.
 */
import { readFileSync } from 'node:fs'

export interface Datasets {
  readonly iris: string
  readonly digits: string
  readonly waves: string
  readonly text: string
}

export const datasetFiles = {
  iris: { file: 'examples/data/iris.csv', type: 'text/csv' },
  digits: { file: 'examples/data/digits.csv', type: 'text/csv' },
  waves: { file: 'examples/data/ten-to-five.csv', type: 'text/csv' },
  text: { file: 'examples/data/README.md', type: 'text/plain' },
} as const satisfies Record<keyof Datasets, object>

export function readDataset(name: keyof Datasets): string {
  return readFileSync(datasetFiles[name].file, 'utf8')
}

const pixels = { image: { shape: [1, 8, 8] }, scaling: 'min_max' }
const waves = Array.from({ length: 5 }, (_, i) => `y${i}`)

/** Those of the short form come first. */
export const specs: readonly ((data: Datasets) => object)[] = [
  ({ iris }) => ({
    dataset: iris,
    target: { column: 'species' },
    model: { type: 'mlp', hidden: [32], activation: 'tanh', dropout: 0.1 },
    training: {
      epochs: 12_000,
      batch_size: 16,
      seed: 7,
      checkpoint_every: 2_000, // the first one soon
      validation: { fraction: 0.2 },
      optimizer: { type: 'adamw', learning_rate: 0.001 },
    },
  }),
  ({ digits }) => ({
    dataset: digits,
    target: { column: 'digit', task: 'classification' },
    features: pixels,
    model: { type: 'cnn', conv: [8], hidden: [32], dropout: 0.3, batch_norm: true },
    training: {
      steps: 1_500,
      batch_size: 32,
      seed: 1,
      checkpoint_every: 50,
      validation: { fraction: 0.2 },
      optimizer: { type: 'adam', learning_rate: 0.001 },
      schedule: { type: 'cosine' },
    },
  }),
  ({ text }) => ({
    dataset: text,
    text: { context: 16 },
    model: { type: 'gpt', layers: 2, heads: 2, channels: 32, dropout: 0.1 },
    training: {
      steps: 120,
      batch_size: 8,
      seed: 2,
      threads: 2,
      optimizer: { type: 'rmsprop', learning_rate: 0.001, momentum: 0.5 },
      gradient_clipping: { max_norm: 1 },
      gradient_accumulation: 2,
    },
  }),
  ({ waves: dataset }) => ({
    dataset,
    target: { columns: waves },
    model: {
      type: 'layers',
      layers: [
        { type: 'dense', units: 48 },
        { type: 'gelu' },
        { type: 'layer_norm' },
        { type: 'dropout', rate: 0.2 },
        { type: 'dense', units: 5 },
      ],
    },
    training: {
      epochs: 12_000,
      batch_size: 20,
      seed: 3,
      checkpoint_every: 1_000,
      optimizer: { type: 'nesterov', learning_rate: 0.01 },
      schedule: { type: 'one_cycle' },
    },
  }),
  ({ digits }) => ({
    dataset: digits,
    target: { column: 'digit', task: 'classification' },
    model: { type: 'mlp', hidden: [96, 96] },
    training: {
      steps: 1_200,
      batch_size: 512, // large enough a step to be shared by two threads
      seed: 4,
      threads: 2,
      optimizer: { type: 'momentum', learning_rate: 0.01 },
    },
  }),
  ({ waves: dataset }) => ({
    dataset,
    target: { columns: waves },
    model: { type: 'mlp', hidden: [64], activation: 'sigmoid' },
    training: {
      epochs: 40_000,
      batch_size: 'full',
      seed: 5,
      shuffle: false,
      validation: { fraction: 0.25 },
      optimizer: { type: 'sgd', learning_rate: 0.05 },
      early_stopping: { patience: 100_000 },
    },
  }),
]

/** A network that is trained before anybody has looked. */
export const trivialSpec = ({ iris }: Datasets) => ({
  dataset: iris,
  target: { column: 'species' },
  model: { type: 'mlp', hidden: [4] },
  training: { epochs: 2, seed: 1 },
})
