/** @file How images become numbers: nothing of it is fitted, so it is known before they are read. */
import type { ImagePreprocessing } from '../../contract/preprocessing.ts'
import type { ImageTask } from '../resolve-images.ts'

/** Of pixels from 0 to 255, to 0 to 1. */
const pixelScale = 1 / 255

export function imagePreprocessing({ shape, classes, outputs }: ImageTask): ImagePreprocessing {
  const target = { task: 'classification' as const, classes: [...classes], outputs }
  return { version: 1, kind: 'images', shape, scale: pixelScale, target }
}
