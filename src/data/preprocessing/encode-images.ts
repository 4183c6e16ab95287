/** @file The images of a prediction as the network sees them. */
import type { PredictRow } from '../../contract/predictions.ts'
import type { ImagePreprocessing } from '../../contract/preprocessing.ts'
import { DataError, quoted } from '../data-error.ts'
import { sizeOf } from '../task.ts'

/** Returns (rows, channels * height * width). */
export function encodeImages(
  { shape, scale }: ImagePreprocessing,
  rows: readonly PredictRow[],
): Float32Array {
  const size = sizeOf(shape)
  const encoded = new Float32Array(rows.length * size)
  for (const [n, row] of rows.entries()) {
    const pixels = Object.hasOwn(row, 'pixels') ? row.pixels : undefined
    if (!Array.isArray(pixels) || pixels.length !== size) {
      const came = pixels === undefined ? 'nothing' : quoted(pixels)
      const expected = `expected ${size} numbers, ${shape.join(' × ')} (channels, height, width)`
      throw new DataError(`${expected}, got ${came}.`, { row: n + 1, column: 'pixels' })
    }
    for (let i = 0; i < size; i++) encoded[n * size + i] = pixels[i] * scale
  }
  return encoded
}
