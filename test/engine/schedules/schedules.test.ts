import { expect, test } from 'vitest'

import {
  constant,
  cosine,
  linear,
  oneCycle,
  type Schedule,
  step,
} from '../../../src/engine/index.ts'

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

test('linear falls in equal parts after its warm-up, and nears its end', () => {
  expect(factorsOf(linear(), 4)).toEqual([1, 0.75, 0.5, 0.25])
  const factors = factorsOf(linear({ finalFactor: 0.5, warmupSteps: 1 }), 6)
  for (const [i, factor] of [0.5, 1, 0.9, 0.8, 0.7, 0.6].entries()) {
    expect(factors[i]).toBeCloseTo(factor, 14)
  }
})

/** torch.optim.lr_scheduler.OneCycleLR(max_lr=1, anneal_strategy='cos'), by its formula. */
function torchOneCycle(steps: number, fraction: number, divisor: number, finalDivisor: number) {
  const anneal = (start: number, end: number, part: number) =>
    end + ((start - end) / 2) * (1 + Math.cos(Math.PI * part))
  const [initial, top, last] = [1 / divisor, fraction * steps - 1, steps - 1]
  return Array.from({ length: steps }, (_, step) =>
    step <= top
      ? anneal(initial, 1, step / top)
      : anneal(1, initial / finalDivisor, (step - top) / (last - top)),
  )
}

test('one cycle is as in PyTorch: up in 30 % of the steps, then down to almost nothing', () => {
  const given = { initialFactor: 0.1, finalFactor: 0.001 }
  const pairs = [
    [factorsOf(oneCycle(), 10), torchOneCycle(10, 0.3, 25, 1e4)],
    [factorsOf(oneCycle(), 37), torchOneCycle(37, 0.3, 25, 1e4)],
    [factorsOf(oneCycle({ ...given, warmupFraction: 0.25 }), 50), torchOneCycle(50, 0.25, 10, 100)],
    [factorsOf(oneCycle({ ...given, warmupSteps: 10 }), 50), torchOneCycle(50, 0.2, 10, 100)],
  ]
  for (const [factors, expected] of pairs) {
    for (const [i, factor] of expected.entries()) expect(factors[i]).toBeCloseTo(factor, 13)
  }
  expect(factorsOf(oneCycle(), 10)[2]).toBe(1)
  expect(factorsOf(oneCycle(), 10)[9]).toBeCloseTo(4e-6, 14)
})

test('one cycle of a step or two, and with no rise or no fall, is finite', () => {
  for (const warmupFraction of [0, 0.3, 0.5, 1]) {
    for (const steps of [1, 2, 3]) {
      const factors = factorsOf(oneCycle({ warmupFraction }), steps)
      expect(factors.every((factor) => factor > 0 && factor <= 1)).toBe(true)
    }
  }
})

test('options that make no sense are refused', () => {
  expect(() => step({ every: 0 })).toThrow('step: every must be an integer >= 1, got 0.')
  expect(() => step({ every: 5, factor: 2 })).toThrow('step: factor must be a number > 0 and <= 1')
  expect(() => cosine({ finalFactor: -1 })).toThrow('cosine: finalFactor')
  expect(() => linear({ finalFactor: 2 })).toThrow('linear: finalFactor')
  expect(() => oneCycle({ warmupFraction: 1.5 })).toThrow('one_cycle: warmupFraction')
  expect(() => oneCycle({ warmupSteps: 1.5 })).toThrow('one_cycle: warmupSteps')
  expect(() => oneCycle({ initialFactor: 2 })).toThrow('one_cycle: initialFactor')
  expect(() => oneCycle({ finalFactor: -1 })).toThrow('one_cycle: finalFactor')
  expect(() => constant({ warmupSteps: -1 })).toThrow('constant: warmupSteps')
})
