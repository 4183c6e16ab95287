import { expect, test } from 'vitest'

import { meanLoss } from '../../src/threads/mean-loss.ts'

const floats = (...values: number[]) => Float32Array.of(...values)

test('the mean of squares of all quantities of all rows', () => {
  expect(meanLoss('mean_squared_error', floats(1, 2, 3, 4), floats(1, 0, 3, 1))).toBe(13 / 4)
})

test('for two classes, the logarithm of what the right one was given', () => {
  const loss = meanLoss('binary_cross_entropy', floats(0.75, 0.25), floats(1, 0))

  expect(loss).toBeCloseTo(-Math.log(0.75), 12)
})

test('for more classes, the logarithm of what the right one was given', () => {
  const outputs = floats(0.5, 0.25, 0.25, 0.125, 0.75, 0.125)

  const loss = meanLoss('categorical_cross_entropy', outputs, floats(0, 1))

  expect(loss).toBeCloseTo((-Math.log(0.5) - Math.log(0.75)) / 2, 12)
})

test('a probability that rounded to 0 is a large loss, not an infinite one', () => {
  expect(meanLoss('binary_cross_entropy', floats(0), floats(1))).toBeCloseTo(103.6, 1)
  expect(meanLoss('categorical_cross_entropy', floats(0, 1), floats(0))).toBeCloseTo(103.6, 1)
})
