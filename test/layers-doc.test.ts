/**
 * @file docs/layers.md against the schema and the engine: options and their defaults, the shapes that
 * come out, and the tensors that a weights file then has, in their order.
 */
import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { LayerSpec } from '../src/contract/spec/layers.ts'
import { ModelSpec } from '../src/contract/spec/model.ts'
import { ScheduleSpec } from '../src/contract/spec/training.ts'
import {
  createTrainer,
  decodeSafetensors,
  encodeSafetensors,
  type Layer,
  meanSquaredError,
  planTraining,
  sequential,
  sgd,
} from '../src/engine/index.ts'
import { sizeOf } from '../src/engine/shape.ts'
import { buildLayer } from '../src/threads/build-layer.ts'
import { buildNetwork, buildSchedule } from '../src/threads/build-model.ts'
import { kernelTables } from './engine/kernel-tables.ts'
import { entriesOf, type LayerEntry } from './support/layers-doc.ts'
import { optionsOf, typesOf } from './support/schema-options.ts'

const text = readFileSync('docs/layers.md', 'utf8')
const entries = entriesOf(text)
const [{ backend }] = kernelTables

const layers = typesOf(z.toJSONSchema(LayerSpec, { io: 'input' }))
const models = typesOf(z.toJSONSchema(ModelSpec, { io: 'input' })).filter(
  ({ type }) => !layers.some((layer) => layer.type === type),
)

/** A layer alone has no place in front of its tensors' names. */
function networkOf({ example, input, out }: LayerEntry): Layer {
  if (layers.some(({ type }) => type === example.type)) {
    return sequential([buildLayer(LayerSpec.parse(example))], [''])
  }
  const lossName = 'categorical_cross_entropy'
  const outputs = out[out.length - 1]
  return buildNetwork(ModelSpec.parse(example), { inputShape: input, outputs, lossName })
}

/** As a trainer leaves them, through a file. */
function tensorsOf(network: Layer, inputShape: readonly number[]): [string, readonly number[]][] {
  const { output, parameters } = network.plan(inputShape, 1, 'training')
  if (parameters.length === 0) return []
  const plan = planTraining({
    network,
    inputShape,
    trainingRows: 1,
    loss: meanSquaredError(),
    optimizer: sgd(),
    learningRate: 0.1,
    batchSize: 1,
    steps: 1,
    seed: 1,
  })
  const zeros = (shape: readonly number[]) => ({ values: new Float32Array(sizeOf(shape)) })
  const training = { inputs: zeros(inputShape), targets: zeros(output) }
  const trainer = createTrainer(plan, { training, opened: backend.open(plan.memoryBytes) })
  const { tensors } = decodeSafetensors(encodeSafetensors(trainer.weights()))
  return Object.entries(tensors).map(([name, { shape }]) => [name, shape])
}

test('docs/layers.md has every layer and every model of the schema, and no other', () => {
  const types = [...layers, ...models].map(({ type }) => type)
  expect(types).toContain('dense')
  expect(types).toContain('gpt')
  expect(Object.keys(entries).sort()).toEqual(types.sort())
})

describe.each([...layers, ...models])('docs/layers.md, $type', (schema) => {
  test('has the options of the schema, with their defaults', () => {
    expect(entries[schema.type].options).toStrictEqual(optionsOf(schema))
  })

  test('has the shape and the tensors that the engine makes of its example', () => {
    const { example, input, out, tensors } = entries[schema.type]
    const network = networkOf(entries[schema.type])

    expect(example.type).toBe(schema.type)
    expect(network.plan(input, 1, 'training').output).toEqual(out)
    expect(tensors).toEqual(tensorsOf(network, input))
  })
})

test('docs/layers.md has the learning rates of every schedule', () => {
  const rows = [...text.matchAll(/^\| `(\{"type".*\})` \|((?: [\d.]+ \|)+)$/gm)]
  const types = typesOf(z.toJSONSchema(ScheduleSpec, { io: 'input' })).map(({ type }) => type)
  expect(rows.map(([, spec]) => JSON.parse(spec).type)).toEqual(types)
  for (const [, spec, cells] of rows) {
    const rates = cells.match(/[\d.]+/g) ?? []
    const schedule = buildSchedule(ScheduleSpec.parse(JSON.parse(spec)))
    expect(rates).toEqual(rates.map((_, t) => schedule.factor(t, rates.length).toFixed(3)))
  }
})
