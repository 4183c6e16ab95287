/** @file The logistic function, 1 / (1 + exp(-x)): no overflow, as exp(-x) may be infinite. */
import { exp } from './exp.ts'

export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}
