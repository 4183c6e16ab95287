/** @file Small operations on whole arrays, reference kernels. Sums are joined in double precision. */
import type { FloatArray } from '../../memory/float-array.ts'

/** x = 0 */
export function clear(
  x: FloatArray, // (n)
  n: number,
): void {
  // By hand where the call to a built-in would cost more than the loop.
  if (n > 64) x.fill(0)
  else for (let i = 0; i < n; i++) x[i] = 0
}

/** y = x */
export function copy(
  y: FloatArray, // (n)
  x: FloatArray, // (n)
  n: number,
): void {
  for (let i = 0; i < n; i++) y[i] = x[i]
}

/** x = x * factor */
export function scale(
  x: FloatArray, // (n)
  factor: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) x[i] *= factor
}

/** The sum of x. */
export function sum(
  x: FloatArray, // (n)
  n: number,
): number {
  let total = 0
  for (let i = 0; i < n; i++) total += x[i]
  return total
}

/** The sum of x^2. */
export function sumOfSquares(
  x: FloatArray, // (n)
  n: number,
): number {
  let total = 0
  for (let i = 0; i < n; i++) total += x[i] * x[i]
  return total
}
