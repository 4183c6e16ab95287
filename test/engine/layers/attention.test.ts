import { describe, expect, test } from 'vitest'

import { attention } from '../../../src/engine/index.ts'
import { expectGradientsToMatch } from '../../support/gradcheck.ts'
import { bindAlone } from '../bind-alone.ts'
import { kernelTables } from '../kernel-tables.ts'

const values = (length: number, shift = 0) =>
  Array.from({ length }, (_, i) => (((i + shift) * 7919) % 1013) / 400 - 1.2)

describe.each(kernelTables)('attention on $name', (table) => {
  test.each([
    { T: 1, C: 2, heads: 1 },
    { T: 5, C: 6, heads: 3, causal: true },
    { T: 6, C: 4, heads: 2, rotary: true, bias: false },
    { T: 7, C: 6, heads: 1, causal: true, dropout: 0.4 },
    // Past a block of 64 queries, and of the scores' sixteen partials.
    { T: 67, C: 2, heads: 1, causal: true, bias: false },
    { T: 66, C: 2, heads: 1, dropout: 0.2, bias: false },
  ])('the backward pass matches finite differences: %j', ({ T, C, ...options }) => {
    const [x, dy] = [values(2 * T * C), values(2 * T * C, 9)]

    expectGradientsToMatch(attention(options), { table, inputShape: [T, C], rows: 2, x, dy })
  })

  test('under a causal mask no token sees a later one', () => {
    const T = 70
    const bound = bindAlone(attention({ heads: 2, causal: true }), {
      table,
      inputShape: [T, 4],
      rows: 1,
    })
    bound.x.set(values(T * 4))
    bound.forward()
    const before = bound.y.slice()
    bound.x.fill(3, 66 * 4)
    bound.forward()

    expect(bound.y.slice(0, 66 * 4)).toEqual(before.slice(0, 66 * 4))
    expect(bound.y.slice(66 * 4)).not.toEqual(before.slice(66 * 4))
  })

  test('where all is padding nothing is gathered, and no gradient goes back', () => {
    const options = { table, inputShape: [3, 2], rows: 2, mask: [0, 0, 0, 1, 0, 1] }
    const bound = bindAlone(attention({ heads: 1 }), options)
    bound.parameters[3].set([5, 6])
    bound.x.set(values(12))
    bound.dy.fill(1)
    bound.forward()
    bound.backward()

    expect(Array.from(bound.y.slice(0, 6))).toEqual([5, 6, 5, 6, 5, 6])
    expect(bound.dx.slice(0, 6).every((slope) => slope === 0)).toBe(true)
    expect(bound.dx.slice(6).every(Number.isFinite)).toBe(true)
  })

  test('dropout loses looks in training alone, others in each step', () => {
    const bind = (dropout: number) => {
      const bound = bindAlone(attention({ heads: 2, dropout }), {
        table,
        inputShape: [6, 4],
        rows: 2,
      })
      bound.x.set(values(48))
      return bound
    }
    const [bound, whole] = [bind(0.5), bind(0)]
    whole.forward()
    bound.forward(2, 'evaluate')
    expect(bound.y).toEqual(whole.y)

    bound.forward()
    const first = bound.y.slice()
    expect(first).not.toEqual(whole.y)
    bound.clock.step = 2
    bound.forward()
    expect(bound.y).not.toEqual(first)
    bound.clock.step = 1
    bound.forward()
    expect(bound.y).toEqual(first)
  })

  test('a prediction keeps nothing and says the same', () => {
    const layer = attention({ heads: 2, rotary: true })
    const trained = bindAlone(layer, { table, inputShape: [5, 4], rows: 1 })
    trained.x.set(values(20))
    trained.forward(1, 'evaluate')
    const plan = layer.plan([5, 4], 1, 'prediction')
    const { kernels, array, arrayOf } = table.open()
    const y = array(20)
    const views = {
      x: arrayOf(trained.x),
      y,
      dx: null,
      dy: array(0),
      parameters: trained.parameters.map(arrayOf),
      gradients: [],
      saved: [],
      scratch: plan.scratch.map(array),
    }
    const context = { kernels, seed: 1, clock: { step: 0 }, pulse() {}, claimStream: () => 0 }
    plan.bind(views, context).forward(1, 'evaluate')

    expect(plan.saved).toEqual([])
    expect(y).toEqual(trained.y)
  })
})

test('no more than two numbers a query are kept beside the outputs, however long the sequence', () => {
  const [rows, T, C, H] = [3, 200, 8, 2]
  const { saved } = attention({ heads: H, causal: true }).plan([T, C], rows, 'training')

  expect(saved).toEqual([rows * T * 3 * C, rows * T * C, rows * H * T * 2])
})

test('what cannot be is refused, by name and shape', () => {
  const plan = (heads: number, shape: number[], rotary = false) =>
    attention({ heads, rotary }).plan(shape, 1, 'training')

  expect(() => plan(3, [5, 8])).toThrow(
    'attention: expected channels that are a multiple of 3, for 3 heads, got (5, 8).',
  )
  expect(() => plan(4, [5, 4], true)).toThrow(
    'expected channels that are a multiple of 8, for 4 heads of two halves, got (5, 4).',
  )
  expect(() => plan(1, [5])).toThrow('attention: expected a sequence, (time, channels), got (5).')
  expect(() => attention({ heads: 0 })).toThrow('attention: heads must be an integer >= 1, got 0.')
  expect(() => attention({ heads: 1, dropout: 1 })).toThrow('attention: dropout must be')
})
