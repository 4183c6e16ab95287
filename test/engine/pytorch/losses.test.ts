import { describe, test } from 'vitest'

import {
  binaryCrossEntropy,
  categoricalCrossEntropy,
  meanSquaredError,
} from '../../../src/engine/index.ts'
import { createFloatArray } from '../../../src/engine/memory/float-array.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, floatsOf, golden } from './golden.ts'

const factories = { meanSquaredError, binaryCrossEntropy, categoricalCrossEntropy }

describe.each(tablesAndPrecisions)('$table, $dtype', ({ kernels, dtype, bar }) => {
  test.each(golden('losses'))('$type and its gradient are as in PyTorch', (expected) => {
    const { rows, outputs } = expected
    const plan = factories[expected.type]().plan([outputs], rows)
    const dy = createFloatArray(dtype, rows * outputs)
    const y = floatsOf(dtype, expected.y)
    const targets = floatsOf(dtype, expected.targets)
    const saved = plan.saved.map((length) => createFloatArray(dtype, length))
    const loss = plan.bind({ y, dy, targets, saved }, kernels)

    expectClose([loss.forward(rows) / (rows * plan.terms)], [expected.loss], bar)
    loss.backward(rows)
    expectClose(dy, expected.dy, bar)
  })
})
