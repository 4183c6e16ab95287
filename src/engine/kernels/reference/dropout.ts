/**
 * @file Dropout, reference kernels.
 *
 * Whether element i survives depends on the seed, the layer's stream, the step and i, and on nothing
 * else: block i / 4 of the counter-based stream, word i % 4.
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { philox } from '../../random/philox.ts'
import { randomPurposes } from '../../random/stream.ts'

const words = new Uint32Array(4)

/** y = x * mask, where mask is 0 with probability `rate` and 1 / (1 - rate) otherwise. */
export function dropoutForward(
  y: FloatArray, // (n)
  mask: FloatArray, // (n), saved for the backward pass
  x: FloatArray, // (n)
  rate: number, // in [0, 1)
  seedLow: number,
  seedHigh: number,
  stream: number, // one for each dropout layer
  step: number,
  n: number,
): void {
  const threshold = rate * 4294967296 // a word below it drops the element
  const scale = 1 / (1 - rate)
  for (let i = 0; i < n; i++) {
    const word = i % 4
    if (word === 0) {
      philox(words, i / 4, step, stream, randomPurposes.dropout, seedLow, seedHigh)
    }
    mask[i] = words[word] < threshold ? 0 : scale
    y[i] = x[i] * mask[i]
  }
}

/** From y = x * mask:  dx = dy * mask. */
export function dropoutBackward(
  dx: FloatArray, // (n)
  dy: FloatArray, // (n)
  mask: FloatArray, // (n), of the forward pass
  n: number,
): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * mask[i]
}
