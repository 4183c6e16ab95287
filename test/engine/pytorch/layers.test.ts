import { describe, test } from 'vitest'

import { bindAlone } from '../bind-alone.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, golden, withoutZeros } from './golden.ts'
import { layerFactories } from './layer-factories.ts'

const cases = [...golden('layers'), ...golden('vision'), ...golden('norms'), ...golden('sequence')]

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, bar }) => {
  test.each(cases)('$type $options on $inputShape is as in PyTorch, both ways', (expected) => {
    const layer = layerFactories[expected.type](expected.options as never)
    const { inputShape, rows, mask } = expected
    const bound = bindAlone(layer, { table, inputShape, rows, dtype, mask })
    const names = bound.plan.parameters.flatMap((p) => (p.trains === false ? [] : p.name))
    bound.x.set(expected.x)
    bound.dy.set(expected.dy)
    for (const [i, name] of names.entries()) bound.parameters[i].set(expected.parameters[name])
    bound.forward()
    bound.backward()

    expectClose(bound.y, expected.y, bar)
    if (expected.dx) expectClose(bound.dx, expected.dx, bar)
    for (const [i, name] of names.entries()) {
      const zeros = expected.zeroGradients?.[name]
      const gradient = withoutZeros(bound.gradients[i], zeros)
      expectClose(gradient, withoutZeros(expected.gradients[name], zeros), bar)
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
