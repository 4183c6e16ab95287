/**
 * @file Extremes, mean and spread of numbers in one pass, by Welford's method: there is no sum of
 * squares that could overflow or cancel.
 */
export interface NumericSummary {
  count: number
  min: number
  max: number
  mean: number
  /** Sum of squared distances from the mean. */
  squares: number
  integer: boolean
}

export function emptySummary(): NumericSummary {
  return { count: 0, min: Infinity, max: -Infinity, mean: 0, squares: 0, integer: true }
}

export function addTo(summary: NumericSummary, value: number): void {
  summary.count += 1
  if (value < summary.min) summary.min = value
  if (value > summary.max) summary.max = value
  const distance = value - summary.mean
  summary.mean += distance / summary.count
  summary.squares += distance * (value - summary.mean)
  if (summary.integer && !Number.isInteger(value)) summary.integer = false
}

/** Of the population: divided by n. */
export function standardDeviationOf({ count, squares }: NumericSummary): number {
  return count === 0 ? 0 : Math.sqrt(squares / count)
}
