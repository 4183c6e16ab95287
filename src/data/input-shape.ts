/** @file What a network sees of an image: an mlp all pixels in one row, layers its three dimensions. */
import type { ModelSpec } from '../contract/spec/model.ts'
import { sizeOf } from './task.ts'

export function inputShapeOf(
  shape: readonly number[],
  { type }: Pick<ModelSpec, 'type'>,
): readonly number[] {
  return type === 'mlp' ? [sizeOf(shape)] : shape
}
