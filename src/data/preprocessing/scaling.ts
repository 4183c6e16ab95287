/**
 * @file encoded = (value - offset) / scale: fitted on numbers of the training part, missing ones left
 * out. A column that is constant there keeps its scale, so nothing is divided by zero.
 */
import type { Scaling } from '../../contract/spec/spec.ts'
import { addTo, emptySummary, standardDeviationOf } from '../profile/numeric-summary.ts'

export interface FittedScaling {
  readonly offset: number
  readonly scale: number
  /** 0 where the training part has no value at all. */
  readonly mean: number
}

export function fitScaling(
  values: Float64Array,
  rows: Uint32Array,
  scaling: Scaling,
): FittedScaling {
  const summary = emptySummary()
  for (const row of rows) if (!Number.isNaN(values[row])) addTo(summary, values[row])
  const { count, mean, min, max } = summary
  if (count === 0 || scaling === 'none') return { offset: 0, scale: 1, mean }
  if (scaling === 'standardize') {
    return { offset: mean, scale: standardDeviationOf(summary) || 1, mean }
  }
  return { offset: min, scale: max - min || 1, mean }
}
