/** @file The sum of two arrays, reference kernel. */
import type { FloatArray } from '../../memory/float-array.ts'

/** y = y + x */
export function add(
  y: FloatArray, // (n)
  x: FloatArray, // (n)
  n: number,
): void {
  for (let i = 0; i < n; i++) y[i] += x[i]
}
