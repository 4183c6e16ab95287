/**
 * @file Bodies that can be served, one for each way through admission: chance alone would not make a
 * model fit its data. Each is offered to every operation whose schema accepts it.
 */
import { placeOf } from '../known-ids.ts'

const rows = [
  { a: 0, b: 0, y: 0 },
  { a: 0, b: 1, y: 1 },
  { a: 1, b: 0, y: 1 },
  { a: 1, b: null, y: 0 },
]
const mlp = { type: 'mlp', hidden: [3] }
const onRows = { dataset: { rows }, target: { column: 'y' }, model: mlp }
const once = { epochs: 1, batch_size: 'full' }
/** Whichever dataset it is: of a table, of a text, of images. */
const dataset = placeOf('ds', 0)

export const examples: readonly unknown[] = [
  { ...onRows, training: once },
  {
    ...onRows,
    name: 'fuzz',
    labels: { team: 'a' },
    priority: 5,
    target: { columns: ['a', 'y'] },
    features: { columns: ['b'], scaling: 'min_max', target_scaling: 'standardize' },
    training: {
      steps: 3,
      batch_size: 2,
      seed: 1,
      optimizer: { type: 'sgd', learning_rate: 0.1, momentum: 0.9 },
      schedule: { type: 'cosine', warmup_steps: 1 },
      validation: { fraction: 0.25 },
      gradient_clipping: { max_norm: 1 },
    },
  },
  {
    ...onRows,
    target: { column: 'y', task: 'classification' },
    model: {
      type: 'layers',
      layers: [
        { type: 'dense', units: 4 },
        { type: 'relu' },
        { type: 'dropout', rate: 0.5 },
        { type: 'dense', units: 2 },
      ],
    },
    training: { ...once, early_stopping: { patience: 1 }, validation: { fraction: 0.25 } },
  },
  { dataset, target: { column: 'y' }, model: mlp, training: once },
  {
    dataset,
    text: { context: 2 },
    model: { type: 'gpt', layers: 1, heads: 1, channels: 4 },
    training: { steps: 2, batch_size: 2 },
  },
  { dataset, model: { type: 'cnn', channels: [2] }, training: once },
  { rows: [{ a: 1, b: 0 }] },
  {
    rows: [
      { a: 1, b: 0, kind: 'x', y: null },
      { a: null, b: 1, kind: 'q' },
    ],
  },
  { rows: [{ text: 'To be' }] },
  { rows: [{ image: [0, 255] }] },
  { name: 'fuzz' },
  { name: 'fuzz', project: placeOf('prj', 1), scopes: ['jobs:read'] },
]
