import { expect, test } from 'vitest'

import { dense, mlp, planPrediction, sequential } from '../../../src/engine/index.ts'

test('every byte, operation and parameter is counted, by hand', () => {
  const network = mlp({
    hidden: [6],
    activation: 'tanh',
    outputs: 3,
    outputActivation: 'softmax',
  })
  const plan = planPrediction({ network, inputShape: [2], maxRows: 8 })

  expect(plan.outputShape).toEqual([3])
  expect(plan.parameters).toBe(2 * 6 + 6 + 6 * 3 + 3)
  // Inputs 64, outputs 128 (96), parameters 64 + 64 + 128 + 64, and the outputs of dense, tanh and
  // dense by turns: two buffers of 8 * 6 numbers.
  expect(plan.memoryBytes).toBe(64 + 128 + 320 + 2 * 192)
  expect(plan.flopsPerRow).toBe(2 * 2 * 6 + 6 * 20 + 2 * 6 * 3 + 3 * 25)
})

test('depth costs weights, and nothing else', () => {
  const layers = (depth: number) =>
    sequential(Array.from({ length: depth }, () => dense({ units: 16 })))
  const bytesOf = (depth: number) =>
    planPrediction({ network: layers(depth), inputShape: [16], maxRows: 100 }).memoryBytes
  const oneLayer = (16 * 16 + 16) * 4

  expect(bytesOf(30) - bytesOf(10)).toBe(20 * oneLayer)
})
