/** @file Whether the numbers of a column can be computed with: the engine does so in float32. */
import type { Column } from '../../contract/datasets.ts'
import { quoted } from '../data-error.ts'

const maxFloat32 = 3.4028234663852886e38

/** What is wrong, or null. */
export function rangeComplaint({ name, min, max }: Column): string | null {
  const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0))
  if (largest <= maxFloat32) return null
  const came = `Column ${quoted(name)} has values up to ${largest}`
  return `${came}; expected at most 3.4e38, the range of float32. Rescale or exclude it.`
}
