/** @file Shapes: what one sample looks like. The rows of a batch are never part of a shape. */
export type Shape = readonly number[]

/** The number of elements of one sample; a scalar has one. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const dimension of shape) size *= dimension
  return size
}

/** C, the last dimension: the one that dense, softmax and norms work along. */
export function channelsOf(shape: Shape): number {
  return shape[shape.length - 1] ?? 1
}

/** How many vectors of C channels one sample holds: the product of all dimensions but the last. */
export function vectorsOf(shape: Shape): number {
  return sizeOf(shape.slice(0, -1))
}

/** `(64)`, or `(28, 28, 1)`: as errors show it. */
export function describeShape(shape: Shape): string {
  return `(${shape.join(', ')})`
}
