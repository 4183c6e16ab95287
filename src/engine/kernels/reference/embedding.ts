/** @file Rows of a matrix by token, reference kernels. Tokens are whole numbers from 0, as floats. */
import type { FloatArray } from '../../memory/float-array.ts'

/** y[n, :] = weight[tokens[n], :] */
export function embeddingForward(
  y: FloatArray, // (N, C)
  tokens: FloatArray, // (N)
  weight: FloatArray, // (V, C)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const from = tokens[n] * C
    for (let c = 0; c < C; c++) y[n * C + c] = weight[from + c]
  }
}

/** From y[n, :] = weight[tokens[n], :]:  dweight[tokens[n], :] += dy[n, :], in order of n. */
export function embeddingBackward(
  dweight: FloatArray, // (V, C)
  dy: FloatArray, // (N, C)
  tokens: FloatArray, // (N)
  N: number,
  C: number,
): void {
  for (let n = 0; n < N; n++) {
    const to = tokens[n] * C
    for (let c = 0; c < C; c++) dweight[to + c] += dy[n * C + c]
  }
}
