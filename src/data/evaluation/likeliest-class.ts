/** @file Which of some classes a network names: the first of the most probable. */

/** Of `width` probabilities from `from` on, or of the second of two classes alone. */
export function likeliestClass(outputs: Float32Array, from: number, width: number): number {
  if (width === 1) return outputs[from] > 0.5 ? 1 : 0
  let best = 0
  for (let i = 1; i < width; i++) if (outputs[from + i] > outputs[from + best]) best = i
  return best
}
