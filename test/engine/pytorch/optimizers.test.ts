import { describe, test } from 'vitest'

import { createFloatArray } from '../../../src/engine/memory/float-array.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, floatsOf, golden } from './golden.ts'
import { optimizerFactories } from './optimizer-factories.ts'

const { learningRate, start, gradients, cases } = golden('optimizers')

describe.each(tablesAndPrecisions)('$table, $dtype', ({ kernels, dtype, barAfterSteps }) => {
  test.each(cases)('ten steps of $type $options end where PyTorch does', (expected) => {
    const optimizer = optimizerFactories[expected.type](expected.options)
    const p = floatsOf(dtype, start)
    const g = createFloatArray(dtype, p.length)
    const slots = optimizer.slots.map(() => createFloatArray(dtype, p.length))
    const step = optimizer.bind({ p, g, slots, decays: true }, kernels)
    const products = new Float64Array(optimizer.factors.length).fill(1)
    for (const gradient of gradients) {
      g.set(gradient)
      for (const [i, factor] of optimizer.factors.entries()) products[i] *= factor
      step(learningRate, products)
    }

    expectClose(p, expected.after, barAfterSteps)
  })
})
