import { describe, test } from 'vitest'

import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  gelu,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
  relu,
  sigmoid,
  softmax,
  tanh,
} from '../../../src/engine/index.ts'
import { bindAlone } from '../bind-alone.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, golden } from './golden.ts'

const factories: Readonly<Record<string, (options: never) => Layer>> = {
  dense,
  sigmoid,
  tanh,
  relu,
  gelu,
  softmax,
  conv2d,
  maxPool2d,
  averagePool2d,
  globalAveragePool2d,
  flatten,
  batchNorm,
}

const cases = [
  ...golden('layers'),
  ...golden('vision'),
  ...golden('norms').filter(({ type }) => type === 'batchNorm'),
]

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, bar }) => {
  test.each(cases)('$type $options on $inputShape is as in PyTorch, both ways', (expected) => {
    const layer = factories[expected.type](expected.options as never)
    const { inputShape, rows } = expected
    const bound = bindAlone(layer, { table, inputShape, rows, dtype })
    const names = bound.plan.parameters.flatMap((p) => (p.trains === false ? [] : p.name))
    bound.x.set(expected.x)
    bound.dy.set(expected.dy)
    for (const [i, name] of names.entries()) bound.parameters[i].set(expected.parameters[name])
    bound.forward()
    bound.backward()

    expectClose(bound.y, expected.y, bar)
    expectClose(bound.dx, expected.dx, bar)
    for (const [i, name] of names.entries()) {
      expectClose(bound.gradients[i], expected.gradients[name], bar)
    }
    for (const [i, { name }] of bound.plan.parameters.entries()) {
      const statistics = expected.buffers?.[name]
      if (statistics) expectClose(bound.parameters[i], statistics, bar)
    }
    if (!expected.evaluated) return
    bound.forward(rows, 'evaluate')
    expectClose(bound.y, expected.evaluated, bar)
  })
})
