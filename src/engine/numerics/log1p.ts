/** @file log(1 + x) for x > -1, exact also where 1 + x rounds to 1. */
import { log } from './log.ts'

export function log1p(x: number): number {
  const sum = 1 + x
  // The rounding error of the sum is taken back by the ratio of what was meant to what was added.
  return sum === 1 ? x : (log(sum) * x) / (sum - 1)
}
