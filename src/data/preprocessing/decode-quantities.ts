/** @file Scaled quantities back in the units of the dataset. */
import type { AnswerEncoding } from '../../contract/preprocessing.ts'

/** Outputs or encoded targets of a regression, (rows, target columns). */
export function decodeQuantities(target: AnswerEncoding, encoded: ArrayLike<number>): Float64Array {
  if (target.task !== 'regression') return Float64Array.from(encoded)
  const { columns } = target
  return Float64Array.from(encoded, (value, i) => {
    const { offset, scale } = columns[i % columns.length]
    return value * scale + offset
  })
}
