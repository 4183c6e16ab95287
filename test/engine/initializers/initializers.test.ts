import { expect, test } from 'vitest'

import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  torchLinear,
  uniform,
  zeros,
} from '../../../src/engine/index.ts'
import { createRandomStream } from '../../../src/engine/random/stream.ts'

const fans = { fanIn: 60, fanOut: 40 }

function valuesOf(initializer: Initializer): Float64Array {
  const values = new Float64Array(20_000).fill(NaN)
  initializer.fill(values, fans, createRandomStream(1, 'initialization'))
  return values
}

function deviationOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

test.each([
  { name: 'glorotUniform', create: glorotUniform, bound: Math.sqrt(6 / 100) },
  { name: 'heUniform', create: heUniform, bound: Math.sqrt(6 / 60) },
  { name: 'torchLinear', create: torchLinear, bound: 1 / Math.sqrt(60) },
  { name: 'uniform', create: () => uniform({ low: -0.3, high: 0.3 }), bound: 0.3 },
])('$name fills evenly up to its bound', ({ create, bound }) => {
  const values = valuesOf(create())
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0)

  expect(largest).toBeLessThanOrEqual(bound)
  expect(largest).toBeGreaterThan(0.999 * bound)
  expect(deviationOf(values) / (bound / Math.sqrt(3))).toBeCloseTo(1, 1)
})

test.each([
  { name: 'glorotNormal', create: glorotNormal, deviation: Math.sqrt(2 / 100) },
  { name: 'heNormal', create: heNormal, deviation: Math.sqrt(2 / 60) },
])('$name has its standard deviation, and tails', ({ create, deviation }) => {
  const values = valuesOf(create())

  expect(deviationOf(values) / deviation).toBeCloseTo(1, 1)
  expect(values.some((value) => Math.abs(value) > 3 * deviation)).toBe(true)
})

test('zeros are zeros', () => {
  expect(valuesOf(zeros()).every((value) => value === 0)).toBe(true)
})

test('uniform refuses bounds in the wrong order, and such that are none', () => {
  expect(() => uniform({ low: 0, high: NaN })).toThrow('uniform: high must be a number, got NaN.')
  expect(() => uniform({ low: -Infinity, high: 0 })).toThrow('uniform: low must be a number')
  expect(() => uniform({ low: 1, high: 0 })).toThrow('low must not be above high, got 1 and 0.')
})
