import { expect, test } from 'vitest'

import { createPacer } from '../../src/threads/pacer.ts'

/** Works through slices of units that take `unitMs` each, and tells how long each slice was. */
function slices(unitMs: number, count: number): number[] {
  const pacer = createPacer()
  return Array.from({ length: count }, () => {
    const units = pacer.units()
    pacer.took(units, units * unitMs)
    return units * unitMs
  })
}

test('starts with a single unit, whatever it may cost', () => {
  expect(createPacer().units()).toBe(1)
})

test.each([0.001, 0.01, 0.4, 3, 20])('slices of units of %d ms stay within 50 ms', (unitMs) => {
  expect(Math.max(...slices(unitMs, 20))).toBeLessThanOrEqual(50)
})

test('slices of tiny units grow to about 25 ms within a few', () => {
  expect(slices(0.003, 6).at(-1)).toBeCloseTo(25, 1)
})

test('units longer than a slice are done one by one', () => {
  expect(slices(200, 5)).toEqual([200, 200, 200, 200, 200])
})

test('a clock that stands still does not make a slice endless', () => {
  const pacer = createPacer()
  pacer.took(1, 0)

  expect(pacer.units()).toBe(8)
})
