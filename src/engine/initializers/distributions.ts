/** @file The two distributions that initializers draw from, written into a parameter. */
import type { FloatArray } from '../memory/float-array.ts'
import type { RandomStream } from '../random/stream.ts'

export function fillUniform(
  values: FloatArray,
  random: RandomStream,
  low: number,
  high: number,
): void {
  for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * random.uniform(i)
}

export function fillNormal(values: FloatArray, random: RandomStream, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal(i)
}
