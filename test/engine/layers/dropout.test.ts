import { describe, expect, test } from 'vitest'

import { dropout } from '../../../src/engine/index.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

const size = 10_000

describe.each(kernelTables)('dropout on $name', (table) => {
  const bind = (rate: number, seed = 1) => {
    const bound = bindAlone(dropout({ rate }), { table, inputShape: [size], rows: 1, seed })
    bound.x.fill(3)
    return bound
  }

  test('loses its share of the elements and scales up the others', () => {
    const bound = bind(0.25)
    bound.forward()
    const lost = bound.y.filter((value) => value === 0).length / size

    expect(lost).toBeGreaterThan(0.235)
    expect(lost).toBeLessThan(0.265)
    expect(new Set(bound.y)).toEqual(new Set([0, 4])) // 3 / (1 - 0.25)
  })

  test('the gradient passes where the element survived, scaled alike', () => {
    const bound = bind(0.5)
    bound.dy.fill(1)
    bound.forward()
    bound.backward()

    expect(bound.dx.every((slope, i) => slope === (bound.y[i] === 0 ? 0 : 2))).toBe(true)
  })

  test('a step loses the same elements each time, another step or seed others', () => {
    const bound = bind(0.5)
    bound.forward()
    const first = bound.y.slice()
    bound.clock.step = 2
    bound.forward()
    const second = bound.y.slice()
    bound.clock.step = 1
    bound.forward()
    const other = bind(0.5, 2)
    other.forward()

    expect(bound.y).toEqual(first)
    expect(second).not.toEqual(first)
    expect(other.y).not.toEqual(first)
  })

  test('evaluation and rate 0 change nothing', () => {
    const bound = bind(0.9)
    bound.forward(1, 'evaluate')
    expect(bound.y).toEqual(bound.x)

    const idle = bind(0)
    idle.forward()
    expect(idle.y).toEqual(idle.x)
  })
})

test('refuses a rate that loses all, or is none', () => {
  expect(() => dropout({ rate: 1 })).toThrow('dropout: rate must be a number >= 0 and < 1, got 1.')
  expect(() => dropout({ rate: NaN })).toThrow('got NaN.')
})
