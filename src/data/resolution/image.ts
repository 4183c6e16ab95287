/** @file Columns as the pixels of an image: all must be numbers, and as many as the shape takes. */
import type { FeaturesSpec } from '../../contract/spec/spec.ts'
import { quoted } from '../data-error.ts'
import { sizeOf } from '../task.ts'
import type { Complaints } from './complaints.ts'
import type { Feature } from './features.ts'

const mostComplaints = 5

export function checkImage(
  { image }: FeaturesSpec,
  features: readonly Feature[],
  complaints: Complaints,
): void {
  if (image === undefined) return
  const unfit = features.filter(
    ({ type, missingIndicator }) => type !== 'numeric' || missingIndicator,
  )
  for (const { column, type } of unfit.slice(0, mostComplaints)) {
    const why = type === 'numeric' ? 'has missing values' : `is ${type}`
    const detail = `Column ${quoted(column)} ${why}, so it can be no pixel. Exclude it, or fill it in.`
    complaints.add('/features/image', 'not_a_pixel', detail)
  }
  const pixels = sizeOf(image.shape)
  if (pixels === features.length) return
  const detail = `An image of ${image.shape.join(' × ')} takes ${pixels} columns, but there are ${features.length}.`
  complaints.add('/features/image/shape', 'shape_mismatch', detail)
}
