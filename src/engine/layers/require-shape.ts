/** @file Checks of the shape that a layer is given, with errors that name it and what it expects. */
import { EngineError } from '../errors.ts'
import { describeShape, type Shape, sizeOf } from '../shape.ts'

/** For a layer that works along the last dimension. */
export function requireChannels(owner: string, input: Shape): void {
  if (input.length > 0 && sizeOf(input) > 0) return
  throw new EngineError(
    'shape_mismatch',
    `${owner}: expected at least one channel, got ${describeShape(input)}.`,
  )
}

/** T and C of a sequence. */
export function requireSequence(owner: string, input: Shape): readonly [number, number] {
  if (input.length === 2 && sizeOf(input) > 0) return [input[0], input[1]]
  throw new EngineError(
    'shape_mismatch',
    `${owner}: expected a sequence, (time, channels), got ${describeShape(input)}.`,
  )
}

/** C of a sequence that so many heads share; turned by their position, each has two halves. */
export function requireHeads(owner: string, input: Shape, heads: number, rotary: boolean): number {
  const [, C] = requireSequence(owner, input)
  const multiple = rotary ? 2 * heads : heads
  if (C % multiple === 0) return C
  throw new EngineError(
    'shape_mismatch',
    `${owner}: expected channels that are a multiple of ${multiple}, for ${heads} heads${rotary ? ' of two halves' : ''}, got ${describeShape(input)}.`,
    { option: 'heads' },
  )
}
