/** @file Each layer forward and backward, on views of the memory of all. */
import { createHash } from 'node:crypto'

import {
  createRandomStream,
  type FloatArray,
  type OpenedMemory,
} from '../../../src/engine/index.ts'
import { createLayout, viewRegion } from '../../../src/engine/memory/layout.ts'
import { sizeOf } from '../../../src/engine/shape.ts'
import { type LayerCase, layerCases } from './layer-cases.ts'
import type { Hashes } from './run-in-team.ts'

export function hashLayers(opened: OpenedMemory): Hashes {
  return Object.fromEntries(layerCases.map((each) => [each.name, hashOf(each, opened)]))
}

/** All members make the same views; the first one fills them. */
function hashOf(
  { layer, inputShape, rows }: LayerCase,
  { kernels, memory, team }: OpenedMemory,
): string {
  const layout = createLayout('float32')
  const array = (length: number) => viewRegion(memory, 'float32', layout.reserve(length))
  const plan = layer.plan(inputShape, rows, 'training')
  const views = {
    x: array(rows * sizeOf(inputShape)),
    y: array(rows * sizeOf(plan.output)),
    dx: array(rows * sizeOf(inputShape)),
    dy: array(rows * sizeOf(plan.output)),
    parameters: plan.parameters.map(({ shape }) => array(sizeOf(shape))),
    gradients: plan.parameters.map(({ shape }) => array(sizeOf(shape))),
    saved: plan.saved.map(array),
    scratch: plan.scratch.map(array),
  }
  const { x, y, dx, dy, parameters, gradients } = views
  if (team.index === 0) {
    for (const scratch of [...views.scratch, ...views.saved]) scratch.fill(Number.NaN)
    for (const [i, values] of [x, dy, ...parameters, ...gradients].entries()) draw(values, i)
    for (const values of parameters) values.set(values.map(Math.abs)) // a variance is positive
  }
  const bound = plan.bind(views, {
    kernels,
    seed: 0,
    clock: { step: 1 },
    pulse: () => {},
    claimStream: () => 0,
  })
  team.meet()
  bound.forward(rows, 'train')
  bound.backward(rows)
  const hash = createHash('sha256')
  for (const values of [y, dx, ...parameters, ...gradients]) hash.update(Float32Array.from(values))
  team.meet() // or another member would write y while it is being hashed
  bound.forward(rows, 'evaluate')
  hash.update(Float32Array.from(y))
  team.meet()
  return hash.digest('hex')
}

function draw(values: FloatArray, seed: number): void {
  const { normal } = createRandomStream(seed, 'split')
  for (let i = 0; i < values.length; i++) values[i] = normal(i)
}
