import { expect, test } from 'vitest'

import { constant, cosine, type Schedule, step } from '../../../src/engine/index.ts'

function factorsOf(schedule: Schedule, steps: number): number[] {
  return Array.from({ length: steps }, (_, at) => schedule.factor(at, steps))
}

test('constant stays, after a warm-up that neither starts at zero nor ends full', () => {
  expect(factorsOf(constant(), 3)).toEqual([1, 1, 1])
  expect(factorsOf(constant({ warmupSteps: 3 }), 5)).toEqual([0.25, 0.5, 0.75, 1, 1])
})

test('step falls by its factor every so many steps', () => {
  expect(factorsOf(step({ every: 2, factor: 0.5 }), 7)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
  expect(step({ every: 10 }).factor(10, 100)).toBe(0.1)
})

test('cosine starts full, is half way down in the middle, and nears its end', () => {
  const factors = factorsOf(cosine({ finalFactor: 0.1 }), 100)

  expect(factors[0]).toBe(1)
  expect(factors[50]).toBeCloseTo(0.55, 14)
  expect(factors[99]).toBeCloseTo(0.1 + 0.9 * 0.5 * (1 + Math.cos((Math.PI * 99) / 100)), 14)
  expect(factors.every((factor, i) => i === 0 || factor < factors[i - 1])).toBe(true)
})

test('cosine begins where its warm-up ends', () => {
  const factors = factorsOf(cosine({ warmupSteps: 10 }), 110)

  expect(factors.slice(0, 2)).toEqual([1 / 11, 2 / 11])
  expect(factors[10]).toBe(1)
  expect(factors[60]).toBeCloseTo(0.5, 14)
})

test('options that make no sense are refused', () => {
  expect(() => step({ every: 0 })).toThrow('step: every must be an integer >= 1, got 0.')
  expect(() => step({ every: 5, factor: 2 })).toThrow('step: factor must be a number > 0 and <= 1')
  expect(() => cosine({ finalFactor: -1 })).toThrow('cosine: finalFactor')
  expect(() => constant({ warmupSteps: -1 })).toThrow('constant: warmupSteps')
})
