import { describe, expect, test } from 'vitest'

import {
  attention,
  dense,
  embedding,
  gelu,
  type Layer,
  layerNorm,
  learnedPositions,
  relu,
  rmsNorm,
  sigmoid,
  sinusoidalPositions,
  softmax,
  tanh,
  transformerBlock,
} from '../../../src/engine/index.ts'
import { bindAlone } from '../bind-alone.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, golden, withoutZeros } from './golden.ts'

const factories: Readonly<Record<string, (options: never) => Layer>> = {
  dense,
  sigmoid,
  tanh,
  relu,
  gelu,
  softmax,
  layerNorm,
  rmsNorm,
  embedding,
  learnedPositions,
  sinusoidalPositions,
  attention,
  transformerBlock,
}

const cases = [...golden('layers'), ...golden('norms'), ...golden('sequence')].filter(
  ({ type }) => type in factories,
)

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, bar }) => {
  test.each(cases)('$type $options on $inputShape is as in PyTorch, both ways', (expected) => {
    const layer = factories[expected.type](expected.options as never)
    const { inputShape, rows, mask } = expected
    const bound = bindAlone(layer, { table, inputShape, rows, dtype, mask })
    const names = bound.plan.parameters.map(({ name }) => name)
    bound.x.set(expected.x)
    bound.dy.set(expected.dy)
    for (const [i, name] of names.entries()) bound.parameters[i].set(expected.parameters[name])
    bound.forward()
    bound.backward()

    expectClose(bound.y, expected.y, bar)
    if (expected.dx) expectClose(bound.dx, expected.dx, bar)
    expect([...names].sort()).toEqual(Object.keys(expected.gradients).sort())
    for (const [i, name] of names.entries()) {
      const zeros = expected.zeroGradients?.[name]
      const gradient = withoutZeros(bound.gradients[i], zeros)
      expectClose(gradient, withoutZeros(expected.gradients[name], zeros), bar)
    }
  })
})
