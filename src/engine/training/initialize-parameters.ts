/** @file The first values of all parameters: each from a random stream of its own. */
import type { FloatArray } from '../memory/float-array.ts'
import { createRandomStream } from '../random/stream.ts'
import type { ParameterArena } from './parameter-arena.ts'

export function initializeParameters(
  arena: ParameterArena,
  views: readonly FloatArray[],
  seed: number,
): void {
  for (const [index, { initializer, fans }] of arena.parameters.entries()) {
    initializer.fill(views[index], fans, createRandomStream(seed, 'initialization', index))
  }
}
