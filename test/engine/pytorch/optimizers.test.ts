import { describe, test } from 'vitest'

import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, golden } from './golden.ts'
import { optimizerFactories } from './optimizer-factories.ts'

const { learningRate, start, gradients, cases } = golden('optimizers')

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, barAfterSteps }) => {
  const { kernels, array, arrayOf } = table.open(dtype)

  test.each(cases)('ten steps of $type $options end where PyTorch does', (expected) => {
    const optimizer = optimizerFactories[expected.type](expected.options)
    const p = arrayOf(start)
    const g = array(p.length)
    const slots = optimizer.slots.map(() => array(p.length))
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
