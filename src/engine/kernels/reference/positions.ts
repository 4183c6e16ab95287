/** @file What is added to a sequence by position, reference kernels; and the fixed waves to add. */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'
import { cosine, sine } from '../../numerics/sine-cosine.ts'

/** ln 10000: waves get longer from 2 pi to almost 10000 * 2 pi along the channels. */
export const LOG_LONGEST = 9.210340371976184

/** y[b, :, :] = x[b, :, :] + positions */
export function addPositions(
  y: FloatArray, // (B, T, C)
  x: FloatArray, // (B, T, C)
  positions: FloatArray, // (T, C)
  B: number,
  size: number, // T * C
): void {
  for (let b = 0; b < B; b++) {
    for (let i = 0; i < size; i++) y[b * size + i] = x[b * size + i] + positions[i]
  }
}

/** From y = x + positions:  dpositions += sum over b of dy[b, :, :]. */
export function addPositionsBackward(
  dpositions: FloatArray, // (T, C)
  dy: FloatArray, // (B, T, C)
  B: number,
  size: number, // T * C
): void {
  for (let i = 0; i < size; i++) {
    let sum = 0
    for (let b = 0; b < B; b++) sum += dy[b * size + i]
    dpositions[i] += sum
  }
}

/**
 * positions[t, c] = sin(t / 10000^(c / C)) for even c, and the cosine of the same for the odd one after.
 *
 * Reference: https://arxiv.org/abs/1706.03762
 */
export function fillSinusoids(
  positions: FloatArray, // (T, C)
  T: number,
  C: number,
): void {
  for (let c = 0; c < C; c += 2) {
    const frequency = exp((-LOG_LONGEST * c) / C)
    for (let t = 0; t < T; t++) {
      positions[t * C + c] = sine(t * frequency)
      if (c + 1 < C) positions[t * C + c + 1] = cosine(t * frequency)
    }
  }
}
