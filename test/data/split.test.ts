import fc from 'fast-check'
import { expect, test } from 'vitest'

import { splitRows, validationRowsOf } from '../../src/data/split.ts'

const inOrder = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row)
const backwards = (rows: number) => inOrder(rows).reverse()

test('the first rows of the permutation are held out, both parts in the order of the file', () => {
  const permutation = Uint32Array.of(3, 0, 4, 1, 2)

  expect(splitRows({ rows: 5, fraction: 0.4, permutation })).toEqual({
    validation: Uint32Array.of(0, 3),
    training: Uint32Array.of(1, 2, 4),
  })
})

test.each([
  [10, 0.2, 2],
  [10, 0.25, 3],
  [10, 0.001, 1],
  [10, 0.999, 9],
  [2, 0.5, 1],
])('of %d rows a fraction of %d holds out %d', (rows, fraction, held) => {
  expect(validationRowsOf(rows, fraction)).toBe(held)
})

test('classes keep their proportions, by largest remainder', () => {
  const classes = Int32Array.from({ length: 20 }, (_, row) => (row < 10 ? 0 : row < 17 ? 1 : 2))
  const { validation } = splitRows({
    rows: 20,
    fraction: 0.25,
    classes,
    permutation: backwards(20),
  })

  // Shares of 5: 2.5, 1.75, 0.75. Floors 2, 1, 0; the largest remainders are those of classes 1 and 2.
  const held = [0, 1, 2].map(
    (code) => [...validation].filter((row) => classes[row] === code).length,
  )
  expect(held).toEqual([2, 2, 1])
})

test('a class of a single row goes to training', () => {
  const classes = Int32Array.of(0, 0, 0, 0, 0, 1)
  const { training } = splitRows({ rows: 6, fraction: 0.5, classes, permutation: backwards(6) })

  expect([...training]).toContain(5)
})

test('when all classes have a single row, some rows are held out all the same', () => {
  const classes = Int32Array.of(0, 1, 2, 3)
  const { training, validation } = splitRows({
    rows: 4,
    fraction: 0.5,
    classes,
    permutation: inOrder(4),
  })

  expect([training.length, validation.length]).toEqual([2, 2])
})

test('every row is on one side, in the predicted number, and no class is left out of training', () => {
  const cases = fc.integer({ min: 2, max: 60 }).chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      fraction: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      classes: fc.option(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: rows, maxLength: rows }),
        { nil: undefined },
      ),
      permutation: fc.shuffledSubarray([...inOrder(rows)], { minLength: rows, maxLength: rows }),
    }),
  )
  fc.assert(
    fc.property(cases, ({ rows, fraction, classes, permutation }) => {
      const { training, validation } = splitRows({
        rows,
        fraction,
        classes: classes && Int32Array.from(classes),
        permutation: Uint32Array.from(permutation),
      })

      expect(validation).toHaveLength(validationRowsOf(rows, fraction))
      expect([...training, ...validation].sort((a, b) => a - b)).toEqual([...inOrder(rows)])
      expect(training).toEqual(training.slice().sort())
      const names = new Set(classes)
      if (classes && validation.length <= rows - names.size) {
        const learned = new Set([...training].map((row) => classes[row]))
        expect(learned).toEqual(names)
      }
    }),
  )
})
