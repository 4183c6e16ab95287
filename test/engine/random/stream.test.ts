import { expect, test } from 'vitest'

import { createRandomStream, permutation } from '../../../src/engine/index.ts'

const positions = Array.from({ length: 20_000 }, (_, i) => i)

function meanAndVariance(values: number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  return [mean, squares / values.length]
}

test('uniform numbers fill [0, 1) evenly', () => {
  const { uniform } = createRandomStream(7, 'initialization')
  const values = positions.map(uniform)
  const [mean, variance] = meanAndVariance(values)

  expect(mean).toBeCloseTo(1 / 2, 2)
  expect(variance).toBeCloseTo(1 / 12, 2)
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(new Set(values).size).toBe(values.length)
})

test('normal numbers have mean 0, variance 1, and about 5 % beyond 1.96', () => {
  const { normal } = createRandomStream(7, 'initialization')
  const values = positions.map(normal)
  const [mean, variance] = meanAndVariance(values)

  expect(Math.abs(mean)).toBeLessThan(0.02)
  expect(Math.abs(variance - 1)).toBeLessThan(0.03)
  const tails = values.filter((value) => Math.abs(value) > 1.96).length / values.length
  expect(tails).toBeGreaterThan(0.045)
  expect(tails).toBeLessThan(0.055)
})

test('a position has its number, in whatever order it is asked for', () => {
  const forward = createRandomStream(3, 'split')
  const backward = createRandomStream(3, 'split')
  const some = positions.slice(0, 100)
  const expected = some.map((position) => forward.uniform(position))

  expect(some.toReversed().map((position) => backward.uniform(position))).toEqual(
    expected.toReversed(),
  )
})

test('seed, purpose and substream each make another stream', () => {
  const first = [
    createRandomStream(1, 'shuffle'),
    createRandomStream(2, 'shuffle'),
    createRandomStream(1 + 2 ** 32, 'shuffle'), // the upper word of the seed counts
    createRandomStream(1, 'split'),
    createRandomStream(1, 'shuffle', 1),
  ].map((stream) => stream.uniform(0))

  expect(new Set(first).size).toBe(first.length)
})

test('a permutation holds each row once, and is the same for the same seed', () => {
  const order = permutation(5, 'shuffle', 3, 1000)

  expect(Array.from(order).sort((a, b) => a - b)).toEqual(positions.slice(0, 1000))
  expect(permutation(5, 'shuffle', 3, 1000)).toEqual(order)
  expect(permutation(5, 'shuffle', 4, 1000)).not.toEqual(order)
})

test('every order of three rows is as likely', () => {
  const counts = new Map<string, number>()
  for (let epoch = 0; epoch < 6000; epoch++) {
    const order = permutation(1, 'shuffle', epoch, 3).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }

  expect(counts.size).toBe(6)
  // 1000 each, with a standard deviation of 29.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
