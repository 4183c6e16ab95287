/** @file A small dense layer, forward and backward: one call where a large one is a product and more. */
import { gemm, gemmFromBias } from './gemm.ts'
import { addColumnSums } from './sums.ts'

export function denseForward(
  y: usize, // (N, O)
  x: usize, // (N, I)
  weight: usize, // (O, I)
  bias: usize, // (O), or 0
  N: i32,
  I: i32,
  O: i32,
): void {
  gemmFromBias(y, bias, x, weight, N, O, I, I, 1, 1, I, O)
}

export function denseBackwardParameters(
  dweight: usize, // (O, I)
  dbias: usize, // (O), or 0
  dy: usize, // (N, O)
  x: usize, // (N, I)
  N: i32,
  I: i32,
  O: i32,
): void {
  gemm(dweight, dy, x, O, I, N, 1, O, I, 1, I, true)
  if (dbias) addColumnSums(dbias, dy, N, O, O)
}
