import { describe, test } from 'vitest'

import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  meanSquaredError,
} from '../../../src/engine/index.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, golden } from './golden.ts'

const factories = { meanSquaredError, binaryCrossEntropy, categoricalCrossEntropy }

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, bar }) => {
  const { kernels, array, arrayOf } = table.open(dtype)

  test.each(golden('losses'))('$type and its gradient are as in PyTorch', (expected) => {
    const { rows, outputs } = expected
    const plan = factories[expected.type]().plan([outputs], rows)
    const dy = array(rows * outputs)
    const y = arrayOf(expected.y)
    const targets = arrayOf(expected.targets)
    const saved = plan.saved.map(array)
    const loss = plan.bind({ y, dy, targets, saved }, kernels)

    expectClose([loss.forward(rows) / (rows * plan.terms)], [expected.loss], bar)
    loss.backward(rows)
    expectClose(dy, expected.dy, bar)
  })
})
